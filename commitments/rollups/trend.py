"""Roll-ups at the end of each month, quarter or year.

They equal `rollups.report` on each of these days, but are computed without a query per day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from commitments.choices import PeriodUnit
from commitments.clocks import Clock
from commitments.models import Plan
from commitments.models.querysets import CommitmentQuerySet
from commitments.rollups.groups import ALL, Group, group
from commitments.rollups.items import Item
from commitments.rollups.record import Record, read_record

# A longer trend is cut to its latest periods.
MAX_PERIODS = 600


@dataclass(frozen=True)
class TrendPeriod:
    """The roll-up on the last day of a period; in the last period, on the day of the clock."""

    name: str
    ends_on: date
    group: Group


def trend(
    commitments: CommitmentQuerySet, plan: Plan, unit: PeriodUnit, clock: Clock
) -> list[TrendPeriod]:
    """Return the trend of commitments of one plan, in a fixed number of queries.

    It runs from the plan's adoption, or the first assessment if that is earlier, to the day of the
    clock.
    """
    kinds = dict(commitments.order_by().values_list("id", "kind"))
    record = read_record(dict.fromkeys(kinds, plan), clock, plan.review_periods(clock))
    return trend_periods(kinds, record, plan, unit, clock.day(plan.time_zone))


def trend_periods(
    kinds: Mapping[int, str], record: Record, plan: Plan, unit: PeriodUnit, day: date
) -> list[TrendPeriod]:
    """Return the trend up to a day from this record, without a query; `kinds` are those of the
    commitments, by id."""
    ends = period_ends(record, plan, unit, day)
    return [
        TrendPeriod(unit.name_of(end), end, group(items, ALL))
        for end, items in items_by_period(kinds, record, ends)
    ]


def items_by_period(
    kinds: Mapping[int, str], record: Record, ends: Iterable[date]
) -> Iterator[tuple[date, list[Item]]]:
    """Yield the last day of each period with the items of that day; `kinds` as for
    `trend_periods`."""
    for end in ends:
        yield end, [record[pk].item(pk, kind, end) for pk, kind in kinds.items()]


def period_ends(record: Record, plan: Plan, unit: PeriodUnit, day: date) -> list[date]:
    """Return the last day of each period up to a day, as `ends_since` the first assessment."""
    starts = [rows.assessments[0].effective_on for rows in record.values() if rows.assessments]
    return ends_since(min(starts, default=None), plan, unit, day)


def ends_since(assessed: date | None, plan: Plan, unit: PeriodUnit, day: date) -> list[date]:
    """Return the last day of each period up to a day, and that day itself, at most `MAX_PERIODS`.

    The first is that of the plan's adoption, or of the first assessment if that is earlier.
    """
    first = min(day, assessed or day, plan.adopted_on or day)
    return list(_period_ends(first, day, unit))[-MAX_PERIODS:]


def _period_ends(first: date, last: date, unit: PeriodUnit) -> Iterator[date]:
    """Yield the last day of each period from `first` on, and at the end `last` itself."""
    end = unit.end_of(first)
    while end < last:
        yield end
        end = unit.end_of(end + timedelta(days=1))
    yield last
