"""The workbook of commitments, with their criteria, milestones, updates and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import (
    EVIDENCE_LEVELS,
    Codes,
    EventType,
    EvidenceKind,
    FindingResult,
    Freshness,
    Kind,
    RatingOutcome,
    Schedule,
    Source,
    Status,
)
from commitments.clocks import Clock
from commitments.exports.columns import Cell, attribute_getter, related_getter
from commitments.exports.workbook import (
    MEDIUM,
    NARROW,
    ROWS_PER_QUERY,
    WIDE,
    Sheet,
    SheetColumn,
    sheet_column,
    sheet_date,
    sheet_text,
)
from commitments.models import Commitment, Evidence, Finding, Forum, ProgressUpdate, Rating
from commitments.models.namings import each_with_content
from commitments.models.querysets import ReviewPeriod
from commitments.rollups.findings import finding_counts
from commitments.texts.text import Text
from commitments.workflow import PublicView, public_view

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from commitments.roles import Person


@dataclass(frozen=True)
class Selection:
    """The commitments of the workbook, read under a clock with everything that lists show, with the
    review periods of their plans, the user who reads them, and functions for the addresses of a
    commitment's page and of an update on it."""

    commitments: Any
    periods: Sequence[ReviewPeriod]
    clock: Clock
    user: Person
    page: Callable[[Commitment], str]
    place: Callable[[ProgressUpdate], str]

    @cached_property
    def is_rated(self) -> bool:
        """Whether a second person has rated any published assessment of these commitments."""
        commitments = self.commitments.order_by().values("pk")
        rows = Rating.objects.filter(update__commitment__in=commitments)
        return rows.filter(update__published_at__isnull=False).exists()

    @cached_property
    def forum_names(self) -> Mapping[int, Text]:
        """The names of all forums by id."""
        return dict(Forum.objects.values_list("pk", "name"))

    def rows(self) -> Iterator[Any]:
        rows: Iterator[Any] = self.commitments.iterator(chunk_size=ROWS_PER_QUERY)
        return rows

    def updates(self) -> Iterator[ProgressUpdate]:
        """The updates on the commitments that count under the clock, in the order of the
        commitments, latest first."""
        commitments = self.commitments.order_by().values("pk")
        rows = ProgressUpdate.objects.visible_to(self.user).under(self.clock, self.periods)
        rows = rows.filter(commitment__in=commitments).with_columns_for(self.user, self.clock)
        ordered = rows.order_by(
            "commitment__plan__code", "commitment__position", "-effective_on", "-pk"
        )
        return each_with_content(ordered, ROWS_PER_QUERY)


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
    forums: Sequence[Text]


class SourceEntry(NamedTuple):
    update: PublicView
    item: Evidence


def _commitments(selection: Selection) -> Iterable[CommitmentEntry]:
    return (CommitmentEntry(row, selection.page(row)) for row in selection.rows())


def _criteria(selection: Selection) -> Iterator[CriterionEntry]:
    """Yield the criteria in use under the clock, each with what the current assessment finds on
    it."""
    assessments: Any = selection.commitments.order_by().values("assessment_id")
    findings: Any = Finding.objects.filter(update__in=assessments).with_public_content()
    columns = findings.order_by().values_list("update", "criterion", "result")
    found: dict[tuple[int, int], str] = {tuple(pair): result for *pair, result in columns}
    for row in selection.rows():
        for criterion in row.known_criteria:
            yield CriterionEntry(row, criterion, found.get((row.assessment_id, criterion.pk)))


def _milestones(selection: Selection) -> Iterable[MilestoneEntry]:
    return (MilestoneEntry(row, item) for row in selection.rows() for item in row.known_milestones)


def _updates(selection: Selection) -> Iterator[UpdateEntry]:
    for row in selection.updates():
        update: PublicView = public_view(row, selection.user)
        forums = [selection.forum_names[forum.pk] for forum in update.forums]
        yield UpdateEntry(update, selection.place(row), forums)


def _sources(selection: Selection) -> Iterator[SourceEntry]:
    for row in selection.updates():
        update: PublicView = public_view(row, selection.user)
        yield from (SourceEntry(update, item) for item in update.evidence)


def _names(relation: str, name: str = "name") -> Callable[[object], Cell]:
    """Return a function that returns the names of a commitment's related rows, in order."""
    names_of = related_getter(f"commitment.{relation}", name)
    return lambda row: "\n".join(map(str, names_of(row)))


def _label(path: str, codes: type[Codes]) -> Callable[[object], Cell]:
    return _words(path, dict(codes.choices()).__getitem__)


def _level(path: str) -> Callable[[object], Cell]:
    """Return a function that returns the words for an evidence level, "" for a tombstone."""
    return _words(path, EVIDENCE_LEVELS.__getitem__)


def _words(path: str, words: Callable[[Any], StrOrPromise]) -> Callable[[object], Cell]:
    code_of = attribute_getter(path)

    def words_of(row: object) -> Cell:
        code = code_of(row)
        return "" if code in (None, "") else str(words(code))

    return words_of


def _text(path: str) -> Callable[[object], Cell]:
    """Return a function that returns a text in the reader's language."""
    text_of = attribute_getter(path)
    return lambda row: str(text_of(row) or "")


def _number_and_title(path: str) -> Callable[[object], Cell]:
    item_of = attribute_getter(path)

    def numbered(row: object) -> Cell:
        item = item_of(row)
        return f"{item.number} {item.title}" if item else ""

    return numbered


def _findings(row: CommitmentEntry) -> Cell:
    counts = finding_counts(row.commitment)
    return None if counts is None else f"{counts.shown} / {counts.of}"


