"""The brief before a meeting as blocks of a document, for the file that staff take along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.choices import Freshness, Status
from commitments.exports.documents.blocks import (
    Block,
    Emphasis,
    Entry,
    EntryList,
    Line,
    Paragraph,
    SectionHeading,
    TextRun,
    line_of,
)
from commitments.pages.brief_words import is_empty_brief
from commitments.pages.phrases import ActionWords
from commitments.pages.promises import Promise, Quotation
from commitments.pages.report_lines import (
    ReportAddresses,
    commitment_line,
    dated_status,
    event_entry,
    source_entry,
)
from commitments.pages.rows import ListedCommitment
from commitments.pages.updates import EvidenceItem, PageUpdate
from commitments.reports import ReportedUpdate
from commitments.templatetags.tracker import on_day


@dataclass(frozen=True)
class BriefDocument:
    """The content of a brief's page, by the names of its template context. Actions are listed from
    the day `since`; sources are numbered from `first_source`."""

    context: Mapping[str, Any]
    addresses: ReportAddresses
    since: date
    first_source: int

    def blocks(self) -> Iterator[Block]:
        if is_empty_brief(self.context):
            sentence = _(
                "The plan does not name this forum, and nothing is on record there for this period."
            )
            yield Paragraph(line_of(sentence))
            return
        words: ActionWords = self.context["action_words"]
        yield SectionHeading(line_of(_("Commitments at this forum")))
        if not self.context["promises"]:
            yield Paragraph(line_of(_("The plan does not name this forum; only updates do.")))
        for promise in self.context["promises"]:
            yield from _promise(promise, words.none_there)
        title = words.since % {"day": on_day(self.since)}
        yield from self._events(title, "actions", words.none_in_period)
        yield from self._events(_("Criticism and context"), "other_events")
        yield SectionHeading(line_of(_("Open questions")))
        none = _("None: no commitment here is unknown, without progress or adverse.")
        yield from _entries(map(_question, self.context["questions"]), none)
        yield SectionHeading(line_of(_("Sources")))
        sources: Sequence[EvidenceItem] = self.context["sources"]
        numbered = enumerate(sources, self.first_source)
        entries = (source_entry(n, item.evidence, self.addresses) for n, item in numbered)
        yield from _entries(entries, _("No sources for this period."))

    def _events(self, title: str, name: str, nothing: str = "") -> Iterator[Block]:
        """Yield a section of events with the numbers of their sources. Without events, yield the
        sentence `nothing` in their place, or no section at all if it is empty."""
        events: Sequence[PageUpdate] = self.context[name]
        if not events and not nothing:
            return
        yield SectionHeading(line_of(title))
        yield from _entries((self._event(row) for row in events), nothing)
        more = self.context[f"{name}_count"] - len(events)
        if more:
            yield Paragraph(
                line_of(ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more})
            )

    def _event(self, update: PageUpdate) -> Entry:
        entry = event_entry(ReportedUpdate(update, self._numbers[update.id]))
        head, *others = entry.lines
        return Entry([line_of(f"{update.commitment.number} · ", head), *others])

    @property
    def _numbers(self) -> Mapping[int, list[int]]:
        """The numbers of each update's sources, by the update's id."""
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, item in enumerate(self.context["sources"], self.first_source):
            numbers[item.evidence.update_id].append(number)
        return numbers


def _entries(entries: Iterable[Entry], nothing: str) -> Iterator[Block]:
    found = list(entries)
    yield EntryList(found) if found else Paragraph(line_of(nothing))


def _promise(promise: Promise, no_action: str) -> Iterator[Block]:
    """Yield a commitment with the sentences that name the forum, its status, the last action there
    or, without one, this sentence, and a newer one at a successor."""
    row = promise.commitment.commitment
    yield SectionHeading(line_of(f"{row.code} ", row.title), 2)
    for quotation in promise.quotations:
        yield Paragraph(_quoted(quotation))
        if quotation.remark:
            yield Paragraph(line_of(quotation.remark))
    yield Paragraph(_verdict(row))
    if promise.last_action is None:
        yield Paragraph(line_of(no_action))
    for action in promise.last_actions:
        yield Paragraph(line_of(f"{action.label_as_last}{_(': ')}{action.text}"))


def _quoted(quotation: Quotation) -> Line:
    words = [
        TextRun(span.text, quotation.language, Emphasis.STRONG if span.is_found else Emphasis.PLAIN)
        for span in quotation.spans
    ]
    return line_of("“", words, "”")


def _verdict(row: Any) -> Line:
    words = [TextRun(str(Status(row.assessment_status).label), mark=Emphasis.STRONG)]
    if row.assessment_id:
        day = on_day(row.assessment_effective_on, row.assessment_precision)
        words.append(TextRun(f" · {day} · {Freshness(row.freshness).label}"))
    return words


def _question(listed: ListedCommitment) -> Entry:
    return Entry([line_of(commitment_line(listed.commitment, ""), " · ", dated_status(listed))])
