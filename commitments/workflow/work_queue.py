"""The work queue of a person: their drafts, updates returned to them, updates they may review, and
the commitments of their offices that need attention."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from commitments.access import policies
from commitments.choices import (
    EDITABLE_STATES,
    Action,
    Freshness,
    RequestState,
    Role,
    Schedule,
    State,
)
from commitments.clocks import Clock
from commitments.models import (
    Commitment,
    Decision,
    ErasureRequest,
    Milestone,
    Plan,
    ProgressUpdate,
)
from commitments.models.querysets import CommitmentQuerySet, ProgressUpdateQuerySet
from commitments.roles import offices_of, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Ids in each part of `queue_ids`.
MAX_QUEUE_ROWS = 200
MILESTONES_AHEAD = timedelta(days=90)


def drafts_of(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.DRAFT)


def returned_to(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.RETURNED)


def _written_by(user: User) -> ProgressUpdateQuerySet:
    """Return the person's updates; none if they no longer hold a role."""
    visible = ProgressUpdate.objects.visible_to(user)
    return visible.filter(author=user).by_changed_at()


def orphaned_drafts(user: User) -> ProgressUpdateQuerySet:
    """Return the drafts of deactivated authors, which a curator hands over; none for others."""
    if Role.CURATOR not in roles_of(user):
        return ProgressUpdate.objects.none()
    return ProgressUpdate.objects.filter(
        state__in=EDITABLE_STATES, author__is_active=False
    ).by_changed_at()


def to_review_by(user: User) -> ProgressUpdateQuerySet:
    """Return the updates in review that this person may review: see `policies.may_review`."""
    if Role.REVIEWER not in roles_of(user):
        return ProgressUpdate.objects.none()
    barred = policies.not_reviewed_by(user)
    submitted_by_them = Decision.objects.filter(
        update=OuterRef("pk"), action=Action.SUBMIT, actor__in=barred
    )
    return (
        ProgressUpdate.objects.filter(state=State.SUBMITTED)
        .exclude(author__in=barred)
        .exclude(editors__in=barred)
        .exclude(Exists(submitted_by_them))
        .by_changed_at()
    )


def erasures_to_confirm(user: User) -> QuerySet[ErasureRequest]:
    """Return the open requests of other administrators to erase something, the oldest first; none
    for others than administrators."""
    if not policies.may_request_erasure(user):
        return ErasureRequest.objects.none()
    rows = ErasureRequest.objects.filter(state=RequestState.OPEN).exclude(asked_by=user)
    return rows.select_related("asked_by").order_by("pk")


def return_reason(update: ProgressUpdate) -> str:
    """Return the note of the last return of an update, or "". Prefetch its decisions."""
    returns = [row for row in update.decisions.all() if row.action == Action.RETURN]
    return max(returns, key=lambda row: row.seq).note if returns else ""


def commitments_in_charge_of(user: User) -> CommitmentQuerySet:
    """Return the commitments of the person's offices; for a curator, all."""
    if Role.CURATOR in roles_of(user):
        return Commitment.objects.all()
    return Commitment.objects.of_offices(offices_of(user))


def needs_attention(user: User, clock: Clock) -> CommitmentQuerySet:
    """Return the commitments in charge of the person whose assessment is due or has lapsed, or that
    are overdue."""
    aged = Q(freshness__in=(Freshness.DUE, Freshness.LAPSED))
    rows = commitments_in_charge_of(user).at(clock).filter(aged | Q(schedule=Schedule.OVERDUE))
    return rows.select_related("plan").order_by(
        F("assessment_effective_on"), "plan__code", "position"
    )


def milestones_ahead(user: User, clock: Clock) -> QuerySet[Milestone]:
    """Return the milestones, of commitments in charge of the person, that are not met and due
    within `MILESTONES_AHEAD` from the day of the clock."""
    ahead, periods = Q(pk__in=[]), Plan.objects.review_periods(clock)
    for period in periods:
        days = period.day, period.day + MILESTONES_AHEAD
        ahead |= period.includes("commitment__plan") & Q(known_due_on__range=days)
    rows = Milestone.objects.at(clock, periods).unmet().filter(ahead)
    commitments = commitments_in_charge_of(user).values("pk")
    return rows.filter(commitment__in=commitments).select_related("commitment__plan").in_order()


def queue_ids(user: User) -> dict[str, list[int]]:
    """Return the ids of the updates in each part of the queue, at most `MAX_QUEUE_ROWS` each."""
    return {
        name: list(rows.values_list("pk", flat=True)[:MAX_QUEUE_ROWS])
        for name, rows in (
            ("drafts", drafts_of(user)),
            ("returned", returned_to(user)),
            ("to_review", to_review_by(user)),
        )
    }
