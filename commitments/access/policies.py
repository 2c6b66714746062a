"""Permissions: who may do what. Every interface calls these functions.

They depend on the state of an update only where visibility does; which action is possible in which
state is defined in `workflow.transitions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import prefetch_related_objects

from commitments.access.managers import (
    access_givers,
    account_managers_of,
    managers_among,
    reach_of,
)
from commitments.choices import (
    PUBLIC_ACTIONS,
    PUBLIC_CONTENT_STATES,
    PUBLIC_NOTE_ACTIONS,
    UNPUBLISHED_STATES,
    Action,
    Role,
    State,
    Visibility,
)
from commitments.models import Commitment
from commitments.models.base import rows_in
from commitments.roles import (
    administrators,
    holders_of,
    is_staff,
    offices_of,
    plan_limits,
    roles_of,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from commitments.models import (
        AccessToken,
        Decision,
        Evidence,
        Meeting,
        Plan,
        ProgressUpdate,
        Publisher,
        Rating,
    )
    from commitments.models.administrator_requests import AdministratorRequest
    from commitments.roles import Person

# The actions between the first submission and publication.
REVIEW_ACTIONS = (Action.SUBMIT, Action.RECALL, Action.RATE, Action.RETURN)


def is_reporter(user: Person) -> bool:
    return Role.REPORTER in roles_of(user)


def is_reviewer(user: Person) -> bool:
    return Role.REVIEWER in roles_of(user)


def may_report(user: Person, commitment: Commitment) -> bool:
    """Return whether the user is a reporter and, if the commitment has offices, a member of one."""
    if not is_reporter(user):
        return False
    offices = _offices(commitment)
    return not offices or bool(offices & offices_of(user))


def who_may_report(commitment: Commitment) -> QuerySet[User]:
    """Return the persons for whom `may_report` holds, by their user names."""
    people, offices = holders_of(Role.REPORTER), _offices(commitment)
    return people.filter(offices__in=offices).distinct() if offices else people


def may_report_at_all(user: Person) -> bool:
    """Return whether there is a commitment on which the user may report."""
    return Commitment.objects.reportable_by(user).exists()


def may_submit(user: Person, update: ProgressUpdate) -> bool:
    """Return whether the user is a reporter and either the author or a member of an office of the
    commitment."""
    return is_reporter(user) and (
        is_author(user, update) or bool(_offices(update.commitment) & offices_of(user))
    )


def may_become(plan: Plan, visibility: str) -> bool:
    """Return whether a plan may get this visibility: one that has been public does not become a
    draft again, since readers have seen it."""
    return visibility != Visibility.DRAFT or plan.is_draft


def may_edit(user: Person, update: ProgressUpdate) -> bool:
    return may_submit(user, update)


def may_recall(user: Person, update: ProgressUpdate) -> bool:
    return is_staff(user) and is_author(user, update)


def may_discard(user: Person, update: ProgressUpdate) -> bool:
    return may_recall(user, update) or may_curate(user)


def may_review(user: Person, update: ProgressUpdate) -> bool:
    """Return whether the user is a reviewer who may review the work of everybody who wrote, edited
    or submitted the update. Superusers are no exception. Nobody reviews an assessment that is
    `rated_blind` if they could have read it while it was written."""
    if not is_reviewer(user) or not contributors(update).isdisjoint(not_reviewed_by(user)):
        return False
    return not (is_rated_blind(update) and may_edit(user, update))


def is_rated_blind(update: ProgressUpdate) -> bool:
    """Return whether a second person has to rate the assessment before it is published."""
    return update.status is not None and update.commitment.plan.rates_blind


def may_rate(user: Person, update: ProgressUpdate) -> bool:
    return is_rated_blind(update) and may_review(user, update)


def has_rated(user: Person, update: ProgressUpdate) -> bool:
    """Return whether the user has rated the update, in its present or an earlier version."""
    return any(
        row.action == Action.RATE and row.actor_id == user.pk
        for row in rows_in(update, "decisions")
    )


def is_withheld(user: Person, update: ProgressUpdate) -> bool:
    """Return whether what an assessment finds is still hidden from the user, because any reviewer
    who took no part in it may be the one to rate it. `ProgressUpdateQuerySet.with_is_withheld` is
    the same rule for lists."""
    if update.state not in UNPUBLISHED_STATES or not is_rated_blind(update):
        return False
    if not is_reviewer(user) or user.pk in contributors(update) or may_edit(user, update):
        return False
    return not has_rated(user, update)


def not_reviewed_by(user: Person) -> frozenset[int]:
    """Return the ids of the persons whose work the user must not review: their own, that of
    everybody who gave the user's account access and could therefore use it, and that of the
    programs that one of these persons could use."""
    managers, services = reach_of(user)
    return managers | services | ({user.pk} if user.pk is not None else set())


def may_retract(user: Person, update: ProgressUpdate) -> bool:
    return is_reviewer(user) and not is_author(user, update)


def may_archive(user: Person, update: ProgressUpdate) -> bool:
    return may_retract(user, update)


def may_reassign(user: Person, update: ProgressUpdate) -> bool:
    return may_curate(user) and not is_reporter(update.author)


def may_confirm_time(user: Person) -> bool:
    """Return whether the user may confirm that the clock is right where it disagrees with the
    ledger."""
    return _is_administrator(user)


def may_request_erasure(user: Person) -> bool:
    """Return whether the user may ask that something be erased for good."""
    return _is_administrator(user)


def are_independent(one: Person, other: Person) -> bool:
    """Return whether no one person could use both accounts: neither person gave the other's account
    access, and no third person gave both access."""
    holders = [{person.pk, *account_managers_of(person)} for person in (one, other)]
    return holders[0].isdisjoint(holders[1])


def may_curate(user: Person) -> bool:
    """Return whether the user may change plans, forums, offices, milestones and assignments."""
    return Role.CURATOR in roles_of(user)


def may_answer_for(user: Person, meeting: Meeting) -> bool:
    """Return whether the user may say that there is nothing to report from a meeting, or take that
    back: a curator, or a reporter whose office attends or who may report on a commitment of its
    forum."""
    if may_curate(user):
        return True
    if not is_reporter(user):
        return False
    if offices_of(user) & {row.pk for row in meeting.offices.all()}:
        return True
    commitments = Commitment.objects.for_forums([meeting.forum])
    return commitments.reportable_by(user).exists()


def may_administer(user: Person) -> bool:
    """Return whether the user may see what only administrators see: accounts, requests, and the
    status of the site."""
    return _is_administrator(user)


def may_manage_accounts(user: Person) -> bool:
    """Return whether a person may make and change accounts: an administrator."""
    return _is_administrator(user)


def may_manage_webhooks(user: Person) -> bool:
    """Return whether a person may add and change subscribers of webhooks: an administrator."""
    return _is_administrator(user)


def has_second_administrator(user: User) -> bool:
    """Return whether another administrator could confirm what this one asks for. Each call takes
    two queries."""
    others = administrators().exclude(pk=user.pk)
    givers = access_givers()
    own = {user.pk, *managers_among(givers, user.pk)}
    return any(
        own.isdisjoint({pk, *managers_among(givers, pk)})
        for pk in others.values_list("pk", flat=True)
    )


def may_confirm_request(user: Person, request: AdministratorRequest) -> bool:
    """Return whether the user may confirm the request of another administrator, who must still be
    one. No one person may be able to use both accounts."""
    asker = request.asked_by
    if asker is None or not _is_administrator(asker):
        return False
    return may_decline_request(user, request) and are_independent(user, asker)


def may_decline_request(user: Person, request: AdministratorRequest) -> bool:
    return _is_administrator(user) and user.pk != request.asked_by_id


def may_recall_request(user: Person, request: AdministratorRequest) -> bool:
    return _is_administrator(user) and user.pk == request.asked_by_id


def may_see_all_tokens(user: Person) -> bool:
    return _is_administrator(user)


def is_service(user: Person) -> bool:
    """Return whether this is the account of a program, which signs in with tokens only."""
    return hasattr(user, "service_account")


def writers(user: User) -> set[int]:
    """Return the ids of the accounts that count as having written what this one writes: itself and,
    if it is a program's, that of whoever answers for it now, even if somebody else does later."""
    return {user.pk, user.service_account.owner_id} if is_service(user) else {user.pk}


