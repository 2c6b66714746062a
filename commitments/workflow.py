"""The two doors to progress updates: `write` makes and edits drafts, `perform` moves them.

Nothing else writes an update's state or a commitment's current status. Both take locks in the
order plan, commitment, updates by id, head of the ledger; then they check; then they write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments import drafts, policies, storage
from commitments.choices import EDITABLE_STATES, PUBLIC_ACTIONS, Action, Role, State, Status
from commitments.clocks import local_day
from commitments.drafts import EvidenceChanges
from commitments.exceptions import (
    DuplicateReference,
    InvalidUpdate,
    NotPermitted,
    Problem,
    StaleRevision,
    TrackerError,
    TransitionRefused,
)
from commitments.locks import locked_commitment, locked_plans, locked_update
from commitments.models import Commitment, Evidence, Plan, ProgressUpdate
from commitments.transitions import TRANSITIONS, Act, Transition

if TYPE_CHECKING:
    from commitments.roles import Person

NO_EVIDENCE_CHANGES = EvidenceChanges()


def allowed_actions(user: Person, update: ProgressUpdate) -> list[Action]:
    """The acts that this person could do with this update now, in the table's order."""
    return [
        action
        for action, transition in TRANSITIONS.items()
        if update.state in transition.sources and transition.allowed(user, update)
    ]


def may_write(user: Person, update: ProgressUpdate) -> bool:
    """Whether this person could edit this update now."""
    return update.state in EDITABLE_STATES and policies.may_edit(user, update)


def perform(
    update: ProgressUpdate,
    action: Action,
    *,
    by: User,
    at: datetime,
    seen: int,
    note: str = "",
    meta: Mapping[str, Any] | None = None,
    **details: Any,
) -> ProgressUpdate:
    """Does one act of the table; gives the update as it then stands.

    `seen` is the revision that the caller was shown. `meta` is published with the entry.
    `archive` takes `evidence` (id) and `archived_url`; `reassign` takes `to` (a user).
    Raises NotPermitted, TransitionRefused or StaleRevision, and then has changed nothing.
    """
    transition = _asked_for(action, details)
    note = note.strip()
    with transaction.atomic():
        plan, update = locked_update(update)
        if not transition.allowed(by, update):
            raise NotPermitted(
                _("Update %(id)s: “%(action)s” is for %(who)s.")
                % {"id": update.pk, "action": action.label, "who": transition.who()}
            )
        _check_state(update, action, transition)
        _check_seen(update, seen)
        act = Act(
            plan, update, action, by, at, _role(action, by, update), note, dict(meta or {}), details
        )
        _check_act(act, transition)
        _move(act, transition)
    return update


def _asked_for(action: Action, details: Mapping[str, Any]) -> Transition:
    """The act's row of the table. Acts that only follow from others are in no row."""
    if action not in TRANSITIONS:
        raise TransitionRefused(
            _("“%(action)s” is not asked for: it follows from other acts.")
            % {"action": action.label}
        )
    unknown = set(details) - set(TRANSITIONS[action].takes)
    if unknown:
        raise TypeError(f"not a detail of {action}: {', '.join(sorted(unknown))}")
    return TRANSITIONS[action]


def _move(act: Act, transition: Transition) -> None:
    update = act.update
    act.recorded_at = act.record(act.action, update).at
    if transition.target is not None:
        update.state = transition.target
    if transition.effect:
        transition.effect(act)
    _touch(update, act.at)
    if act.action is Action.PUBLISH and update.corrects is not None:
        _supersede(act, update.corrects)
    if act.action in PUBLIC_ACTIONS:
        _refresh_claim(update.commitment)
        Plan.objects.filter(pk=act.plan.pk).move_revision()


def _supersede(act: Act, target: ProgressUpdate) -> None:
    """The correction is out: what it corrects no longer counts. Its lock is held, and
    `drafts.missing_for_submission` has seen that it is published."""
    decision = act.record(Action.SUPERSEDE, target)
    target.state = State.SUPERSEDED
    target.superseded_at = decision.at
    _touch(target, act.at)


def _touch(update: ProgressUpdate, at: datetime) -> None:
    update.revision += 1
    update.changed_at = at
    update.save()


def _refresh_claim(commitment: Commitment) -> None:
    """Copies the current claim to its commitment."""
    claim = commitment.updates.published().claims().first()
    status = claim.status if claim and claim.status else Status.UNASSESSED
    # Not `save()`, which would begin another row of the commitment's history.
    Commitment.objects.filter(pk=commitment.pk).update(status=status, status_update=claim)
    commitment.status, commitment.status_update = status, claim


def _role(action: Action, by: User, update: ProgressUpdate) -> Role:
    """The role in which the act is done: a curator may discard what others wrote."""
    if action is Action.DISCARD and not policies.is_author(by, update):
        return Role.CURATOR
    return TRANSITIONS[action].role


def _check_state(update: ProgressUpdate, action: Action, transition: Transition) -> None:
    if update.state not in transition.sources:
        raise TransitionRefused(
            _("Update %(id)s is “%(state)s”; “%(action)s” is possible from: %(sources)s.")
            % {
                "id": update.pk,
                "state": State(update.state).label,
                "action": action.label,
                "sources": ", ".join(str(state.label) for state in transition.sources),
            }
        )


def _check_seen(update: ProgressUpdate, seen: int) -> None:
    if seen != update.revision:
        raise StaleRevision(
            _("Update %(id)s was changed since you were shown it. Read it again.")
            % {"id": update.pk}
        )