UPDATE_IDS = (
    sheet_column(_("Commitment"), "update.commitment.code"),
    sheet_column(_("Update"), "update.id"),
)
IS_RATED = attrgetter("is_rated")
COMMITMENT_CODE = sheet_column(_("Commitment"), "commitment.code")
COMMITMENTS = Sheet(
    _("Commitments"),
    (
        COMMITMENT_CODE,
        sheet_text(_("Title"), "commitment.title", WIDE),
        sheet_text(pgettext_lazy("of a commitment", "Text"), "commitment.text", 2 * WIDE),
        SheetColumn(_("Kind"), _label("commitment.kind", Kind)),
        SheetColumn(_("Goal"), _number_and_title("commitment.goal"), MEDIUM),
        SheetColumn(_("Supporting goals"), _names("supporting_goals", "title"), MEDIUM),
        SheetColumn(_("Area"), _number_and_title("commitment.area"), MEDIUM),
        SheetColumn(_("Partner forums"), _names("partnerships", "forum.name"), MEDIUM),
        SheetColumn(_("Lead office"), _text("commitment.lead_office.name"), MEDIUM),
        SheetColumn(_("Supporting offices"), _names("supporting_offices"), MEDIUM),
        sheet_column(_("Start date"), "commitment.start_on"),
        sheet_column(_("Due date"), "commitment.known_due_on"),
        sheet_column(_("End date"), "commitment.known_ends_on"),
        SheetColumn(_("Status"), _label("commitment.assessment_status", Status), MEDIUM),
        sheet_column(_("Period from"), "commitment.assessment_covers_from"),
        sheet_date(
            _("Assessed to"),
            "commitment.assessment_effective_on",
            "commitment.assessment_precision",
        ),
        SheetColumn(_("Evidence level"), _level("commitment.assessment_level"), MEDIUM),
        SheetColumn(_("Freshness"), _label("commitment.freshness", Freshness)),
        SheetColumn(_("Schedule"), _label("commitment.schedule", Schedule)),
        SheetColumn(_("Criteria shown"), _findings),
        sheet_date(_("Last action"), "commitment.action_on", "commitment.action_precision"),
        SheetColumn(_("Type of the last action"), _label("commitment.action_type", EventType)),
        sheet_column(_("Updates"), "commitment.update_count"),
        sheet_column(_("Page"), "url", WIDE, is_link=True),
    ),
    _commitments,
)
CRITERIA = Sheet(
    _("Criteria"),
    (
        COMMITMENT_CODE,
        sheet_column(_("Key"), "criterion.key", NARROW),
        sheet_text(_("Criterion"), "criterion.text", 2 * WIDE),
        sheet_text(_("Quoted words"), "criterion.quote", WIDE),
        SheetColumn(
            _("Finding of the current assessment"), _label("result", FindingResult), MEDIUM
        ),
    ),
    _criteria,
)
UPDATES = Sheet(
    _("Updates"),
    (
        *UPDATE_IDS,
        sheet_date(_("Date"), "update.effective_on", "update.date_precision"),
        SheetColumn(_("Event type"), _label("update.event_type", EventType), MEDIUM),
        SheetColumn(_("Status"), _label("update.status", Status), MEDIUM),
        sheet_column(_("Period from"), "update.covers_from"),
        sheet_text(_("Summary"), "update.summary", 2 * WIDE),
        sheet_text(_("Search note"), "update.search_note", WIDE),
        SheetColumn(
            _("Partner forums"),
            lambda row: "\n".join(map(str, row.forums)),
            MEDIUM,
        ),
        SheetColumn(_("Evidence level"), _level("update.evidence_level"), MEDIUM),
        SheetColumn(
            _("Rated status"),
            _label("update.second_rating.first.status", Status),
            MEDIUM,
            needed=IS_RATED,
        ),
        SheetColumn(
            _("Second rating"),
            _label("update.second_rating.outcome", RatingOutcome),
            MEDIUM,
            needed=IS_RATED,
        ),
        sheet_column(_("Published, UTC"), "update.published_at", MEDIUM),
        sheet_column(_("Page"), "url", WIDE, is_link=True),
    ),
    _updates,
)
SOURCES = Sheet(
    pgettext_lazy("sheet", "Sources"),
    (
        *UPDATE_IDS,
        SheetColumn(_("Title"), _text("item.title"), WIDE),
        SheetColumn(_("Publisher"), _text("item.publisher.name"), MEDIUM),
        SheetColumn(_("Kind"), _label("item.kind", EvidenceKind), MEDIUM),
        SheetColumn(_("Source"), _label("item.source", Source), MEDIUM),
        sheet_column(_("Dated"), "item.dated_on"),
        sheet_column(_("Link"), "item.url", WIDE, is_link=True),
        sheet_column(_("Archived copy"), "item.archived_url", WIDE, is_link=True),
        sheet_column(_("Citation"), "item.citation", WIDE),
        sheet_column(_("File"), "item.file_name", MEDIUM),
    ),
    _sources,
)
MILESTONES = Sheet(
    _("Milestones"),
    (
        COMMITMENT_CODE,
        sheet_column(_("Key"), "milestone.key"),
        sheet_text(_("Title"), "milestone.title", WIDE),
        sheet_column(_("Due date"), "milestone.known_due_on"),
        sheet_date(_("Met on"), "milestone.met_on", "milestone.met_precision"),
        sheet_column(_("Met by update"), "milestone.met_by"),
    ),
    _milestones,
)
COMMITMENT_SHEETS = (COMMITMENTS, CRITERIA, UPDATES, SOURCES, MILESTONES)
