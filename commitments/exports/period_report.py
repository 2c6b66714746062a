"""The workbook of a report on a period: figures, changes, events, corrections, sources, and what is
not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy, pgettext_lazy

from commitments.choices import (
    EVIDENCE_LEVELS,
    METHODOLOGY,
    Action,
    Codes,
    CoverageGap,
    EventType,
    EvidenceKind,
    Freshness,
    Kind,
    Source,
    State,
    Status,
)
from commitments.exports.columns import Cell, attribute_getter
from commitments.exports.tables import PlanTerm
from commitments.exports.workbook import (
    MEDIUM,
    WIDE,
    LanguageCells,
    Sheet,
    SheetColumn,
    sheet_column,
    sheet_date,
    write_workbook,
)
from commitments.ledger import format_utc
from commitments.models import Commitment, Evidence
from commitments.reports import PeriodReport, ReportedUpdate
from commitments.rollups import KindRollUp
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


# Figures shown for every kind, whatever its reading: label and attribute.
NOTABLE = {
    gettext_lazy("of these, lapsed and counted as unknown"): "lapsed",
    gettext_lazy("With an adverse assessment"): "adverse",
    gettext_lazy("Overdue"): "overdue",
}


@dataclass(frozen=True)
class ReportBook:
    """A report, with the lasting addresses of the report, its commitments and its sources, and
    the sentence to quote on a commitment in the active language. `notice` is said in place of all
    sheets, if it is not empty."""

    report: PeriodReport
    address: str
    page: Callable[[Any], str]
    source: Callable[[Evidence], str]
    sentence: Callable[[Any], str]
    notice: str = ""


class Figure(NamedTuple):
    kind: Kind
    label: StrOrPromise
    opening: Cell
    closing: Cell


class ChangeRow(NamedTuple):
    change: Any
    url: str


class ReportedEventRow(NamedTuple):
    commitment: Commitment
    event: ReportedUpdate
    url: str


class QuotedRow(NamedTuple):
    commitment: Any
    sentence: Callable[[Any], str]


class SourceRow(NamedTuple):
    number: int
    piece: Evidence
    url: str | None


class UnknownRow(NamedTuple):
    """Something that is not known about a commitment or, without one, about a forum."""

    what: StrOrPromise
    code: str
    title: Text
    commitment: Any | None
    url: str | None


def _summary(book: ReportBook) -> Iterator[Figure]:
    for kind in Kind:
        opening, closing = book.report.opening.kinds[kind], book.report.closing.kinds[kind]
        if not closing.of:
            continue
        yield Figure(kind, gettext_lazy("All"), opening.of, closing.of)
        for code, n in opening.counts.items():
            yield Figure(kind, Status(code).label, n, closing.counts[code])
        yield from _bounds(kind, opening, closing)
        for label, name in NOTABLE.items():
            yield Figure(kind, label, getattr(opening, name), getattr(closing, name))
        readings = (str(part.reading.label) for part in (opening, closing))
        yield Figure(kind, pgettext_lazy("what a kind has achieved", "Reading"), *readings)


def _bounds(kind: Kind, opening: KindRollUp, closing: KindRollUp) -> Iterator[Figure]:
    labels = (gettext_lazy("Fulfilled, at least"), gettext_lazy("Fulfilled, at most"))
    for label, *pair in zip(labels, opening.fulfilled, closing.fulfilled, strict=True):
        yield Figure(kind, label, *pair)


def _changes(book: ReportBook) -> Iterator[ChangeRow]:
    return (ChangeRow(row, book.page(row.after)) for row in book.report.changes)


def _events(book: ReportBook) -> Iterator[ReportedEventRow]:
    for row in book.report.events:
        for event in row.events:
            yield ReportedEventRow(row.commitment, event, book.page(row.commitment))


def _quoted(book: ReportBook) -> Iterator[QuotedRow]:
    return (QuotedRow(row, book.sentence) for row in book.report.quoted)


def _sources(book: ReportBook) -> Iterator[SourceRow]:
    for number, piece in book.report.sources.numbered:
        yield SourceRow(number, piece, book.source(piece) if piece.url else None)


def _unknown(book: ReportBook) -> Iterator[UnknownRow]:
    report = book.report
    lists: list[tuple[StrOrPromise, Iterable[Any]]] = [
        (gettext_lazy("Not yet assessed"), report.unassessed),
        (Status.NO_EVIDENCE.label, report.not_evidenced),
        (gettext_lazy("Lapsed"), report.lapsed),
        (gettext_lazy("Overdue"), report.overdue),
        *((CoverageGap(gap).label, rows) for gap, rows in report.gaps.items()),
    ]
    for label, rows in lists:
        for row in rows:
            yield UnknownRow(label, row.code, row.title, row, book.page(row))
    for silent in report.silent_forums:
        what = gettext_lazy("No action on record in the period")
        yield UnknownRow(what, silent.forum.code, silent.forum.name, None, None)


def _label(codes: type[Codes], path: str) -> Callable[[object], object]:
    """Return a function that returns the label of a row's code; None without a code."""
    code_of = attribute_getter(path)

    def label(row: object) -> object:
        code = code_of(row)
        return codes(code).label if code else None

    return label


