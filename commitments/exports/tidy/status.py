"""The tidy tables of status: for each commitment, as counts by period, and for each commitment by
period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from commitments.choices import (
    ACTIONS,
    CoverageGap,
    DatePrecision,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Schedule,
    Status,
    Tone,
    effective_tone,
    statuses_for,
)
from commitments.exports.commitments import FINDING_MEANINGS
from commitments.exports.tidy.fields import array_field, field, flag_field
from commitments.exports.tidy.plan import COMMITMENT, OF_COMMITMENT, commitments_of
from commitments.exports.tidy.record import OF_UPDATE
from commitments.exports.tidy.tables import BOTH_CLOCKS, Scope, TidyTable
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.models import Commitment, ProgressUpdate
from commitments.models.querysets import coverage_gaps
from commitments.rollups.findings import FindingCounts, finding_counts
from commitments.rollups.grid import GridCell, grid_rows
from commitments.rollups.record import read_record
from commitments.rollups.trend import ends_since, items_by_period, period_ends


@dataclass(frozen=True)
class KnownStatus:
    """A commitment queried under a clock, and the clock's `known_at`."""

    commitment: Any
    known_at: datetime | None

    @property
    def tone(self) -> Tone:
        return effective_tone(self.commitment.assessment_status, self.commitment.freshness)

    @cached_property
    def findings(self) -> FindingCounts | None:
        """The numbers of criteria by what was found; None if none was answered."""
        return finding_counts(self.commitment)


def _status(scope: Scope) -> Iterator[KnownStatus]:
    rows = commitments_of(scope).with_findings().with_coverage_gap_flags(scope.clock)
    known_at = scope.clock.known_at
    return (KnownStatus(row, known_at) for row in rows.iterator(chunk_size=ROWS_PER_QUERY))


STATUS_TABLE = TidyTable(
    "status",
    _("Status"),
    _("One row for each commitment: its current assessment, how old it is, and what was done."),
    (
        COMMITMENT,
        field(
            "kind", "commitment.kind", _("Kind: deliverable or standing"), required=True, codes=Kind
        ),
        field(
            "status",
            "commitment.assessment_status",
            _("Status code of the current assessment"),
            required=True,
            codes=Status,
        ),
        field(
            "tone",
            "tone.value",
            _("What it counts as; unknown once the assessment has lapsed"),
            required=True,
            codes=Tone,
        ),
        field(
            "effective_on",
            "commitment.assessment_effective_on",
            _("Date to which the commitment was assessed"),
            type="date",
        ),
        field(
            "date_precision",
            "commitment.assessment_precision",
            _("Precision of that date: day, month or year"),
            codes=DatePrecision,
        ),
        field(
            "covers_from",
            "commitment.assessment_covers_from",
            _("First day of the period that was assessed"),
            type="date",
        ),
        field(
            "published_at",
            "commitment.assessment_published_at",
            _("Time of publication of the assessment, UTC"),
            type="datetime",
        ),
        field(
            "update",
            "commitment.assessment_id",
            _("ID of the update that gives the assessment"),
            type="integer",
        ),
        field(
            "evidence_level",
            "commitment.assessment_level",
            _("Evidence level, 0 to 3"),
            type="integer",
            required=True,
        ),
        field(
            "freshness",
            "commitment.freshness",
            _("Freshness of the assessment: current, due, lapsed or settled"),
            codes=Freshness,
        ),
        field(
            "schedule",
            "commitment.schedule",
            _("Schedule on the as_of date"),
            required=True,
            codes=Schedule,
        ),
        array_field(
            "coverage",
            lambda row: coverage_gaps(row.commitment),
            _("What makes the basis of the assessment weak, as codes"),
            codes=CoverageGap,
        ),
        *(
            field(
                f"findings_{code.value}",
                f"findings.{code.value}",
                meaning,
                type="integer",
            )
            for code, meaning in FINDING_MEANINGS.items()
        ),
        field(
            "last_action_on",
            "commitment.action_on",
            _("Date of the last action on record"),
            type="date",
        ),
        field(
            "last_action_type",
            "commitment.action_type",
            _("Event type code of the last action"),
            codes=ACTIONS,
        ),
        field(
            "updates",
            "commitment.update_count",
            _("Number of published updates counted"),
            type="integer",
            required=True,
        ),
        field(
            "as_of",
            "commitment.day",
            _("Date to which the row refers"),
            type="date",
            required=True,
        ),
        field(
            "known_at",
            "known_at",
            _("Counts only what was public at this time, UTC; if empty, everything on record"),
            type="datetime",
        ),
    ),
    _status,
    primary_key=("commitment",),
    foreign_keys=(OF_COMMITMENT, OF_UPDATE),
    parameters=BOTH_CLOCKS,
)


class StatusCount(NamedTuple):
    """The commitments of one kind that have the same status at the end of a period."""

    period: str
    ends_on: date
    kind: Kind
    status: Status
    commitments: int
    lapsed: int
    overdue: int


