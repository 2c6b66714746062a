"""The words of a report on a period, in the reader's language: the blocks of the document, which
the page and the files show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments.choices import Kind, Movement, Status
from commitments.clocks import local_day
from commitments.exports.documents.blocks import (
    Block,
    BlockTable,
    Emphasis,
    Entry,
    EntryList,
    Line,
    Paragraph,
    SectionHeading,
    TextDocument,
    TextRun,
    line_of,
    text_words,
)
from commitments.pages.changes import ChangeEntry
from commitments.pages.citation import Cited, quotable_sentence
from commitments.pages.compare import comparison_remarks, comparison_sentence, movement_remarks
from commitments.pages.phrases import withdrawn_phrase
from commitments.pages.report_lines import (
    ReportAddresses,
    commitment_line,
    dated_status,
    event_entry,
    figure_rows,
    muted,
    source_entry,
    summary_line,
)
from commitments.pages.rows import CurrentStatus, ListedCommitment
from commitments.pages.summary import summarise
from commitments.pages.terms import terms_of
from commitments.reports import PeriodReport, ReportedChange
from commitments.templatetags.pages import no_scheme, site
from commitments.templatetags.tracker import on_day, time_in, until
from commitments.texts.languages import reader_tag
from commitments.texts.lists import COMMAS, join_list
from commitments.texts.phrases import CountedPhrase, sentence_of

# The most entries of each list that the page and the document have; the workbook has all.
MAX_ENTRIES = 500


def report_quotation(report: PeriodReport, commitment: Any, address: str) -> str:
    """Return the quotable sentence on a commitment at the end of a period, with its address."""
    day = report.period.last
    current = CurrentStatus(commitment, day, since=None, events=0, may_have_been_assessed=False)
    return quotable_sentence(Cited(current, address, read_on=day, published_on=None))


def adoption_notice(report: PeriodReport) -> str:
    """Return all that is said of a period before the plan was adopted; an empty text for others."""
    adopted = report.plan.adopted_on
    return "" if adopted is None or adopted <= report.period.last else _adoption(adopted)


def _adoption(adopted: date) -> str:
    return _("The plan was not adopted until %(day)s.") % {"day": on_day(adopted)}


@dataclass(frozen=True)
class ReportWords:
    """The words of a report. `filters` are the labels of the filters that are set, `of` is the
    number of all commitments of the plan, and `corrections` are the report's corrections as pages
    show them."""

    report: PeriodReport
    addresses: ReportAddresses
    filters: Sequence[str]
    of: int
    corrections: Sequence[ChangeEntry]

    def document(self) -> TextDocument:
        """Return the report as a document in the reader's language."""
        plan = self.report.plan
        return TextDocument(
            language=reader_tag(),
            title=f"{plan.title.inline()}{_(': ')}{self.title}",
            author=site().name,
            at=self.report.known_at or self.report.clock.now,
            blocks=list(self._blocks()),
            footer=f"{plan.code} · {self._days}",
        )

    @property
    def title(self) -> str:
        return _("Report on %(period)s") % {"period": self._days}

    @property
    def _days(self) -> str:
        return until(self.report.period.first, self.report.period.last)

    def _blocks(self) -> Iterator[Block]:
        report = self.report
        yield SectionHeading(line_of(self.title), 0)
        yield Paragraph([text_words(report.plan.title, Emphasis.STRONG)], is_lead=True)
        notice = adoption_notice(report)
        if notice:
            yield Paragraph(line_of(notice))
            return
        yield self._scope()
        yield EntryList([Entry([line_of(sentence)]) for sentence in self._method()])
        address = self.addresses.report
        label = _("This link always shows the statuses and events of this report")
        yield Paragraph(line_of(label, _(": "), TextRun(no_scheme(address), link=address)))
        if not report.commitments:
            yield Paragraph(line_of(_("No commitments match. Remove a filter or clear all.")))
            return
        yield from self._summary()
        yield from self._changes()
        yield from self._events()
        yield from self._corrections()
        yield from self._quotations()
        yield from self._unknown()
        yield from self._sources()

    def _scope(self) -> Paragraph:
        n = len(self.report.commitments)
        if self.filters:
            message = _("Scope: %(n)s of %(of)s commitments. %(filters)s.")
            chosen = join_list(self.filters, COMMAS)
            return Paragraph(line_of(message % {"n": n, "of": self.of, "filters": chosen}))
        message = ngettext(
            "Scope: the one commitment of the plan.", "Scope: all %(n)s commitments of the plan.", n
        )
        return Paragraph(line_of(message % {"n": n}))

    def _method(self) -> Iterator[str]:
        """Yield the sentences on how the report was made."""
        report = self.report
        days = {"opening": on_day(report.period.opening_day), "closing": on_day(report.period.last)}
        yield (
            _("The beginning is %(opening)s, the day before the period; the end is %(closing)s.")
            % days
        )
        adopted = report.plan.adopted_on
        if adopted is not None and report.period.opening_day < adopted:
            yield _adoption(adopted)
        if report.known_at is None:
            yield _("Nothing has been published yet.")
        else:
            message = _("Both dates use the same record: what was public at %(time)s.")
            yield message % {"time": time_in(report.known_at, report.plan.time_zone)}
        yield _("A lapsed assessment counts as unknown.")
        yield _("Events are those dated in the period, whenever they were published.")
        yield _("We give no percentage: it could rise though nothing was done.")

    def _summary(self) -> Iterator[Block]:
        report = self.report
        yield SectionHeading(line_of(_("Summary")))
        yield Paragraph(line_of(sentence_of(summarise(report.closing, report.period.last))))
        facts = {
            "since": on_day(report.period.opening_day),
            "day": on_day(report.period.last),
            "sentence": sentence_of(self._movements()),
        }
        yield Paragraph(line_of(_("From %(since)s to %(day)s: %(sentence)s") % facts))
        for remark in comparison_remarks(row.comparison for row in report.changes):
            yield Paragraph(line_of(remark))
        for kind in Kind:
            if report.closing.kinds[kind].of:
                yield self._counts(kind)

    def _movements(self) -> list[CountedPhrase]:
        all_known = all(row.comparison.is_known for row in self.report.changes)
        return comparison_sentence(self.report.movements, all_known=all_known)

    def _counts(self, kind: Kind) -> BlockTable:
        """Return the figures of a kind at the beginning and at the end."""
        report = self.report
        days = (report.period.opening_day, report.period.last)
        return BlockTable(
            line_of(TextRun(str(kind.label), mark=Emphasis.STRONG)),
            [line_of(_("Number of commitments")), *(line_of(on_day(day)) for day in days)],
            figure_rows(report.opening.kinds[kind], report.closing.kinds[kind]),
        )

    def _changes(self) -> Iterator[Block]:
        report = self.report
        groups: list[tuple[str, list[ReportedChange]]] = [
            (str(code.label), report.moved(code))
            for code in Movement
            if code is not Movement.UNCHANGED
        ]
        if any(rows for _label, rows in groups):
            yield SectionHeading(line_of(pgettext("in a report", "Changes")))
        for label, rows in groups:
            if rows:
                yield SectionHeading(line_of(label), 2)
                yield from _entries(rows, self._change_entry)

    def _change_entry(self, row: ReportedChange) -> Entry:
        before, after = ListedCommitment(row.before), ListedCommitment(row.after)
        remarks = [*movement_remarks(row.comparison), *after.last_action_fact]
        arrow = TextRun(" → ")
        statuses = [*dated_status(before), arrow, *dated_status(after), *muted(remarks, " · ")]
        summary = [summary_line(row.assessment)] if row.assessment else []
        return Entry([self._titled(row.after), statuses, *summary])

    def _titled(self, commitment: Any) -> Line:
        return commitment_line(commitment, self.addresses.commitment(commitment))

    def _events(self) -> Iterator[Block]:
        report = self.report
        yield SectionHeading(line_of(_("Events")))
        room = MAX_ENTRIES
        for row in report.events:
            if room > 0:
                yield SectionHeading(self._titled(row.commitment), 2)
                yield EntryList([event_entry(event) for event in row.events[:room]])
            room -= len(row.events)
        yield from _more(-room)
        if not report.events:
            yield Paragraph(line_of(_("No event dated in this period is on record.")))
        if report.withdrawn_events:
            yield Paragraph(line_of(withdrawn_phrase(report.withdrawn_events)))

    def _corrections(self) -> Iterator[Block]:
        if not self.corrections:
            return
        yield SectionHeading(line_of(_("Corrections and withdrawals")))
        yield Paragraph(line_of(_("Published in the period, whatever day they concern.")))
        yield from _entries(self.corrections, self._correction)

    def _correction(self, row: ChangeEntry) -> Entry:
        day = on_day(local_day(row.decision.at, row.plan.time_zone))
        head = TextRun(f"{' · '.join([day, *row.facts, *row.erased])} · ")
        reason = [line_of(_("Reason: %(reason)s") % {"reason": row.note})] if row.note else []
        return Entry([[head, *self._titled(row.commitment)], *reason])

    def _quotations(self) -> Iterator[Block]:
        """Yield a quotable sentence for each commitment that has news or events."""
        quoted = self.report.quoted
        if not quoted:
            return
        yield SectionHeading(line_of(_("Sentences to quote")))
        sentence = _(
            "Each gives the status at the end of the period with its age and evidence, and a link "
            "that always shows the same."
        )
        yield Paragraph(line_of(sentence))
        yield from _entries(quoted, lambda row: Entry([self._quotation(row)]))

    def _quotation(self, row: Any) -> Line:
        address = self.addresses.commitment(row)
        before, _address, after = report_quotation(self.report, row, address).partition(address)
        return line_of(before, TextRun(address, link=address), after)

    def _unknown(self) -> Iterator[Block]:
        report = self.report
        lists: Iterable[tuple[str, Sequence[Any]]] = [
            (_("Not yet assessed"), report.unassessed),
            (str(Status.NO_EVIDENCE.label), report.not_evidenced),
            (_("Lapsed assessments, which count as unknown"), report.lapsed),
            (_("Overdue"), report.overdue),
            *(
                (_("Weak basis: %(gap)s") % {"gap": gap.label}, rows)
                for gap, rows in report.gaps.items()
            ),
        ]
        found = [(label, rows) for label, rows in lists if rows]
        if found or report.silent_forums:
            yield SectionHeading(line_of(_("What is not known")))
        for label, rows in found:
            yield SectionHeading(line_of(label), 2)
            yield from _entries(rows, lambda row: Entry([self._open_line(row)]))
        if report.silent_forums:
            yield from self._silence()

    def _open_line(self, row: Any) -> Line:
        status = dated_status(ListedCommitment(row)) if row.assessment_id else []
        return line_of(self._titled(row), " · " if status else "", status)

    def _silence(self) -> Iterator[Block]:
        forums = self.report.silent_forums
        names_of_all = {"forums": terms_of(self.report.plan)["forum"].many}
        title = _("%(forums)s without an action on record in the period") % names_of_all
        yield SectionHeading(line_of(title), 2)
        message = _("%(n)s of %(of)s. No record does not mean that nothing was done.")
        yield Paragraph(line_of(message % {"n": len(forums), "of": self.report.forum_count}))
        codes = (TextRun(f"{row.forum.code} ", mark=Emphasis.STRONG) for row in forums)
        names = (row.forum.name for row in forums)
        pairs = zip(codes, names, strict=True)
        yield EntryList([Entry([line_of(code, name)]) for code, name in pairs])

    def _sources(self) -> Iterator[Block]:
        """Yield the sources up to the last one that the document cites. Later ones belong to events
        that were cut."""
        numbered = self.report.sources.numbered
        changes = (row.assessment for row in self.report.changes if row.assessment)
        events = (event for row in self.report.events for event in row.events)
        named = chain(changes, islice(events, MAX_ENTRIES))
        last = max((number for row in named for number in row.sources), default=0)
        if last:
            yield SectionHeading(line_of(pgettext("in a report", "Sources")))
            entries = [source_entry(*pair, self.addresses) for pair in numbered[:last]]
            yield EntryList(entries)
            yield from _more(len(numbered) - last)


def _entries(rows: Sequence[Any], entry: Callable[[Any], Entry]) -> Iterator[Block]:
    """Yield the first of these rows as a list, and then the number of rows left out."""
    yield EntryList([entry(row) for row in rows[:MAX_ENTRIES]])
    yield from _more(len(rows) - MAX_ENTRIES)


def _more(n: int) -> Iterator[Block]:
    if n > 0:
        message = ngettext(
            "%(n)s more is in the workbook (XLSX).", "%(n)s more are in the workbook (XLSX).", n
        )
        yield Paragraph(line_of(message % {"n": n}))
