"""The dates of commitments as a clock knows them, read once for many days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from commitments.choices import ScheduleDate
from commitments.clocks import Clock
from commitments.models import KnownDate
from commitments.models.querysets import ProgressUpdateQuerySet

if TYPE_CHECKING:
    from commitments.models.querysets.commitments import CommitmentAtClock
    from commitments.models.querysets.milestones import MilestoneAtClock


@dataclass
class MilestoneDates:
    """The due date of a milestone, and the day on which it was met, if it was."""

    due_on: date
    met_on: date | None = None


@dataclass
class ScheduleDates:
    """The dates of a commitment; `ends_on` is the day on which a standing duty ends."""

    due_on: date | None = None
    ends_on: date | None = None
    milestones: list[MilestoneDates] = field(default_factory=list)

    def are_missed(self, day: date) -> bool:
        """Return whether a date lies before this day, unless it is that of a milestone met by
        then."""
        if self.due_on is not None and self.due_on < day:
            return True
        return any(
            step.due_on < day and (step.met_on is None or step.met_on > day)
            for step in self.milestones
        )


def dates_of(
    commitment: CommitmentAtClock, milestones: Iterable[MilestoneAtClock]
) -> ScheduleDates:
    """Return the dates of a commitment and of its milestones, both read `at` a clock."""
    steps = [MilestoneDates(row.known_due_on, row.met_on) for row in milestones]
    return ScheduleDates(commitment.known_due_on, commitment.known_ends_on, steps)


def read_dates(
    plans: Collection[int], clock: Clock, counting: ProgressUpdateQuerySet
) -> dict[int, ScheduleDates]:
    """Return the dates of the commitments of these plans that have any, by id, as known at the
    time of the clock; milestones are met by updates among `counting`. In one query, two if there
    are milestones."""
    known = KnownDate.objects.known(clock.known_at).filter(commitment__plan__in=plans)
    known = known.of_present_kinds()
    rows = list(known.only("commitment_id", "milestone_id", "name", "day"))
    met_on: dict[int, date] = {}
    if any(row.milestone_id for row in rows):
        # Newest first, so that the first update that meets a milestone is kept.
        meeting = counting.filter(meets__isnull=False).meeting_milestones(clock).latest_first()
        met_on = dict(meeting.values_list("meets", "effective_on"))
    dates: dict[int, ScheduleDates] = defaultdict(ScheduleDates)
    for row in rows:
        own = dates[row.commitment_id]
        if row.milestone_id is None:
            setattr(own, ScheduleDate(row.name).value, row.day)
        elif row.day is not None:
            own.milestones.append(MilestoneDates(row.day, met_on.get(row.milestone_id)))
    return dates
