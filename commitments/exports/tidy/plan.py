"""The tidy tables of a plan's content: its commitments, their criteria, forums and milestones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from commitments.choices import DatePrecision, ForumKind, Kind
from commitments.exports.columns import related_getter, text_columns
from commitments.exports.tidy.fields import Field, any_language, array_field, field
from commitments.exports.tidy.tables import ForeignKey, Scope, TidyTable
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.models import Criterion, Milestone, Partnership

OF_COMMITMENT = ForeignKey(("commitment",), "commitments", ("code",))


def commitment_field(path: str) -> Field:
    """Return the column for the commitment whose code is at the end of the path."""
    return field("commitment", path, _("Public identifier of the commitment"), required=True)


COMMITMENT = commitment_field("commitment.code")
DUE_ON_HISTORY = (
    field("due_on_first", "due_on_first", _("First due date"), type="date"),
    field(
        "due_on_changes",
        "due_on_changes",
        _("How often the due date was changed"),
        type="integer",
        required=True,
    ),
)


def commitments_of(scope: Scope) -> Any:
    """Return the commitments of the plan under the clock, in the plan's order."""
    rows: Any = scope.plan.commitments.at(scope.clock, scope.periods)
    return rows.select_related("plan").defer("search_index").in_order()


def _commitments(scope: Scope) -> Iterator[Any]:
    rows = commitments_of(scope).with_date_history(scope.clock)
    rows = rows.select_related("area", "goal", "lead_office")
    rows = rows.prefetch_related("supporting_goals", "supporting_offices")
    found: Iterator[Any] = rows.iterator(chunk_size=ROWS_PER_QUERY)
    return found


COMMITMENT_TABLE = TidyTable(
    "commitments",
    _("Commitments"),
    _("One row for each commitment of the plan: its text, our reading of it, and its dates."),
    (
        field("code", "code", _("Public identifier"), required=True),
        field("plan", "plan.code", _("Plan code"), required=True),
        field("number", "number", _("Number in the plan"), required=True),
        field("position", "position", _("Place in the plan's list"), type="integer", required=True),
        field("area", "area.number", _("Action area number"), type="integer"),
        text_columns("area_title", "area.title", _("Action area title")),
        field("goal", "goal.number", _("Primary goal number"), type="integer"),
        text_columns("goal_title", "goal.title", _("Primary goal title")),
        text_columns("goal_reason", "goal_reason", _("Reason for the primary goal")),
        array_field(
            "supporting_goals",
            related_getter("supporting_goals", "number", "number"),
            _("Supporting goal numbers"),
            "integer",
        ),
        field("kind", "kind", _("Kind: deliverable or standing"), required=True, codes=Kind),
        text_columns("kind_reason", "kind_reason", _("Reason for the kind")),
        text_columns("title", "title", _("Short title, written for the tracker")),
        text_columns("text", "text", _("Verbatim text")),
        field("text_sha256", "text_sha256", _("SHA-256 of the text"), required=True),
        text_columns("note", "note", _("Note on the text")),
        text_columns("criteria_reason", "criteria_reason", _("Reason for the criteria")),
        field("lead_office", "lead_office.code", _("Lead office code")),
        text_columns("lead_office_name", "lead_office.name", _("Name of the lead office")),
        array_field(
            "supporting_offices",
            related_getter("supporting_offices", "code", "code"),
            _("Supporting office codes"),
        ),
        field("start_on", "start_on", _("Start date"), type="date"),
        field("due_on", "known_due_on", _("Due date"), type="date"),
        *DUE_ON_HISTORY,
        field("ends_on", "known_ends_on", _("Day on which a standing duty ends"), type="date"),
    ),
    _commitments,
    primary_key=("code",),
)


@dataclass(frozen=True)
class KnownCriterion:
    """A criterion as it was known at a time, or as it is now if the time is None."""

    criterion: Criterion
    known_at: datetime | None

    @property
    def retired_at(self) -> datetime | None:
        time = self.criterion.retired_at
        known = time is not None and (self.known_at is None or time <= self.known_at)
        return time if known else None


