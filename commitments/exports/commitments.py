"""The table of commitments, with the status of each under the two clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from commitments.choices import FindingResult, Status, Tone, effective_tone
from commitments.clocks import iso_date
from commitments.exports.columns import (
    Column,
    ColumnList,
    column,
    join_sorted,
    label_columns,
    name_columns,
    text_columns,
)
from commitments.models import Commitment
from commitments.models.querysets import coverage_gaps
from commitments.rollups.findings import FindingCounts, finding_counts
from commitments.texts.text import Text

# What a row reads of `nested_rows`.
NESTED_IN_TABLE = ("named_goals", "named_offices", "named_forums", "nested_milestones")


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment queried with `at(clock)` and `NESTED_IN_TABLE`, the clock's `known_at`, and the
    URL of its page."""

    commitment: Any
    known_at: datetime | None
    url: str

    @property
    def status(self) -> Status:
        return Status(self.commitment.assessment_status)

    @property
    def tone(self) -> Tone:
        return effective_tone(self.commitment.assessment_status, self.commitment.freshness)

    @cached_property
    def findings(self) -> FindingCounts | None:
        """The counts of the assessment, None if it answers no criterion or they are withheld."""
        return finding_counts(self.commitment)


def commitment_rows(
    commitments: Iterable[Commitment], known_at: datetime | None, url: Callable[[Commitment], str]
) -> Iterator[CommitmentRow]:
    return (CommitmentRow(commitment, known_at, url(commitment)) for commitment in commitments)


def nested_getter(rows: str, value: str) -> Callable[[CommitmentRow], list[Any]]:
    """Return a function that returns a value of each of these nested rows of a commitment, in the
    order of their codes or numbers, which come first in a row."""
    rows_of, value_of = attrgetter(f"commitment.{rows}"), attrgetter(value)
    return lambda row: [value_of(item) for item in sorted(rows_of(row), key=itemgetter(0))]


def _codes(rows: str, name: str) -> Callable[[CommitmentRow], str]:
    """Return a function that returns the codes or numbers (`name`) of nested rows, as one cell."""
    codes = nested_getter(rows, name)
    return lambda row: join_sorted(codes(row))


def _milestones(row: CommitmentRow) -> str:
    """Return the milestones as one cell, such as `m1 2025-11-30 met 2025-12; m2 2026-09-30`."""
    return "; ".join(map(_milestone, row.commitment.nested_milestones))


def _milestone(item: Any) -> str:
    due = f"{item.key} {item.known_due_on}"
    if item.met_on is None:
        return due
    return f"{due} met {iso_date(date.fromisoformat(item.met_on), item.met_precision)}"


def _milestone_titles(row: CommitmentRow) -> list[Text]:
    return [item.title for item in row.commitment.nested_milestones]


def _coverage(row: CommitmentRow) -> str:
    return "; ".join(coverage_gaps(row.commitment))


FINDING_MEANINGS = {
    FindingResult.SHOWN: _("Number of criteria that are shown"),
    FindingResult.IN_PART: _("Number of criteria that are shown in part"),
    FindingResult.NOT_SHOWN: _("Number of criteria that are not shown"),
    FindingResult.AGAINST: _("Number of criteria with action against them"),
}

COMMITMENT_COLUMNS: ColumnList = (
    column("code", "commitment.code", _("Public identifier")),
    column("plan", "commitment.plan.code", _("Plan code")),
    column("number", "commitment.number", _("Number in the plan")),
    column("area", "commitment.area.number", _("Action area number")),
    text_columns("area_title", "commitment.area.title", _("Action area title")),
    column("goal", "commitment.goal.number", _("Primary goal number")),
    text_columns("goal_title", "commitment.goal.title", _("Primary goal title")),
    Column("supporting_goals", _codes("named_goals", "number"), _("Supporting goal numbers")),
    name_columns(
        "supporting_goal_titles",
        nested_getter("named_goals", "title"),
        _("Titles of these goals"),
    ),
    column("kind", "commitment.kind", _("Kind: deliverable or standing")),
    text_columns("title", "commitment.title", _("Short title, written for the tracker")),
    text_columns("text", "commitment.text", _("Verbatim text")),
    column("text_sha256", "commitment.text_sha256", _("SHA-256 of the text")),
    Column(
        "forums",
        _codes("named_forums", "code"),
        _("Codes of the partner forums named in the text"),
    ),
    name_columns(
        "forum_names",
        nested_getter("named_forums", "name"),
        _("Names of these forums"),
    ),
    column("lead_office", "commitment.lead_office.code", _("Lead office code")),
    text_columns("lead_office_name", "commitment.lead_office.name", _("Name of the lead office")),
    Column("supporting_offices", _codes("named_offices", "code"), _("Supporting office codes")),
    name_columns(
        "supporting_office_names",
        nested_getter("named_offices", "name"),
        _("Names of these offices"),
    ),
    column("start_on", "commitment.start_on", _("Start date")),
    column("due_on", "commitment.known_due_on", _("Due date")),
    column("due_on_first", "commitment.due_on_first", _("First due date")),
    column("due_on_changes", "commitment.due_on_changes", _("How often the due date was changed")),
    column("ends_on", "commitment.known_ends_on", _("Day on which a standing duty ends")),
    Column("milestones", _milestones, _("Milestones: key, due date, and when it was met")),
    name_columns("milestone_titles", _milestone_titles, _("Titles of these milestones")),
    column("schedule", "commitment.schedule", _("Schedule on the as_of date")),
    column("status", "status.value", _("Status code of the current assessment")),
    label_columns("status_label", "status", Status, _("Status label")),
    column("tone", "tone.value", _("What it counts as; unknown once the assessment has lapsed")),
    column(
        "effective_on",
        "commitment.assessment_effective_on",
        _("Date to which the commitment was assessed"),
    ),
    column(
        "covers_from",
        "commitment.assessment_covers_from",
        _("First day of the period that was assessed"),
    ),
    column(
        "date_precision",
        "commitment.assessment_precision",
        _("Precision of that date: day, month or year"),
    ),
    column(
        "published_at",
        "commitment.assessment_published_at",
        _("Time of publication of the assessment, UTC"),
    ),
    column("update", "commitment.assessment_id", _("ID of the update that gives the assessment")),
    column("evidence_level", "commitment.assessment_level", _("Evidence level, 0 to 3")),
    column(
        "freshness",
        "commitment.freshness",
        _("Freshness of the assessment: current, due, lapsed or settled"),
    ),
    Column("coverage", _coverage, _("What makes the basis of the assessment weak, as codes")),
    *(
        column(f"findings_{code.value}", f"findings.{code.value}", meaning)
        for code, meaning in FINDING_MEANINGS.items()
    ),
    column("last_action_on", "commitment.action_on", _("Date of the last action on record")),
    column("last_action_type", "commitment.action_type", _("Event type code of the last action")),
    column("updates", "commitment.update_count", _("Number of published updates counted")),
    column("as_of", "commitment.day", _("Date to which the row refers")),
    column(
        "known_at",
        "known_at",
        _("Counts only what was public at this time, UTC; if empty, everything on record"),
    ),
    column("url", "url", _("URL of the commitment's page")),
)
