"""The dated record of commitments: their assessments and actions, read once for many days."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from commitments.choices import ACTIONS, DEEDS, EventType, Freshness, Status
from commitments.clocks import (
    ACTION_LAPSE_INTERVALS,
    LAPSE_INTERVALS,
    Clock,
    days_before,
    lapses_on,
)
from commitments.models import Plan, ProgressUpdate
from commitments.models.querysets import ReviewPeriod
from commitments.rollups.items import Item
from commitments.rollups.schedule import ScheduleDates, read_dates


@dataclass(frozen=True)
class DatedStatus:
    """A status that an update assessed, effective from a day on.

    `acted_on` is the day of the newest action on which it rests, which is later than its own if a
    correction moved the action; None without one.
    """

    update: int
    effective_on: date
    status: Status
    acted_on: date | None = None

    def freshness(self, day: date, interval: int, ends_on: date | None = None) -> Freshness:
        """Return the freshness on a day, by the rule of `CommitmentQuerySet`.

        `interval` is the plan's review interval in days, `ends_on` the day on which a standing
        duty ends.
        """
        if self.status.rule.settled:
            return Freshness.SETTLED
        has_ended = ends_on is not None and ends_on < day
        counted_from = ends_on if ends_on is not None and has_ended else day
        action_due_from = days_before(counted_from, ACTION_LAPSE_INTERVALS * interval)
        if self.status.rule.needs_action and (self.acted_on or date.min) < action_due_from:
            return Freshness.LAPSED
        if self.effective_on < days_before(counted_from, LAPSE_INTERVALS * interval):
            return Freshness.LAPSED
        if has_ended:
            return Freshness.SETTLED
        is_current = self.effective_on >= days_before(day, interval)
        return Freshness.CURRENT if is_current else Freshness.DUE

    def lapses_on(self, interval: int, ends_on: date | None = None) -> date | None:
        """Return the first day on which it has lapsed, None if it never does; the parameters are
        those of `freshness`."""
        if self.status.rule.settled:
            return None
        acted_on = (self.acted_on or date.min) if self.status.rule.needs_action else None
        day = lapses_on(self.effective_on, interval, acted_on, ends_on)
        return max(day, self.effective_on) if day else None


def _any_between(days: Sequence[date], first: date, last: date) -> bool:
    """Return whether one of these days, which are in order, lies between two others."""
    found = bisect_right(days, last)
    return found > 0 and days[found - 1] >= first


@dataclass
class CommitmentRecord:
    """What counts of one commitment, in order: its assessments, its events, and the days of its
    actions and of those that are more than statements. `interval` is the review interval of its
    plan in days."""

    interval: int
    assessments: list[DatedStatus] = field(default_factory=list)
    events: list[tuple[date, EventType]] = field(default_factory=list)
    actions: list[date] = field(default_factory=list)
    deeds: list[date] = field(default_factory=list)
    dates: ScheduleDates = field(default_factory=ScheduleDates)

    def add_event(self, day: date, event_type: EventType) -> None:
        """Add an event that is not earlier than those it has."""
        self.events.append((day, event_type))
        if event_type in ACTIONS:
            self.actions.append(day)
        if event_type in DEEDS:
            self.deeds.append(day)

    def on(self, day: date) -> DatedStatus | None:
        """Return the assessment that is current on a day, lapsed or not."""
        found = bisect_right(self.assessments, day, key=lambda row: row.effective_on)
        return self.assessments[found - 1] if found else None

    def freshness(self, assessment: DatedStatus, day: date) -> Freshness:
        """Return the freshness of one of its assessments on a day."""
        return assessment.freshness(day, self.interval, self.dates.ends_on)

    def has_lapsed(self, assessment: DatedStatus | None, day: date) -> bool:
        """Return whether an assessment of the commitment has lapsed on a day; False for None."""
        return assessment is not None and self.freshness(assessment, day) is Freshness.LAPSED

    def item(self, pk: int, kind: str, day: date) -> Item:
        """Return the facts that roll-ups count on a day."""
        assessment, first = self.on(day), days_before(day, self.interval)
        status = assessment.status if assessment else Status.UNASSESSED
        return Item(
            pk,
            kind,
            status,
            self.freshness(assessment, day) if assessment else None,
            _any_between(self.actions, first, day),
            _any_between(self.deeds, first, day),
            not status.rule.final and self.dates.are_missed(day),
        )

    def lapses_on(self, assessment: DatedStatus) -> date | None:
        """Return the first day on which one of its assessments has lapsed, None if it never
        does."""
        return assessment.lapses_on(self.interval, self.dates.ends_on)

    def has_gap(self, first: date, last: date) -> bool:
        """Return whether, between two days, an assessment had lapsed before the next one came."""
        held = self.on(first)
        rows = [row for row in self._last_of_each_day if first < row.effective_on <= last]
        pairs = zip([held, *rows], rows, strict=False)
        return any(before is not None and self._had_lapsed(before, row) for before, row in pairs)

    def held_since(self, day: date) -> DatedStatus | None:
        """Return the assessment since which the status of a day has held, None without one.

        From that assessment on each gives the same status, and none lapsed before the next.
        """
        since: DatedStatus | None = None
        for row in reversed([row for row in self._last_of_each_day if row.effective_on <= day]):
            if since is not None and (
                row.status is not since.status or self._had_lapsed(row, since)
            ):
                break
            since = row
        return since

    @property
    def _last_of_each_day(self) -> list[DatedStatus]:
        """The assessments without those that another one of the same day displaced."""
        by_day = {row.effective_on: row for row in self.assessments}
        return list(by_day.values())

    def _had_lapsed(self, row: DatedStatus, following: DatedStatus) -> bool:
        """Return whether an assessment had lapsed on the day before the one that follows it."""
        return self.has_lapsed(row, following.effective_on - timedelta(days=1))


Record = dict[int, CommitmentRecord]
# By the id of an update, the chains of corrections of the events on which it rests, and its own.
Chains = Mapping[int, Iterable[int | None]]


def read_record(
    commitments: Mapping[int, Plan], clock: Clock, periods: Sequence[ReviewPeriod]
) -> Record:
    """Return, by id, the record of commitments: what counts under a clock up to its day; in two
    queries, three if there are milestones.

    `commitments` has the plan of each, by id; `periods` are the review periods of these plans.
    """
    of_these = ProgressUpdate.objects.filter(commitment__in=list(commitments))
    plans = {plan.pk: plan for plan in commitments.values()}
    period_of = {
        pk: period for pk, plan in plans.items() for period in periods if period.covers(plan)
    }
    dates = read_dates(plans, clock, of_these.under(clock, periods))
    updates: dict[int, list[RecordedUpdate]] = defaultdict(list)
    chains: dict[int, list[int]] = {}
    # Values instead of objects: making objects would take most of the time for many plans. There is
    # a row for each event on which an update rests.
    counting = of_these.under(clock, periods, moved=True).latest_first().reverse()
    rows = counting.values_list("commitment_id", *_COLUMNS, _BASIS)
    for (commitment, *columns), bases in groupby(rows, key=lambda row: row[:-1]):
        update = RecordedUpdate(*columns)
        updates[commitment].append(update)
        chains[update.pk] = [chain for *_update, chain in bases if chain is not None]
    return {
        pk: record_of(period_of[plan.pk], dates.get(pk) or ScheduleDates(), updates[pk], chains)
        for pk, plan in commitments.items()
    }


class RecordedUpdate(NamedTuple):
    """What a record takes of an update."""

    pk: int
    chain_id: int | None
    effective_on: date
    status: str
    event_type: str


_COLUMNS = ("id", *RecordedUpdate._fields[1:])
_BASIS = "bases__event__chain"


def record_of(
    period: ReviewPeriod,
    dates: ScheduleDates,
    updates: Sequence[RecordedUpdate] | Sequence[ProgressUpdate],
    chains: Chains,
) -> CommitmentRecord:
    """Return the record of one commitment from what has been read of it: the updates that count, in
    order, with the actions that were moved beyond the day of the period, and the chains of the
    events on which they rest."""
    record = CommitmentRecord(period.interval_days, dates=dates)
    acted_on = {row.chain_id: row.effective_on for row in updates if row.event_type in ACTIONS}
    for row in updates:
        if row.effective_on > period.day:
            continue
        if row.status:
            days = (acted_on[chain] for chain in chains.get(row.pk, ()) if chain in acted_on)
            record.assessments.append(
                DatedStatus(row.pk, row.effective_on, Status(row.status), max(days, default=None))
            )
        if row.event_type:
            record.add_event(row.effective_on, EventType(row.event_type))
    return record