def _check_act(act: Act, transition: Transition) -> None:
    problems = []
    if transition.note_required and not act.note:
        problems.append(Problem(("note",), _("Say why: this act needs a note.")))
    if transition.complete:
        problems += drafts.missing_for_submission(act.update)
    if transition.check:
        problems += transition.check(act)
    if problems:
        raise TransitionRefused(
            _("Update %(id)s: “%(action)s” is not possible yet.")
            % {"id": act.update.pk, "action": act.action.label},
            problems,
        )


def write(
    update: ProgressUpdate,
    *,
    by: User,
    at: datetime,
    seen: int | None = None,
    evidence: EvidenceChanges = NO_EVIDENCE_CHANGES,
    **fields: Any,
) -> ProgressUpdate:
    """Makes a draft of an unsaved update (its commitment set), or edits a draft or returned one.

    `fields` are those of `drafts.FIELDS`; what is not given stays. The editor is recorded. No
    decision is written. Gives the update as stored.
    Raises NotPermitted, TransitionRefused, StaleRevision, InvalidUpdate, DuplicateReference or
    FileTooLarge, and then has changed nothing and kept no file.
    """
    unknown = set(fields) - set(drafts.FIELDS)
    if unknown:
        raise TypeError(f"not a field that an author sets: {', '.join(sorted(unknown))}")
    with storage.undone_on_failure(), transaction.atomic():
        plan, update = _writable(update, by, seen)
        forums = fields.pop("forums", None)
        was_on, was_precision = update.effective_on, update.date_precision
        is_new = update.pk is None
        for name, value in fields.items():
            setattr(update, name, value)
        if is_new:
            update.author, update.created_at = by, at
        if update.corrects_id is not None:
            # As it stands under the commitment's lock, not as the caller knew it.
            update.corrects = ProgressUpdate.objects.get(pk=update.corrects_id)
        update.changed_at = at
        changed, problems = drafts.evidence_after(update, evidence)
        if not is_new:
            problems += drafts.sharper_than_known(update, was_on, was_precision)
        problems += drafts.settle_day(update, local_day(at, plan.time_zone))
        problems += drafts.problems_of(update)
        if problems:
            raise InvalidUpdate(_("The update cannot be saved as it is."), problems)
        drafts.check_reference(update)
        _touch(update, at)
        update.editors.add(by)
        if forums is not None:
            update.forums.set(forums)
        _write_evidence(update, changed, evidence.remove)
    return ProgressUpdate.objects.get(pk=update.pk)


def write_all(
    pairs: Iterable[tuple[ProgressUpdate, Mapping[str, Any]]], *, by: User, at: datetime
) -> list[ProgressUpdate]:
    """Makes drafts of unsaved updates, each with the fields that `write` takes (`evidence` too),
    all or none.

    Raises NotPermitted if one may not be written, else InvalidUpdate; with all that is wrong with
    any of them, each path beginning with the draft's place in the list.
    """
    made: list[ProgressUpdate] = []
    problems: list[Problem] = []
    refusal: type[NotPermitted | InvalidUpdate] = InvalidUpdate
    with storage.undone_on_failure(), transaction.atomic():
        # They may be of several plans: all locks in their order, before the first is needed.
        locked_plans()
        for index, (update, fields) in enumerate(pairs):
            try:
                with transaction.atomic():
                    made.append(write(update, by=by, at=at, **fields))
            except TrackerError as error:
                if isinstance(error, NotPermitted):
                    refusal = NotPermitted
                place = ("external_ref",) if isinstance(error, DuplicateReference) else ()
                found = error.problems or [Problem(place, str(error))]
                problems += [Problem((index, *one.path), one.message) for one in found]
        if problems:
            raise refusal(_("None of the updates was written."), problems)
    return made


def _write_evidence(
    update: ProgressUpdate, changed: Iterable[Evidence], removed: Collection[int]
) -> None:
    gone = update.evidence.filter(pk__in=removed)
    for name in gone.exclude(file="").values_list("file", flat=True):
        storage.drop_later(name)
    gone.delete()
    for item in changed:
        item.update = update
        if item.file and item.pk is None:
            storage.keep(item)
        item.save()


def _writable(update: ProgressUpdate, by: User, seen: int | None) -> tuple[Plan, ProgressUpdate]:
    """The update, locked, if this person may write it now."""
    if update.pk is None:
        plan, commitment = locked_commitment(update.commitment_id)
        if not policies.may_report(by, commitment):
            raise NotPermitted(_may_not_report(commitment))
        # What an author sets is taken over; a state or a publisher on the object is not.
        content = {name: getattr(update, name) for name in drafts.FIELDS if name != "forums"}
        update = ProgressUpdate(commitment=commitment)
        for name, value in content.items():
            setattr(update, name, value)
        return plan, update
    plan, update = locked_update(update)
    if not policies.may_edit(by, update):
        raise NotPermitted(
            _(
                "Update %(id)s may be edited by its author, or by a reporter of the commitment's "
                "lead or supporting office."
            )
            % {"id": update.pk}
        )
    if update.state not in EDITABLE_STATES:
        raise TransitionRefused(
            _("Update %(id)s is “%(state)s” and can no longer be edited.")
            % {"id": update.pk, "state": State(update.state).label}
        )
    if seen is not None:
        _check_seen(update, seen)
    return plan, update


def _may_not_report(commitment: Commitment) -> str:
    """With whoever may instead, which no secret is."""
    offices = {office.code for office in commitment.supporting_offices.all()}
    if commitment.lead_office is not None:
        offices.add(commitment.lead_office.code)
    if not offices:
        return _("You may not report on %(code)s.") % {"code": commitment.code}
    sentence = _("You may not report on %(code)s: that is for reporters of %(offices)s.")
    return sentence % {"code": commitment.code, "offices": ", ".join(sorted(offices))}
