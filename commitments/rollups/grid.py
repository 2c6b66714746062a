"""The grid: each commitment at the end of each month, quarter or year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from commitments.choices import ACTIONS, EventType, PeriodUnit, Tone
from commitments.clocks import Clock
from commitments.models import Commitment, Plan
from commitments.rollups.findings import FindingCounts, count_findings, read_findings
from commitments.rollups.items import Item
from commitments.rollups.record import CommitmentRecord, Record, read_record
from commitments.rollups.trend import period_ends


@dataclass(frozen=True)
class GridPeriod:
    """A period; its figures are those of its last day, or of the clock's day in the last period."""

    name: str
    ends_on: date


@dataclass(frozen=True)
class GridCell:
    """A commitment at the end of a period.

    `item` has its status, freshness and effective tone, `update` is the id of its assessment.
    `findings` counts its criteria by what the assessment finds, None if that answers none. `events`
    is the number of events dated in the period, `event_type` the most telling of their types: of
    actions the last in the order of the codes, else `contrary`, else `context`.
    """

    item: Item
    update: int | None
    findings: FindingCounts | None
    events: int
    event_type: EventType | None

    @property
    def tone(self) -> Tone:
        return self.item.tone


@dataclass(frozen=True)
class GridRow:
    """A commitment with a cell for each period."""

    commitment: Commitment
    cells: list[GridCell]


@dataclass(frozen=True)
class Grid:
    periods: list[GridPeriod]
    rows: list[GridRow]


def grid(commitments: Iterable[Commitment], plan: Plan, unit: PeriodUnit, clock: Clock) -> Grid:
    """Return the grid of commitments of one plan, in their order, in a fixed number of
    queries.

    It runs from the plan's adoption, or the first assessment if that is earlier, to the day of the
    clock.
    """
    rows = list(commitments)
    plans = dict.fromkeys([row.pk for row in rows], plan)
    record = read_record(plans, clock, plan.review_periods(clock))
    return grid_of(rows, record, plan, unit, clock.day(plan.time_zone))


def grid_of(
    commitments: Iterable[Commitment], record: Record, plan: Plan, unit: PeriodUnit, day: date
) -> Grid:
    """Return the grid up to a day from this record, in one query."""
    ends = period_ends(record, plan, unit, day)
    return Grid(
        [GridPeriod(unit.name_of(end), end) for end in ends],
        grid_rows(commitments, record, unit, ends),
    )


def grid_rows(
    commitments: Iterable[Commitment], record: Record, unit: PeriodUnit, ends: list[date]
) -> list[GridRow]:
    """Return the rows of a grid with these ends of periods from this record, in one query."""
    rows = list(commitments)
    findings = read_findings(held.update for row in rows for held in record[row.pk].assessments)
    # Counted once for each assessment: it stands in several cells.
    counts = {update: count_findings(results) for update, results in findings.items()}
    # The day before the first period; the calendar has none before its first day.
    before = max(unit.start_of(ends[0]), date.min + timedelta(days=1)) - timedelta(days=1)
    return [GridRow(row, _cells(row, record[row.pk], counts, [before, *ends])) for row in rows]


def _cells(
    commitment: Commitment,
    record: CommitmentRecord,
    counts: Mapping[int, FindingCounts | None],
    ends: list[date],
) -> list[GridCell]:
    """Return a cell for each period between two of these days."""
    cells = []
    for previous, end in pairwise(ends):
        assessment = record.on(end)
        types = [event_type for day, event_type in record.events if previous < day <= end]
        cells.append(
            GridCell(
                record.item(commitment.pk, commitment.kind, end),
                assessment.update if assessment else None,
                counts.get(assessment.update) if assessment else None,
                len(types),
                max(types, key=_weight, default=None),
            )
        )
    return cells


def _weight(event_type: EventType) -> tuple[bool, int]:
    """Return the sort key of an event type among those of a cell: actions come after all others."""
    order = list(EventType).index(event_type)
    return event_type in ACTIONS, order if event_type in ACTIONS else -order
