"""Roll-ups at the end of each month, quarter or year.

They equal `rollups.report` on each of these days, but are computed without a query per day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from commitments.choices import Freshness, PeriodUnit, Status
from commitments.clocks import Clock, days_before
from commitments.models import Plan, ProgressUpdate
from commitments.models.querysets import CommitmentQuerySet
from commitments.rollups import ALL, Group, Item, group

# Of a longer trend only the latest periods are returned.
MAX_PERIODS = 600


@dataclass(frozen=True)
class TrendPeriod:
    """The roll-up on the last day of a period; in the last period, on the day of the clock."""

    name: str
    ends_on: date
    group: Group


@dataclass(frozen=True)
class DatedStatus:
    """A status that an update assessed, effective from a day on."""

    commitment: int
    effective_on: date
    status: Status

    def freshness(self, day: date, interval: int) -> Freshness:
        """Return the freshness on a day, by the rule of `CommitmentQuerySet`.

        `interval` is the plan's review interval in days.
        """
        if self.status.rule.settled:
            return Freshness.SETTLED
        if self.effective_on >= days_before(day, interval):
            return Freshness.CURRENT
        if self.effective_on >= days_before(day, 2 * interval):
            return Freshness.DUE
        return Freshness.LAPSED


def held_since(updates: Iterable[ProgressUpdate], interval: int) -> ProgressUpdate | None:
    """Return the update since which the current status has held, None if there is no assessment.

    From that update on every assessment gives the same status, and none lapsed before the next.
    `updates` are those of one commitment that count, the latest first; `interval` is in days.
    """
    since: ProgressUpdate | None = None
    for row in updates:
        if row.status is None:
            continue
        assessment = DatedStatus(row.commitment_id, row.effective_on, Status(row.status))
        if since is not None and (
            row.status != since.status
            or assessment.freshness(since.effective_on, interval) is Freshness.LAPSED
        ):
            break
        since = row
    return since


def trend(
    commitments: CommitmentQuerySet, plan: Plan, unit: PeriodUnit, clock: Clock
) -> list[TrendPeriod]:
    """Return the trend of commitments of one plan, in two queries.

    It runs from the plan's adoption, or the first assessment if that is earlier, to the day of the
    clock.
    """
    return trend_of(dict(commitments.order_by().values_list("id", "kind")), plan, unit, clock)


def trend_of(
    kinds: Mapping[int, str], plan: Plan, unit: PeriodUnit, clock: Clock
) -> list[TrendPeriod]:
    """Return the `trend` of the commitments with these kinds, by id, in one query."""
    day = clock.day(plan.time_zone)
    return trend_periods(kinds, list(_dated_statuses(kinds, day, clock)), plan, unit, day)


def trend_periods(
    kinds: Mapping[int, str],
    assessments: list[DatedStatus],
    plan: Plan,
    unit: PeriodUnit,
    day: date,
) -> list[TrendPeriod]:
    """Return the trend up to a day from these assessments, without a query.

    `kinds` are those of the commitments, by id. `assessments` are in the order of
    `ASSESSMENT_ORDER`: a later one of a commitment replaces an earlier one.
    """
    first = min(
        [day, *(assessment.effective_on for assessment in assessments[:1]), plan.adopted_on or day]
    )
    current: dict[int, DatedStatus] = {}
    periods, remaining = [], iter([*assessments, None])
    assessment = next(remaining)
    for ends_on in _period_ends(first, day, unit):
        while assessment is not None and assessment.effective_on <= ends_on:
            current[assessment.commitment] = assessment
            assessment = next(remaining)
        items = _items(kinds, current, ends_on, plan.review_interval_days)
        periods.append(TrendPeriod(unit.name_of(ends_on), ends_on, group(items, ALL)))
    return periods[-MAX_PERIODS:]


def _period_ends(first: date, last: date, unit: PeriodUnit) -> Iterator[date]:
    """Yield the last day of each period from `first` on, and at the end `last` itself."""
    end = unit.end_of(first)
    while end < last:
        yield end
        end = unit.end_of(end + timedelta(days=1))
    yield last


def _dated_statuses(commitments: Iterable[int], day: date, clock: Clock) -> Iterator[DatedStatus]:
    """Yield the assessments that count under a clock up to a day, in `ASSESSMENT_ORDER`."""
    rows: Any = ProgressUpdate.objects.counting(clock).assessments().reverse()
    rows = rows.filter(commitment__in=list(commitments), effective_on__lte=day)
    for commitment, effective_on, status in rows.values_list(
        "commitment", "effective_on", "status"
    ):
        yield DatedStatus(commitment, effective_on, Status(status))


def _items(
    kinds: Mapping[int, str], current: dict[int, DatedStatus], day: date, interval: int
) -> Iterator[Item]:
    for pk, kind in kinds.items():
        assessment = current.get(pk)
        if assessment is None:
            yield Item(pk, kind, Status.UNASSESSED, None)
        else:
            yield Item(pk, kind, assessment.status, assessment.freshness(day, interval))