def _criteria(scope: Scope) -> Iterator[KnownCriterion]:
    known_at = scope.clock.known_at
    rows = Criterion.objects.known_by(known_at).filter(commitment__plan=scope.plan)
    rows = rows.select_related("commitment__plan").defer("commitment__search_index")
    ordered = rows.order_by("commitment__position", "commitment", "position", "id")
    return (KnownCriterion(row, known_at) for row in ordered.iterator(chunk_size=ROWS_PER_QUERY))


CRITERION_TABLE = TidyTable(
    "criteria",
    _("Criteria"),
    _(
        "One row for each criterion of a commitment, in use or replaced: what sources would have "
        "to show if the commitment were carried out."
    ),
    (
        commitment_field("criterion.commitment.code"),
        field("key", "criterion.key", _("Key, never used again"), required=True),
        field(
            "position",
            "criterion.position",
            _("Place in the commitment's list"),
            type="integer",
            required=True,
        ),
        text_columns("text", "criterion.text", _("What sources would have to show")),
        text_columns("quote", "criterion.quote", _("Words of the commitment that it comes from")),
        field(
            "added_at",
            "criterion.added_at",
            _("Time from which it was in use, UTC"),
            type="datetime",
            required=True,
        ),
        field(
            "retired_at",
            "retired_at",
            _("Time at which it was replaced, UTC; empty while it is in use"),
            type="datetime",
        ),
    ),
    _criteria,
    primary_key=("commitment", "key"),
    foreign_keys=(OF_COMMITMENT,),
)


def _partnerships(scope: Scope) -> Iterator[Partnership]:
    of_plan = scope.plan.commitments.in_plan_by(scope.clock)
    rows = Partnership.objects.filter(commitment__in=of_plan)
    rows = rows.select_related("commitment__plan", "forum__parent", "forum__successor_of")
    ordered = rows.order_by("commitment__position", "commitment", "forum__code")
    deferred = ordered.defer("commitment__search_index", "forum__search_index")
    return deferred.iterator(chunk_size=ROWS_PER_QUERY)


PARTNERSHIP_TABLE = TidyTable(
    "partnerships",
    _("Partnerships"),
    _("One row for each partner forum that the text of a commitment names."),
    (
        COMMITMENT,
        field("forum", "forum.code", _("Code of the forum"), required=True),
        *any_language("forum_name", "forum.name", _("Name of the forum")),
        field("forum_kind", "forum.kind", _("Kind of forum"), required=True, codes=ForumKind),
        field("part_of", "forum.parent.code", _("Code of the forum that it is part of")),
        field("successor_of", "forum.successor_of.code", _("Code of the forum that it succeeded")),
        field("closed_on", "forum.closed_on", _("Day on which it ended"), type="date"),
        text_columns("quote", "quote", _("Words of the text that name it")),
        array_field(
            "same_as",
            attrgetter("forum.same_as"),
            _("Addresses that identify the forum elsewhere, such as in Wikidata"),
        ),
    ),
    _partnerships,
    primary_key=("commitment", "forum"),
    foreign_keys=(OF_COMMITMENT,),
)


def _milestones(scope: Scope) -> Iterator[Any]:
    rows: Any = Milestone.objects.filter(commitment__plan=scope.plan)
    rows = rows.at(scope.clock, scope.periods).select_related("commitment__plan")
    rows = rows.defer("commitment__search_index")
    rows = rows.order_by("commitment__position", "commitment", "known_due_on", "id")
    found: Iterator[Any] = rows.iterator(chunk_size=ROWS_PER_QUERY)
    return found


MILESTONE_TABLE = TidyTable(
    "milestones",
    _("Milestones"),
    _("One row for each dated step of a commitment; those that were dropped are not among them."),
    (
        COMMITMENT,
        field("key", "key", _("Key, never used again"), required=True),
        text_columns("title", "title", _("Title")),
        field("due_on", "known_due_on", _("Due date"), type="date", required=True),
        *DUE_ON_HISTORY,
        field("met_on", "met_on", _("Date of the update by which it is met"), type="date"),
        field(
            "met_precision",
            "met_precision",
            _("Precision of that date: day, month or year"),
            codes=DatePrecision,
        ),
        field("met_by", "met_by", _("ID of the update by which it is met"), type="integer"),
    ),
    _milestones,
    primary_key=("commitment", "key"),
    foreign_keys=(OF_COMMITMENT, ForeignKey(("met_by",), "updates", ("id",))),
)
