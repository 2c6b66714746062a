"""Lines of a report: commitments, statuses, events, figures and sources, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import EventType, Reading, Status
from commitments.exports.documents.blocks import Emphasis, Entry, Line, TextRun, line_of, text_words
from commitments.models import Evidence
from commitments.pages.rows import ListedCommitment, event_text
from commitments.pages.updates import EvidenceItem, evidence_item
from commitments.reports import ReportedUpdate
from commitments.rollups import KindRollUp
from commitments.templatetags.pages import no_scheme
from commitments.texts.text import Text


@dataclass(frozen=True)
class ReportAddresses:
    """Absolute addresses: the lasting ones of the report and of commitments' pages, which keep
    both clocks, the short one of a source, and that of a link or file."""

    report: str
    commitment: Callable[[Any], str]
    source: Callable[[Evidence], str]
    absolute: Callable[[str], str]


def commitment_line(commitment: Any, address: str) -> Line:
    """Return the number and title of a commitment as a link."""
    number = TextRun(f"{commitment.number} ", mark=Emphasis.STRONG)
    return line_of(number, text_words(commitment.title, link=address))


def dated_status(listed: ListedCommitment) -> Line:
    """Return a status with the day of its assessment, and whether it has lapsed."""
    facts = muted(listed.dated_facts)
    space = [TextRun(" ")] if facts else []
    return [TextRun(str(Status(listed.status).label), status=listed.status), *space, *facts]


def muted(facts: Iterable[str], before: str = "") -> Line:
    """Return facts as one muted run of words; nothing if there are no facts."""
    text = " · ".join(map(str, facts))
    return [TextRun(f"{before}{text}", mark=Emphasis.MUTED)] if text else []


def event_entry(event: ReportedUpdate) -> Entry:
    """Return an entry with the day and type of an event, and its summary with the numbers of its
    sources."""
    update = event.update
    head = event_text(update.effective_on, update.date_precision, EventType(str(update.event_type)))
    return Entry([line_of(TextRun(head, mark=Emphasis.STRONG)), summary_line(event)])


def summary_line(reported: ReportedUpdate) -> Line:
    """Return the summary of an update with the numbers of its sources as links."""
    numbers = [
        TextRun(f"[{number}]", mark=Emphasis.NOTE, link=f"#{source_anchor(number)}")
        for number in reported.sources
    ]
    summary = reported.update.summary or reported.update.search_note
    return line_of(text_words(summary), numbers)


def source_anchor(number: int) -> str:
    return f"source-{number}"


def figure_rows(opening: KindRollUp, closing: KindRollUp) -> list[Sequence[Line]]:
    """Return rows with the figures of a kind at the beginning and at the end. Figures that are 0 on
    both days are left out, except the total and the bounds."""
    rows = [
        [line_of(label), *(line_of(TextRun(str(n), mark=Emphasis.NUMBER)) for n in pair)]
        for label, pair, is_always_shown in _figures(opening, closing)
        if is_always_shown or any(pair)
    ]
    readings = [line_of(str(Reading(part.reading).label)) for part in (opening, closing)]
    return [*rows, [line_of(pgettext("what a kind has achieved", "Reading")), *readings]]


def _figures(
    opening: KindRollUp, closing: KindRollUp
) -> Iterator[tuple[str, tuple[int, int], bool]]:
    """Yield (label, numbers at the beginning and at the end, whether to show the row if both are
    0)."""
    yield _("All"), (opening.of, closing.of), True
    for code, n in opening.counts.items():
        yield str(Status(code).label), (n, closing.counts[code]), False
    lapsed = _("of these, lapsed and counted as unknown")
    yield lapsed, (opening.lapsed, closing.lapsed), False
    (low, high), (later_low, later_high) = opening.fulfilled, closing.fulfilled
    yield _("Fulfilled, at least"), (low, later_low), True
    yield _("Fulfilled, at most"), (high, later_high), True
    yield _("With an adverse assessment"), (opening.adverse, closing.adverse), False
    yield _("Overdue"), (opening.overdue, closing.overdue), False


def source_entry(number: int, piece: Evidence, addresses: ReportAddresses) -> Entry:
    """Return the entry of a source under its number: title and facts, citation, short address and
    archived copy."""
    item = evidence_item(piece)
    link = addresses.absolute(item.address) if item.address else ""
    title = item.title
    named = text_words(title, link=link) if isinstance(title, Text) else TextRun(title, link=link)
    lines: list[Line] = [[named, *_source_facts(item)]]
    if piece.citation:
        lines.append(line_of(piece.citation))
    where = _source_places(piece, addresses)
    return Entry([*lines, *([where] if where else [])], source_anchor(number), number)


def _source_facts(item: EvidenceItem) -> Iterator[TextRun]:
    for fact in item.facts:
        yield TextRun(" · ", mark=Emphasis.MUTED)
        yield (
            text_words(fact, Emphasis.MUTED)
            if isinstance(fact, Text)
            else TextRun(str(fact), mark=Emphasis.MUTED)
        )


def _source_places(piece: Evidence, addresses: ReportAddresses) -> Line:
    places: list[TextRun] = []
    if piece.url:
        short = addresses.source(piece)
        places.append(TextRun(no_scheme(short), link=short))
    if piece.archived_url:
        separator = " · " if places else ""
        places.append(TextRun(f"{separator}{_('archived copy')}{_(': ')}", mark=Emphasis.MUTED))
        places.append(TextRun(no_scheme(piece.archived_url), link=piece.archived_url))
    return places
