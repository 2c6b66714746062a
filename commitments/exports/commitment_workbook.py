"""The workbook of commitments: they, their criteria and milestones, updates and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import (
    EVIDENCE_LEVELS,
    EventType,
    EvidenceKind,
    FindingResult,
    Freshness,
    Kind,
    Schedule,
    Source,
    Status,
)
from commitments.clocks import Clock
from commitments.exports.columns import Cell, attribute_getter
from commitments.exports.workbook import NARROW, WIDE, Field, Sheet, TextField
from commitments.models import Commitment, Evidence, Finding, Plan, ProgressUpdate
from commitments.rollups.findings import finding_counts
from commitments.workflow import PublicView, public_view

if TYPE_CHECKING:
    from commitments.roles import Person

# Rows fetched at once, with their related rows.
ROWS_PER_QUERY = 200
MEDIUM = 24


@dataclass(frozen=True)
class Selection:
    """The commitments of the workbook, read under a clock with all that lists show, all plans that
    they can be of, who reads them, and the addresses of a commitment's page and of an update on
    it."""

    commitments: Any
    plans: Sequence[Plan]
    clock: Clock
    user: Person
    page: Callable[[Commitment], str]
    place: Callable[[ProgressUpdate], str]

    def rows(self) -> Iterator[Any]:
        rows: Iterator[Any] = self.commitments.iterator(chunk_size=ROWS_PER_QUERY)
        return rows

    def updates(self) -> Iterator[ProgressUpdate]:
        """The updates on the commitments that count under the clock, in the order of the
        commitments, the latest first."""
        commitments = self.commitments.order_by().values("pk")
        rows = ProgressUpdate.objects.visible_to(self.user).under(self.clock, self.plans)
        rows = rows.filter(commitment__in=commitments).with_related_content()
        ordered = rows.order_by(
            "commitment__plan__code", "commitment__position", "-effective_on", "-pk"
        )
        return ordered.iterator(chunk_size=ROWS_PER_QUERY)


class CommitmentEntry(NamedTuple):
    commitment: Any
    url: str


class CriterionEntry(NamedTuple):
    commitment: Any
    criterion: Any
    result: str | None


class MilestoneEntry(NamedTuple):
    commitment: Any
    milestone: Any


class UpdateEntry(NamedTuple):
    update: PublicView
    url: str


class SourceEntry(NamedTuple):
    update: PublicView
    item: Evidence


def _commitments(selection: Selection) -> Iterable[CommitmentEntry]:
    return (CommitmentEntry(row, selection.page(row)) for row in selection.rows())


def _criteria(selection: Selection) -> Iterator[CriterionEntry]:
    """Yield the criteria in use under the clock, each with what the current assessment finds."""
    assessments: Any = selection.commitments.order_by().values("assessment_id")
    findings: Any = Finding.objects.filter(update__in=assessments).order_by()
    columns = findings.values_list("update", "criterion", "result")
    found: dict[tuple[int, int], str] = {tuple(pair): result for *pair, result in columns}
    for row in selection.rows():
        for criterion in row.known_criteria:
            yield CriterionEntry(row, criterion, found.get((row.assessment_id, criterion.pk)))


def _milestones(selection: Selection) -> Iterable[MilestoneEntry]:
    return (MilestoneEntry(row, item) for row in selection.rows() for item in row.known_milestones)


def _updates(selection: Selection) -> Iterable[UpdateEntry]:
    return (
        UpdateEntry(public_view(row, selection.user), selection.place(row))
        for row in selection.updates()
    )


def _sources(selection: Selection) -> Iterator[SourceEntry]:
    for row in selection.updates():
        update: PublicView = public_view(row, selection.user)
        yield from (SourceEntry(update, item) for item in update.evidence)


def _names(relation: str, name: str = "name") -> Callable[[Any], Cell]:
    """Return a function that gives the names of a commitment's related rows, in order."""
    related, name_of = attrgetter(f"commitment.{relation}"), attrgetter(name)
    return lambda row: "\n".join(str(name_of(item)) for item in related(row).all())


def _label(path: str, codes: Any) -> Callable[[Any], Cell]:
    code_of = attribute_getter(path)

    def label(row: Any) -> Cell:
        code = code_of(row)
        return str(codes(code).label) if code else ""

    return label


def _text(path: str) -> Callable[[Any], Cell]:
    """Return a function that gives a text in the reader's language."""
    text_of = attribute_getter(path)
    return lambda row: str(text_of(row) or "")


def _number_and_title(path: str) -> Callable[[Any], Cell]:
    item_of = attribute_getter(path)

    def numbered(row: Any) -> Cell:
        item = item_of(row)
        return f"{item.number} {item.title}" if item else ""

    return numbered


def _findings(row: CommitmentEntry) -> Cell:
    counts = finding_counts(row.commitment)
    return None if counts is None else f"{counts.shown} / {counts.of}"