def may_issue_service_tokens(user: Person) -> bool:
    """Return whether the user may issue tokens of the accounts of programs."""
    return _is_administrator(user)


def may_issue_token_for(user: Person, account: User) -> bool:
    """Return whether the user may issue tokens of an account that is not their own."""
    return may_issue_service_tokens(user) and account.is_active and is_service(account)


def may_revoke(user: Person, token: AccessToken) -> bool:
    return token.user_id == user.pk or may_see_all_tokens(user)


def kind_is_fixed(commitment: Commitment) -> bool:
    """Return whether an assessment was ever published: from then on the kind must not change."""
    return commitment.updates.filter(status__isnull=False, published_at__isnull=False).exists()


def may_see_inside(user: Person, update: ProgressUpdate) -> bool:
    """Return whether the user may see what is not public of a visible update, such as its internal
    evidence: staff may, but with an access token that is limited to plans only on these plans.
    `shown_inside` is the same rule for lists."""
    limits = plan_limits(user)
    return is_staff(user) and (limits is None or update.commitment.plan.code in limits)


def may_see_content(user: Person, update: ProgressUpdate) -> bool:
    """Return whether the user may see the text and files of a visible update. The public sees only
    a tombstone of a retracted one."""
    return update.state in PUBLIC_CONTENT_STATES or may_see_inside(user, update)


