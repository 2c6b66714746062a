"""Milestones, and the dates of schedules as they were known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from commitments.choices import ScheduleDate
from commitments.clocks import Clock
from commitments.models.querysets.plans import ReviewPeriod
from commitments.models.querysets.shared import related
from commitments.models.querysets.updates import ProgressUpdateQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from commitments.models import KnownDate, Milestone  # noqa: F401

    MilestoneAtClock = WithAnnotations[Milestone, "MilestoneColumns"]


class MilestoneColumns(TypedDict):
    """What `MilestoneQuerySet.with_state` adds: the due date known at the time of the clock, null
    if there was none, the first one ever known, how often it changed until then, and the update by
    which the milestone is met, with its day and the precision of the day; null if it is not met."""

    known_due_on: date
    due_on_first: date
    due_on_changes: int
    met_on: date | None
    met_precision: str | None
    met_by: int | None


def is_known(at: datetime | None, path: str = "") -> Q:
    """Return the condition that a date was known at this time, or is now if it is None. `path`
    leads to the date, with `__` at the end."""
    if at is None:
        return Q((f"{path}known_until__isnull", True))
    in_force = Q((f"{path}known_until__isnull", True)) | Q((f"{path}known_until__gt", at))
    return in_force & Q((f"{path}known_from__lte", at))


class KnownDateQuerySet(models.QuerySet["KnownDate"]):
    def in_order(self) -> KnownDateQuerySet:
        """Return the dates in the order in which they were recorded."""
        return self.order_by("id")

    def known_by(self, at: datetime | None) -> KnownDateQuerySet:
        """Return the dates that had become known by this time, or ever if it is None."""
        return self if at is None else self.filter(known_from__lte=at)

    def known(self, at: datetime | None) -> KnownDateQuerySet:
        """Return the dates that were known at this time, or are now if it is None."""
        return self.filter(is_known(at))

    def of_present_kinds(self) -> KnownDateQuerySet:
        """Leave out dates that commitments had while they were of another kind."""
        own = Q()
        for name in ScheduleDate:
            own |= Q(name=name.value, commitment__kind=name.kind.value)
        return self.filter(Q(milestone__isnull=False) | own)

    def of_milestones(self) -> KnownDateQuerySet:
        return self.filter(milestone__isnull=False)


def date_history(dates: KnownDateQuerySet, of: str) -> dict[str, Subquery | Coalesce]:
    """Return `due_on_first` and `due_on_changes`, the first of these dates and how often it was
    changed, for an outer query to whose rows the column `of` leads."""
    own = dates.filter(**{of: OuterRef("pk"), "name": ScheduleDate.DUE_ON})
    count = own.order_by().values(of).annotate(n=Count("pk") - 1).values("n")
    return {
        "due_on_first": Subquery(own.in_order().values("day")[:1]),
        "due_on_changes": Coalesce(Subquery(count, output_field=IntegerField()), 0),
    }


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def in_order(self) -> MilestoneQuerySet:
        """Order by due date; after `at`, by the one known at the time of the clock."""
        by_day = "known_due_on" if "known_due_on" in self.query.annotations else "due_on"
        return self.order_by(by_day, "id")

    def at(self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None) -> MilestoneQuerySet:
        """Return the milestones that were known at the time of the clock, `with_state`."""
        return self.with_state(clock, periods).filter(Q(("known_due_on__isnull", False)))

    def with_state(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None
    ) -> MilestoneQuerySet:
        """Add `MilestoneColumns`. Milestones are met by updates that count under the clock, and
        are `meeting_milestones`; `periods` as for `CommitmentQuerySet.at`."""
        dates = related(self, "known_dates", KnownDateQuerySet)
        known = dates.known(clock.known_at).filter(milestone=OuterRef("pk"), day__isnull=False)
        updates = related(self, "updates", ProgressUpdateQuerySet).under(clock, periods)
        meeting = updates.filter(meets=OuterRef("pk")).meeting_milestones(clock)
        meeting = meeting.latest_first().reverse()
        return self.annotate(
            known_due_on=Subquery(known.values("day")[:1]),
            **date_history(dates.known_by(clock.known_at), "milestone"),
            met_on=Subquery(meeting.values("effective_on")[:1]),
            met_precision=Subquery(meeting.values("date_precision")[:1]),
            met_by=Subquery(meeting.values("pk")[:1]),
        )

    def unmet(self) -> MilestoneQuerySet:
        """Return the milestones that no update meets. Call it after `at`."""
        return self.filter(Q(("met_on", None)))
