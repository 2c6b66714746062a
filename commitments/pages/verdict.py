"""The current assessment of a commitment and what it rests on, shown at the top of its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commitments.choices import FindingResult, Source
from commitments.models import Criterion, Evidence
from commitments.pages.updates import (
    CriterionAnswer,
    EvidenceItem,
    PageUpdate,
    UpdateText,
    evidence_item,
)
from commitments.templatetags.tracker import on_day
from commitments.texts.text import sentence_html
from commitments.workflow.findings import counting_bases

# The record further down the page lists all of them.
MAX_SOURCES = 5


@dataclass(frozen=True)
class EventLink:
    """An event that shows a criterion, as it counts: its day with the publisher of its strongest
    source, or “#12” if none of its chain counts, with a note if it was withdrawn. `id` is None if
    it is not on the page."""

    id: int | None
    text: str


@dataclass(frozen=True)
class FindingRow:
    """A criterion, what the current assessment finds on it, and the events that show it."""

    criterion: Criterion
    result: FindingResult | None
    events: list[EventLink]


@dataclass(frozen=True)
class Verdict:
    """The current assessment; `update` is None if there is none.

    `findings` are those on the criteria that it answers, followed by the criteria in use that it
    does not answer; if it was withdrawn since, nobody may read which it answers. `sources` are the
    sources that it rests on, strongest first, each once. `later_events` is the number of events
    that count and are dated after the period that it assesses.
    """

    update: PageUpdate | None
    findings: list[FindingRow]
    sources: list[EvidenceItem]
    later_events: int

    @property
    def text(self) -> UpdateText | None:
        """The text of the assessment in the reader's language if available."""
        return next(iter(self.update.texts), None) if self.update else None

    @property
    def is_withheld(self) -> bool:
        """Whether the assessment counts under the clock, but was withdrawn since."""
        return self.update is not None and self.update.is_withdrawn

    @property
    def first_sources(self) -> list[EvidenceItem]:
        return self.sources[:MAX_SOURCES]

    @property
    def more_sources(self) -> int:
        """The number of sources beyond those shown."""
        return max(0, len(self.sources) - MAX_SOURCES)


def verdict_of(
    assessment: int | None,
    updates: Sequence[PageUpdate],
    counting: Sequence[PageUpdate],
    criteria: Iterable[Criterion],
) -> Verdict:
    """Return the verdict of the assessment with this id. `updates` are all updates on the page,
    `counting` those that count under the clock, and the events that a correction moved beyond its
    day; `criteria` those in use."""
    update = next((row for row in updates if row.id == assessment), None)
    answers = update.answers if update else []
    answered = {answer.criterion for answer in answers}
    others = [CriterionAnswer(row) for row in criteria if row not in answered]
    basis = _Basis(update, updates, counting)
    return Verdict(
        update,
        [
            FindingRow(row.criterion, row.result, basis.links(row.events))
            for row in [*answers, *others]
        ],
        [evidence_item(row) for row in strongest_sources(basis.sources)],
        basis.later_events,
    )


class _Basis:
    """What an assessment rests on: for each event that it names, the update of its chain of
    corrections that counts."""

    def __init__(
        self,
        assessment: PageUpdate | None,
        updates: Sequence[PageUpdate],
        counting: Sequence[PageUpdate],
    ) -> None:
        self.assessment = assessment
        self.on_page = {row.id for row in updates}
        self.withdrawn = {row.chain for row in updates if row.is_withdrawn}
        self.chains = assessment.chains_of_events if assessment else {}
        self.ends = {row.chain: row for row in counting}

    @property
    def sources(self) -> list[PageUpdate]:
        """The updates whose evidence counts towards the level of the assessment, itself first."""
        if self.assessment is None:
            return []
        findings = list(self.assessment.findings.values())
        bases = counting_bases(self.assessment.id, self.assessment.rests_on, findings)
        chains = [self.chains.get(pk) for pk, counts in bases.items() if counts]
        return [self.ends[chain] for chain in chains if chain in self.ends]

    @property
    def later_events(self) -> int:
        """The number of events on the page after the day up to which it assesses."""
        if self.assessment is None:
            return 0
        events = [row for row in self.ends.values() if row.event_type and row.id in self.on_page]
        return sum(row.effective_on > self.assessment.effective_on for row in events)

    def links(self, events: Iterable[int]) -> list[EventLink]:
        """Return the links of these events, one for those of a chain."""
        return list(dict.fromkeys(map(self._link, events)))

    def _link(self, event: int) -> EventLink:
        chain = self.chains[event]
        end = self.ends.get(chain)
        if end is None:
            withdrawn = _("#%(id)s, withdrawn") % {"id": event}
            text = withdrawn if chain in self.withdrawn else f"#{event}"
            return EventLink(event if event in self.on_page else None, text)
        return EventLink(end.id if end.id in self.on_page else None, _day_and_publisher(end))


def _day_and_publisher(event: PageUpdate) -> str:
    day = on_day(event.effective_on, event.date_precision)
    sources = strongest_sources([event])
    publisher = sources[0].publisher if sources else None
    if publisher is None:
        return day
    return sentence_html(_("%(day)s (%(publisher)s)"), {"day": day, "publisher": publisher.name})


def strongest_sources(updates: Iterable[PageUpdate]) -> list[Evidence]:
    """Return the evidence of these updates, ordered as by `by_strength`."""
    return by_strength(item for update in updates for item in update.evidence)


def by_strength(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return pieces of evidence by evidence level, strongest first, and then by date, newest first,
    with each source once. A piece without a date is sorted by the date of its update."""
    newest = sorted(
        evidence, key=lambda item: item.dated_on or item.update.effective_on, reverse=True
    )
    strongest = sorted(newest, key=lambda item: -Source(item.source).level)
    first: dict[str, Evidence] = {}
    for item in strongest:
        first.setdefault(item.source_key, item)
    return list(first.values())
