"""The current assessment of a commitment and what it rests on, shown at the top of its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

# The record further down the page lists all of them.
MAX_SOURCES = 5


@dataclass(frozen=True)
class EventLink:
    """An event that shows a criterion: its id, and its day with the publisher of its strongest
    source, or “#12” if the event is not on the page."""

    id: int
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
    sources that it rests on, strongest first, each once.
    """

    update: PageUpdate | None
    findings: list[FindingRow]
    sources: list[EvidenceItem]

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
    assessment: int | None, updates: Sequence[PageUpdate], criteria: Iterable[Criterion]
) -> Verdict:
    """Return the verdict of the assessment with this id. `updates` are all updates on the page,
    `criteria` those in use."""
    by_id = {update.id: update for update in updates}
    update = by_id.get(assessment) if assessment else None
    answers = update.answers if update else []
    answered = {answer.criterion for answer in answers}
    others = [CriterionAnswer(row) for row in criteria if row not in answered]
    basis = [row for row in updates if update and _is_basis(row, update)]
    return Verdict(
        update,
        [
            FindingRow(row.criterion, row.result, [_event_link(pk, by_id) for pk in row.events])
            for row in [*answers, *others]
        ],
        [evidence_item(row) for row in strongest_sources(basis)],
    )


def _is_basis(row: PageUpdate, assessment: PageUpdate) -> bool:
    """Return whether an assessment rests on an update, that is, whether the update is the
    assessment itself, one of its events, or a correction of one of these."""
    return row.id == assessment.id or bool({row.id, row.corrects} & set(assessment.rests_on))


def _event_link(pk: int, updates: Mapping[int, PageUpdate]) -> EventLink:
    update = updates.get(pk)
    if update is None:
        return EventLink(pk, f"#{pk}")
    day = on_day(update.effective_on, update.date_precision)
    sources = strongest_sources([update])
    publisher = sources[0].publisher if sources else None
    if publisher is None:
        return EventLink(pk, day)
    names = {"day": day, "publisher": publisher.name}
    return EventLink(pk, sentence_html(_("%(day)s (%(publisher)s)"), names))


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
