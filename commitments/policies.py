"""Who may do what: plain predicates that every layer below asks. None of them looks at states;
which act is possible from which state stands in `workflow.TRANSITIONS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commitments.choices import PUBLIC_ACTIONS, PUBLIC_NOTE_ACTIONS, Action, Role, State
from commitments.roles import is_staff, offices_of, roles_of

if TYPE_CHECKING:
    from commitments.models import AccessToken, Commitment, Decision, Evidence, ProgressUpdate
    from commitments.roles import Person


def is_reporter(user: Person) -> bool:
    """Whether the person reports at all."""
    return Role.REPORTER in roles_of(user)


def is_reviewer(user: Person) -> bool:
    """Whether the person reviews at all."""
    return Role.REVIEWER in roles_of(user)


def may_report(user: Person, commitment: Commitment) -> bool:
    """A reporter reports on a commitment without offices, else as a member of one of them."""
    if not is_reporter(user):
        return False
    offices = _offices(commitment)
    return not offices or bool(offices & offices_of(user))


def may_submit(user: Person, update: ProgressUpdate) -> bool:
    """Its author, or a member of the commitment's lead or supporting office; a reporter."""
    return is_reporter(user) and (
        is_author(user, update) or bool(_offices(update.commitment) & offices_of(user))
    )


def may_edit(user: Person, update: ProgressUpdate) -> bool:
    """Whoever may submit it."""
    return may_submit(user, update)


def may_recall(user: Person, update: ProgressUpdate) -> bool:
    """Its author."""
    return is_staff(user) and is_author(user, update)


def may_discard(user: Person, update: ProgressUpdate) -> bool:
    """Its author, or a curator."""
    return may_recall(user, update) or may_curate(user)


def may_review(user: Person, update: ProgressUpdate) -> bool:
    """A reviewer who neither wrote nor edited it. No exception: superusers included."""
    return is_reviewer(user) and not wrote(user, update)


def may_retract(user: Person, update: ProgressUpdate) -> bool:
    """A reviewer other than the author."""
    return is_reviewer(user) and not is_author(user, update)


def may_archive(user: Person, update: ProgressUpdate) -> bool:
    """A reviewer other than the author."""
    return may_retract(user, update)


def may_reassign(user: Person, update: ProgressUpdate) -> bool:
    """A curator, once the author is deactivated."""
    return may_curate(user) and not update.author.is_active


def may_curate(user: Person) -> bool:
    """Plans, forums, offices, milestones and assignments are a curator's."""
    return Role.CURATOR in roles_of(user)


def may_see_all_tokens(user: Person) -> bool:
    """A superuser, to revoke those of others."""
    return user.is_active and getattr(user, "is_superuser", False)


def may_revoke(user: Person, token: AccessToken) -> bool:
    """Its owner, or a superuser."""
    return token.user_id == user.pk or may_see_all_tokens(user)


def kind_is_fixed(commitment: Commitment) -> bool:
    """A commitment's kind cannot change once a claim on it has been published."""
    return commitment.updates.filter(status__isnull=False, published_at__isnull=False).exists()


def may_see_content(user: Person, update: ProgressUpdate) -> bool:
    """Whether text and files of an update that this person may know of are shown to them:
    of a retracted one the public sees a tombstone only."""
    return update.state != State.RETRACTED or is_staff(user)


def may_see_internal(user: Person) -> bool:
    """Internal evidence, and the notes of acts that are not public, are for staff."""
    return is_staff(user)


def entry_is_public(decision: Decision) -> bool:
    """Public acts publish their entry. What was archived of an update that is now retracted is
    for staff: the address leads to its evidence."""
    tombstone = decision.update is not None and decision.update.state == State.RETRACTED
    hidden = tombstone and decision.action == Action.ARCHIVE
    return decision.action in PUBLIC_ACTIONS and not hidden


def note_is_public(decision: Decision) -> bool:
    """Public acts give their reason; a note with a publication is for its author."""
    return decision.action in PUBLIC_NOTE_ACTIONS and entry_is_public(decision)


def may_see_note(user: Person, decision: Decision) -> bool:
    """Notes that are not public are for staff."""
    return note_is_public(decision) or is_staff(user)


def shown_evidence(user: Person, update: ProgressUpdate) -> list[Evidence]:
    """The pieces of a visible update's evidence that this person is shown, by id."""
    if not may_see_content(user, update):
        return []
    rows = sorted(update.evidence.all(), key=lambda item: item.pk)
    return rows if may_see_internal(user) else [item for item in rows if item.public]


def shown_decisions(user: Person, update: ProgressUpdate) -> list[Decision]:
    """The acts on a visible update that this person is shown, first to last."""
    rows = sorted(update.decisions.all(), key=lambda row: row.seq)
    return rows if is_staff(user) else [row for row in rows if entry_is_public(row)]


def is_author(user: Person, update: ProgressUpdate) -> bool:
    return user.pk is not None and update.author_id == user.pk


def wrote(user: Person, update: ProgressUpdate) -> bool:
    """Whether the person is the author or ever edited it."""
    return is_author(user, update) or any(editor.pk == user.pk for editor in update.editors.all())


def _offices(commitment: Commitment) -> set[int]:
    offices = {office.pk for office in commitment.supporting_offices.all()}
    if commitment.lead_office_id is not None:
        offices.add(commitment.lead_office_id)
    return offices