def visible_ratings(user: Person, update: ProgressUpdate) -> list[Rating]:
    """Return the ratings of a visible update that the user may see, the earliest first.

    Once the update is published, whoever sees its content sees them. Before that, those who have
    rated it see all of them; the author and other staff see those after which it was returned.
    """
    if not any(row.action == Action.RATE for row in rows_in(update, "decisions")):
        return []
    rows = sorted(rows_in(update, "ratings"), key=lambda row: row.pk)
    if update.published_at is not None:
        return rows if may_see_content(user, update) else []
    if not may_see_inside(user, update) or is_withheld(user, update):
        return []
    return rows if has_rated(user, update) else [row for row in rows if is_disclosed(row, update)]


def is_disclosed(rating: Rating, update: ProgressUpdate) -> bool:
    """Return whether the author knows this rating: the update was returned to them after it."""
    decisions: Sequence[Decision] = rows_in(update, "decisions")
    seqs = {row.pk: row.seq for row in decisions}
    returns = [row.seq for row in decisions if row.action == Action.RETURN]
    return max(returns, default=0) > seqs[rating.decision_id]


def entry_is_public(decision: Decision) -> bool:
    """Return whether the public may see this entry of the ledger. The archived address of a
    retracted update is not public, because it leads to the evidence. Of an erased entry only the
    digest is left."""
    # The update is read only where it matters.
    update = decision.update if decision.action == Action.ARCHIVE else None
    hidden = update is not None and update.state == State.RETRACTED
    return decision.action in PUBLIC_ACTIONS and not hidden and not decision.entry_is_erased


def note_is_public(decision: Decision) -> bool:
    """Return whether the public may see the note, unless it was erased. The note of a publication
    is for the author of the update."""
    return decision.action in PUBLIC_NOTE_ACTIONS and entry_is_public(decision)


def publisher_is_public(publisher: Publisher) -> bool:
    """Return whether everybody may know of a publisher: public evidence of an update with public
    content names it."""
    named = publisher.evidence.filter(public=True, update__state__in=PUBLIC_CONTENT_STATES)
    return named.exists()


def may_see_note(user: Person, update: ProgressUpdate, decision: Decision) -> bool:
    """Return whether the user may see the note of a decision on a visible update."""
    return note_is_public(decision) or may_see_inside(user, update)


def visible_evidence(user: Person, update: ProgressUpdate) -> list[Evidence]:
    """Return the evidence of a visible update that the user may see, by id."""
    if not may_see_content(user, update):
        return []
    rows = sorted(rows_in(update, "evidence"), key=lambda item: item.pk)
    return rows if may_see_inside(user, update) else [item for item in rows if item.public]


def visible_decisions(user: Person, update: ProgressUpdate) -> list[Decision]:
    """Return the decisions on a visible update that the user may see, in the ledger's order. For a
    person from whom the assessment is withheld, leave out what others did in the review, except the
    last submission: a return could mean that somebody rated it differently."""
    rows = sorted(rows_in(update, "decisions"), key=lambda row: row.seq)
    if is_withheld(user, update):
        submits = [row for row in rows if row.action == Action.SUBMIT]
        own = [row for row in rows if row.actor_id == user.pk]
        shown = [*submits[-1:], *own]
        return [row for row in rows if row in shown or row.action not in REVIEW_ACTIONS]
    if may_see_inside(user, update):
        return rows
    return [row for row in rows if entry_is_public(row)]


def is_author(user: Person, update: ProgressUpdate) -> bool:
    return user.pk is not None and update.author_id == user.pk


def contributors(update: ProgressUpdate) -> set[int]:
    """Return the ids of the author of an update and of everybody who ever edited it or submitted
    it for review."""
    editors = {editor.pk for editor in rows_in(update, "editors")}
    submits = [row for row in rows_in(update, "decisions") if row.action == Action.SUBMIT]
    return {update.author_id, *editors, *(row.actor_id for row in submits if row.actor_id)}


def _offices(commitment: Commitment) -> set[int]:
    prefetch_related_objects([commitment], "supporting_offices")
    offices = {office.pk for office in commitment.supporting_offices.all()}
    if commitment.lead_office_id is not None:
        offices.add(commitment.lead_office_id)
    return offices


def _is_administrator(user: Person) -> bool:
    return user.is_active and getattr(user, "is_superuser", False)