def _numbers(path: str) -> Callable[[object], Cell]:
    """Return a function that returns the numbers of sources as one cell."""
    reported_of = attribute_getter(path)

    def numbers(row: object) -> Cell:
        reported = reported_of(row)
        return "; ".join(map(str, reported.sources)) if reported else None

    return numbers


def _level(row: Any) -> object:
    after = row.change.after
    return EVIDENCE_LEVELS[after.assessment_level] if after.assessment_id else None


def _publisher(row: Any) -> object:
    publisher = row.piece.publisher
    return publisher.name if publisher else None


def _corrected(row: Any) -> object:
    return CORRECTED[row.decision.action]


def _yes(path: str) -> Callable[[object], object]:
    flag_of = attribute_getter(path)
    return lambda row: gettext_lazy("yes") if flag_of(row) else None


# What happened to an update, by the action.
CORRECTED = {
    Action.SUPERSEDE: State.SUPERSEDED.label,
    Action.RETRACT: State.RETRACTED.label,
    Action.ERASE: gettext_lazy("Erased"),
}
SHEETS = (
    Sheet(
        gettext_lazy("Summary"),
        (
            LanguageCells(gettext_lazy("Kind"), attribute_getter("kind.label")),
            LanguageCells(gettext_lazy("Number of commitments"), attribute_getter("label"), WIDE),
            sheet_column(gettext_lazy("Beginning"), "opening"),
            sheet_column(gettext_lazy("End"), "closing"),
        ),
        _summary,
    ),
    Sheet(
        pgettext_lazy("in a report", "Changes"),
        (
            sheet_column(gettext_lazy("Commitment"), "change.after.code"),
            LanguageCells(gettext_lazy("Title"), attribute_getter("change.after.title"), WIDE),
            LanguageCells(
                gettext_lazy("Change"), attribute_getter("change.comparison.movement.label")
            ),
            LanguageCells(
                gettext_lazy("Status at the beginning"), _label(Status, "change.comparison.before")
            ),
            LanguageCells(gettext_lazy("Lapsed then"), _yes("change.comparison.before_lapsed")),
            LanguageCells(
                gettext_lazy("Status at the end"), _label(Status, "change.comparison.after")
            ),
            sheet_date(
                gettext_lazy("Assessed to"),
                "change.after.assessment_effective_on",
                "change.after.assessment_precision",
            ),
            LanguageCells(gettext_lazy("Freshness"), _label(Freshness, "change.after.freshness")),
            LanguageCells(gettext_lazy("Evidence"), _level),
            LanguageCells(gettext_lazy("After a gap"), _yes("change.comparison.after_gap")),
            LanguageCells(
                gettext_lazy("By other criteria"), _yes("change.comparison.criteria_changed")
            ),
            LanguageCells(
                gettext_lazy("Assessment"),
                attribute_getter("change.assessment.update.summary"),
                WIDE,
            ),
            SheetColumn(pgettext_lazy("in a report", "Sources"), _numbers("change.assessment")),
            sheet_column(gettext_lazy("Link"), "url", WIDE, is_link=True),
        ),
        _changes,
    ),
    Sheet(
        gettext_lazy("Events"),
        (
            sheet_column(gettext_lazy("Commitment"), "commitment.code"),
            LanguageCells(gettext_lazy("Title"), attribute_getter("commitment.title"), WIDE),
            sheet_column(gettext_lazy("Update"), "event.update.id"),
            sheet_date(
                gettext_lazy("Date"), "event.update.effective_on", "event.update.date_precision"
            ),
            LanguageCells(gettext_lazy("Event type"), _label(EventType, "event.update.event_type")),
            LanguageCells(gettext_lazy("Summary"), attribute_getter("event.update.summary"), WIDE),
            SheetColumn(pgettext_lazy("in a report", "Sources"), _numbers("event")),
            sheet_column(gettext_lazy("Link"), "url", WIDE, is_link=True),
        ),
        _events,
    ),
    Sheet(
        gettext_lazy("Sentences to quote"),
        (
            sheet_column(gettext_lazy("Commitment"), "commitment.code"),
            # Each language has the address of the page in that language.
            LanguageCells(gettext_lazy("Sentence"), lambda row: row.sentence(row.commitment), WIDE),
        ),
        _quoted,
    ),
    Sheet(
        pgettext_lazy("in a report", "Sources"),
        (
            sheet_column(gettext_lazy("Number"), "number"),
            LanguageCells(gettext_lazy("Title"), attribute_getter("piece.title"), WIDE),
            LanguageCells(gettext_lazy("Publisher"), _publisher),
            sheet_column(gettext_lazy("Date"), "piece.dated_on"),
            LanguageCells(gettext_lazy("Kind"), _label(EvidenceKind, "piece.kind")),
            LanguageCells(gettext_lazy("Source type"), _label(Source, "piece.source")),
            sheet_column(gettext_lazy("Citation"), "piece.citation", WIDE),
            sheet_column(gettext_lazy("Link"), "piece.url", WIDE, is_link=True),
            sheet_column(gettext_lazy("Short link"), "url", WIDE, is_link=True),
            sheet_column(gettext_lazy("Archived copy"), "piece.archived_url", WIDE, is_link=True),
        ),
        _sources,
    ),
    Sheet(
        gettext_lazy("Not known"),
        (
            LanguageCells(gettext_lazy("What"), attribute_getter("what"), WIDE),
            sheet_column(gettext_lazy("Commitment or forum"), "code"),
            LanguageCells(gettext_lazy("Title"), attribute_getter("title"), WIDE),
            LanguageCells(
                gettext_lazy("Last assessed as"), _label(Status, "commitment.assessment_status")
            ),
            sheet_date(
                gettext_lazy("Assessed to"),
                "commitment.assessment_effective_on",
                "commitment.assessment_precision",
            ),
            sheet_column(gettext_lazy("Link"), "url", WIDE, is_link=True),
        ),
        _unknown,
    ),
    Sheet(
        gettext_lazy("Corrections"),
        (
            sheet_column(gettext_lazy("Published (UTC)"), "decision.at", MEDIUM),
            LanguageCells(gettext_lazy("Change"), _corrected),
            sheet_column(gettext_lazy("Commitment"), "decision.commitment.code"),
            sheet_column(gettext_lazy("Update"), "decision.update_id"),
            sheet_column(gettext_lazy("Reason"), "note", WIDE),
        ),
        lambda book: book.report.corrections,
    ),
)


def write_report_workbook(
    book: ReportBook, title: str, languages: Sequence[str], file: IO[bytes]
) -> None:
    """Write the sheets of a report and a sheet about its origin. Sheets have columns for each of
    these languages of the interface where they contain words."""
    report = book.report
    about: dict[str, Cell] = {
        "title": title,
        "address": book.address,
        "from": report.period.first,
        "to": report.period.last,
        "as_of_at_the_beginning": report.period.opening_day,
        "known_at": report.known_at and format_utc(report.known_at),
        "withdrawn_events": report.withdrawn_events or None,
        "notice": book.notice or None,
        "methodology": METHODOLOGY,
    }
    texts = {
        PlanTerm(report.plan.code, name): getattr(report.plan, name)
        for name in ("title", "licence")
    }
    write_workbook(() if book.notice else SHEETS, book, languages, about, texts, file)