CODE = Field(_("Commitment"), attribute_getter("commitment.code"))
COMMITMENTS = Sheet(
    _("Commitments"),
    (
        CODE,
        TextField(_("Title"), attribute_getter("commitment.title"), WIDE),
        TextField(_("Text"), attribute_getter("commitment.text"), 2 * WIDE),
        Field(_("Kind"), _label("commitment.kind", Kind)),
        Field(_("Goal"), _number_and_title("commitment.goal"), MEDIUM),
        Field(_("Supporting goals"), _names("supporting_goals", "title"), MEDIUM),
        Field(_("Area"), _number_and_title("commitment.area"), MEDIUM),
        Field(_("Partner forums"), _names("partnerships", "forum.name"), MEDIUM),
        Field(_("Lead office"), _text("commitment.lead_office.name"), MEDIUM),
        Field(_("Supporting offices"), _names("supporting_offices"), MEDIUM),
        Field(_("Start date"), attribute_getter("commitment.start_on")),
        Field(_("Due date"), attribute_getter("commitment.known_due_on")),
        Field(_("End date"), attribute_getter("commitment.known_ends_on")),
        Field(_("Status"), _label("commitment.assessment_status", Status), MEDIUM),
        Field(_("Period from"), attribute_getter("commitment.assessment_covers_from")),
        Field(_("Assessed to"), attribute_getter("commitment.assessment_effective_on")),
        Field(
            _("Evidence level"),
            lambda row: str(EVIDENCE_LEVELS[row.commitment.assessment_level]),
            MEDIUM,
        ),
        Field(_("Freshness"), _label("commitment.freshness", Freshness)),
        Field(_("Schedule"), _label("commitment.schedule", Schedule)),
        Field(_("Criteria shown"), _findings),
        Field(_("Last action"), attribute_getter("commitment.action_on")),
        Field(_("Type of the last action"), _label("commitment.action_type", EventType)),
        Field(_("Updates"), attribute_getter("commitment.update_count")),
        Field(_("Page"), attribute_getter("url"), WIDE, is_link=True),
    ),
    _commitments,
)
CRITERIA = Sheet(
    _("Criteria"),
    (
        CODE,
        Field(_("Key"), attribute_getter("criterion.key"), NARROW),
        TextField(_("Criterion"), attribute_getter("criterion.text"), 2 * WIDE),
        TextField(_("Quoted words"), attribute_getter("criterion.quote"), WIDE),
        Field(_("Finding of the current assessment"), _label("result", FindingResult), MEDIUM),
    ),
    _criteria,
)
UPDATES = Sheet(
    _("Updates"),
    (
        Field(_("Commitment"), attribute_getter("update.commitment.code")),
        Field(_("Update"), attribute_getter("update.id")),
        Field(_("Date"), attribute_getter("update.effective_on")),
        Field(_("Event type"), _label("update.event_type", EventType), MEDIUM),
        Field(_("Status"), _label("update.status", Status), MEDIUM),
        Field(_("Period from"), attribute_getter("update.covers_from")),
        TextField(_("Summary"), attribute_getter("update.summary"), 2 * WIDE),
        TextField(_("Search note"), attribute_getter("update.search_note"), WIDE),
        Field(
            _("Partner forums"),
            lambda row: "\n".join(str(forum.name) for forum in row.update.forums),
            MEDIUM,
        ),
        Field(
            _("Evidence level"),
            lambda row: str(EVIDENCE_LEVELS[row.update.evidence_level]),
            MEDIUM,
        ),
        Field(_("Published, UTC"), attribute_getter("update.published_at"), MEDIUM),
        Field(_("Page"), attribute_getter("url"), WIDE, is_link=True),
    ),
    _updates,
)
SOURCES = Sheet(
    pgettext_lazy("sheet", "Sources"),
    (
        Field(_("Commitment"), attribute_getter("update.commitment.code")),
        Field(_("Update"), attribute_getter("update.id")),
        Field(_("Title"), _text("item.title"), WIDE),
        Field(_("Publisher"), _text("item.publisher.name"), MEDIUM),
        Field(_("Kind"), _label("item.kind", EvidenceKind), MEDIUM),
        Field(_("Source"), _label("item.source", Source), MEDIUM),
        Field(_("Dated"), attribute_getter("item.dated_on")),
        Field(_("Link"), attribute_getter("item.url"), WIDE, is_link=True),
        Field(_("Archived copy"), attribute_getter("item.archived_url"), WIDE, is_link=True),
        Field(_("Citation"), attribute_getter("item.citation"), WIDE),
        Field(_("File"), attribute_getter("item.file_name"), MEDIUM),
    ),
    _sources,
)
MILESTONES = Sheet(
    _("Milestones"),
    (
        CODE,
        Field(_("Key"), attribute_getter("milestone.key")),
        TextField(_("Title"), attribute_getter("milestone.title"), WIDE),
        Field(_("Due date"), attribute_getter("milestone.known_due_on")),
        Field(_("Met on"), attribute_getter("milestone.met_on")),
        Field(_("Met by update"), attribute_getter("milestone.met_by")),
    ),
    _milestones,
)
COMMITMENT_SHEETS = (COMMITMENTS, CRITERIA, UPDATES, SOURCES, MILESTONES)