def _trend(scope: Scope) -> Iterator[StatusCount]:
    of_plan = scope.plan.commitments.in_plan_by(scope.clock)
    kinds: dict[int, str] = dict(of_plan.values_list("id", "kind"))
    plans = dict.fromkeys(kinds, scope.plan)
    record = read_record(plans, scope.clock, scope.periods)
    day = scope.clock.day(scope.plan.time_zone)
    ends = period_ends(record, scope.plan, scope.unit, day)
    present = [kind for kind in Kind if kind.value in kinds.values()]
    for end, items in items_by_period(kinds, record, ends):
        for kind in present:
            for status in (Status.UNASSESSED, *statuses_for(kind)):
                own = [item for item in items if (item.kind, item.status) == (kind, status)]
                yield StatusCount(
                    scope.unit.name_of(end),
                    end,
                    kind,
                    status,
                    len(own),
                    sum(item.has_lapsed for item in own),
                    sum(item.overdue for item in own),
                )


PERIOD = field("period", "period", _("The period"), required=True)
ENDS_ON = field("ends_on", "ends_on", _("The day of the figures"), type="date", required=True)

TREND_TABLE = TidyTable(
    "trend",
    _("Trend"),
    _(
        "One row for each period, kind and status: how many commitments had that status at the end "
        "of the period. Where there was none, the number is 0."
    ),
    (
        PERIOD,
        ENDS_ON,
        field("kind", "kind.value", _("The kind of the commitments"), required=True, codes=Kind),
        field("status", "status.value", _("Status code"), required=True, codes=Status),
        field(
            "commitments",
            "commitments",
            _("The number of commitments"),
            type="integer",
            required=True,
        ),
        field(
            "lapsed",
            "lapsed",
            _("Those of them whose assessment has lapsed, and which count as unknown"),
            type="integer",
            required=True,
        ),
        field(
            "overdue",
            "overdue",
            _("Those of them that are overdue"),
            type="integer",
            required=True,
        ),
    ),
    _trend,
    primary_key=("period", "kind", "status"),
    parameters=(*BOTH_CLOCKS, "by"),
)


class GridTableCell(NamedTuple):
    commitment: Commitment
    period: str
    ends_on: date
    cell: GridCell


def _grid(scope: Scope) -> Iterator[GridTableCell]:
    """Yield the cells, reading the record of `ROWS_PER_QUERY` commitments at a time."""
    plan, clock, unit = scope.plan, scope.clock, scope.unit
    assessed = ProgressUpdate.objects.under(clock, scope.periods).of_plans([plan])
    ends = ends_since(assessed.first_assessed_on(), plan, unit, clock.day(plan.time_zone))
    of_plan = plan.commitments.in_plan_by(clock).in_order()
    ids = list(of_plan.values_list("pk", flat=True))
    for start in range(0, len(ids), ROWS_PER_QUERY):
        some = ids[start : start + ROWS_PER_QUERY]
        rows = plan.commitments.filter(pk__in=some).select_related("plan").in_order()
        record = read_record(dict.fromkeys(some, plan), clock, scope.periods)
        for row in grid_rows(rows.defer("search_index"), record, unit, ends):
            for end, cell in zip(ends, row.cells, strict=True):
                yield GridTableCell(row.commitment, unit.name_of(end), end, cell)


def _findings_of(code: FindingResult) -> str:
    return f"cell.findings.{code.value}"


GRID_TABLE = TidyTable(
    "grid",
    _("Grid"),
    _(
        "One row for each commitment and period: its status at the end of the period, and what "
        "happened in it."
    ),
    (
        COMMITMENT,
        PERIOD,
        ENDS_ON,
        field("status", "cell.item.status", _("Status code"), required=True, codes=Status),
        field(
            "tone",
            "cell.tone.value",
            _("What it counts as; unknown once the assessment has lapsed"),
            required=True,
            codes=Tone,
        ),
        flag_field("lapsed", "cell.item.has_lapsed", _("Whether the assessment had lapsed")),
        flag_field("overdue", "cell.item.overdue", _("Whether the commitment was overdue")),
        field(
            "update",
            "cell.update",
            _("ID of the update that gives the assessment"),
            type="integer",
        ),
        *(
            field(f"findings_{code.value}", _findings_of(code), meaning, type="integer")
            for code, meaning in FINDING_MEANINGS.items()
        ),
        field(
            "events",
            "cell.events",
            _("Number of events dated in the period"),
            type="integer",
            required=True,
        ),
        field(
            "event_type",
            "cell.event_type",
            _("Strongest event type of the period"),
            codes=EventType,
        ),
    ),
    _grid,
    primary_key=("commitment", "period"),
    foreign_keys=(OF_COMMITMENT, OF_UPDATE),
    parameters=(*BOTH_CLOCKS, "by"),
)
