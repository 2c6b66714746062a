"""What waits for a person: their drafts, what was returned to them, what they may review, and what
of their offices' commitments needs a look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from commitments.choices import EDITABLE_STATES, Action, Freshness, Role, Schedule, State
from commitments.clocks import Clock
from commitments.models import Commitment, Milestone, Plan, ProgressUpdate
from commitments.querysets import CommitmentQuerySet, ProgressUpdateQuerySet
from commitments.roles import offices_of, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 200
AHEAD = timedelta(days=90)


def drafts_of(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.DRAFT)


def returned_to(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.RETURNED)


def _written_by(user: User) -> ProgressUpdateQuerySet:
    """Nothing to somebody whose roles were taken away."""
    visible = ProgressUpdate.objects.visible_to(user)
    return visible.filter(author=user).longest_waiting()


def left_behind(user: User) -> ProgressUpdateQuerySet:
    """To a curator: drafts whose author is deactivated, to be handed over."""
    if Role.CURATOR not in roles_of(user):
        return ProgressUpdate.objects.none()
    return ProgressUpdate.objects.filter(
        state__in=EDITABLE_STATES, author__is_active=False
    ).longest_waiting()


def to_review_by(user: User) -> ProgressUpdateQuerySet:
    """Submitted updates, but never what this person wrote or edited."""
    if Role.REVIEWER not in roles_of(user):
        return ProgressUpdate.objects.none()
    return (
        ProgressUpdate.objects.filter(state=State.SUBMITTED)
        .exclude(author=user)
        .exclude(editors=user)
        .longest_waiting()
    )


def why_returned(update: ProgressUpdate) -> str:
    """The note of the last return of an update whose decisions were asked for."""
    returns = [row for row in update.decisions.all() if row.action == Action.RETURN]
    return max(returns, key=lambda row: row.seq).note if returns else ""


def looked_after_by(user: User) -> CommitmentQuerySet:
    """Commitments of the person's offices; of a curator, all."""
    if Role.CURATOR in roles_of(user):
        return Commitment.objects.all()
    return Commitment.objects.of_offices(offices_of(user))


def in_need(user: User, clock: Clock) -> CommitmentQuerySet:
    """Those looked after whose claim is due or has lapsed, or that are overdue."""
    old = Q(freshness__in=(Freshness.DUE, Freshness.LAPSED))
    rows: Any = looked_after_by(user).at(clock).filter(old | Q(schedule=Schedule.OVERDUE))
    ordered: CommitmentQuerySet = rows.select_related("plan").order_by(
        "claim_effective_on", "plan__code", "position"
    )
    return ordered


def milestones_ahead(user: User, clock: Clock) -> QuerySet[Milestone]:
    """Of those looked after: not done, and due from today on within `AHEAD`."""
    within = Q(pk__in=[])
    for plan in Plan.objects.all():
        day = clock.day(plan.time_zone)
        within |= Q(commitment__plan=plan, due_on__range=(day, day + AHEAD))
    rows = Milestone.objects.filter(within, done_on__isnull=True)
    theirs = looked_after_by(user).values("pk")
    return rows.filter(commitment__in=theirs).select_related("commitment__plan").order_by("due_on")


def waiting_for(user: User) -> dict[str, list[int]]:
    """Ids of what waits, the longest waiting first, at most `MOST` of each sort."""
    return {
        name: list(rows.values_list("pk", flat=True)[:MOST])
        for name, rows in (
            ("drafts", drafts_of(user)),
            ("returned", returned_to(user)),
            ("to_review", to_review_by(user)),
        )
    }
