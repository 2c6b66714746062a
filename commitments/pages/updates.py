"""Updates and their evidence as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.choices import (
    Action,
    EventType,
    EvidenceKind,
    FindingResult,
    RatingOutcome,
    Source,
    State,
    Status,
)
from commitments.clocks import local_day
from commitments.curation.erasures import part_label
from commitments.ledger import import_digest
from commitments.models import Criterion, Evidence, ProgressUpdate
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import on_day, period_text
from commitments.texts.text import Text
from commitments.workflow import PublicView, has_only_earlier_sources, public_view
from commitments.workflow.public_view import VisibleErasure


@dataclass(frozen=True)
class UpdateText:
    """The text of an update in one language."""

    language: str
    summary: str
    search_note: str


@dataclass(frozen=True)
class CriterionAnswer:
    """What an assessment finds on a criterion. `result` is None if it does not answer the
    criterion; `events` are the ids of the events that show the criterion."""

    criterion: Criterion
    result: FindingResult | None = None
    events: Sequence[int] = ()


@dataclass(frozen=True)
class EvidenceItem:
    """A piece of evidence. `address` is that of its link or file; "" if it has neither."""

    evidence: Evidence
    address: str

    @property
    def title(self) -> Text | str:
        """The title, or a note that it was erased."""
        return self.evidence.title or _("Title erased")

    @property
    def facts(self) -> list[object]:
        """The publisher, date, kind, source type, file name and file size, as far as they are
        known; for an erased file, its digest."""
        return self._facts(EvidenceKind(self.evidence.kind).label)

    @property
    def facts_without_kind(self) -> list[object]:
        """The same facts without the kind, for places where that is shown separately."""
        return self._facts()

    def _facts(self, *kind: object) -> list[object]:
        item = self.evidence
        facts = [
            item.publisher and item.publisher.name,
            on_day(item.dated_on) if item.dated_on else "",
            *kind,
            Source(item.source).label,
            item.file_name if item.file else "",
            filesizeformat(item.file_size or 0) if item.file else "",
            self._erased_place(),
        ]
        return [fact for fact in facts if fact]

    def _erased_place(self) -> str:
        """Return a note that the link, file or citation was erased; "" if it was not."""
        item = self.evidence
        if item.url or item.file or item.citation:
            return ""
        if item.file_sha256:
            return _("file erased, SHA-256: %(digest)s") % {"digest": item.file_sha256}
        return _("link or citation erased")

    @property
    def short_facts(self) -> list[object]:
        """The publisher, if it is known, and the source type."""
        publisher = self.evidence.publisher
        facts = (publisher and publisher.name, Source(self.evidence.source).label)
        return [fact for fact in facts if fact]


def evidence_item(evidence: Evidence) -> EvidenceItem:
    """Return a piece of evidence as the pages show it."""
    if evidence.url or not evidence.file:
        return EvidenceItem(evidence, evidence.url)
    return EvidenceItem(evidence, reverse("api:evidence-file", args=[evidence.pk]))


@dataclass(frozen=True)
class SourceReference:
    """A piece of evidence whose source appears with its details earlier on the page, as
    `listed`."""

    item: EvidenceItem
    listed: Evidence

    @property
    def name(self) -> Text | str:
        """The publisher, or the title if the publisher is not known."""
        publisher = self.item.evidence.publisher
        return publisher.name if publisher else self.item.title

    @property
    def facts(self) -> list[object]:
        """The date, and the details in which this piece differs from the listed one."""
        item, listed = self.item.evidence, self.listed
        facts = [
            on_day(item.dated_on) if item.dated_on else "",
            item.title if item.publisher and item.title != listed.title else "",
            item.citation if item.citation != listed.citation else "",
            Source(item.source).label if item.source != listed.source else "",
        ]
        return [fact for fact in facts if fact]


@dataclass(frozen=True)
class PageErasure:
    """What was erased from an update, in words, and on which day in the plan's time zone."""

    erasure: VisibleErasure
    day: date
    parts: list[str]


@dataclass(frozen=True)
class PageUpdate(PublicView):
    """An update as the public may see it.

    `corrected_by` is the id of its correction, if that is on the same page. `listed_above` is the
    evidence that appears earlier on the page, by `Evidence.source_key`.
    """

    corrected_by: int | None = None
    listed_above: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def is_withdrawn(self) -> bool:
        return self.state == State.RETRACTED

    @property
    def texts(self) -> list[UpdateText]:
        """The text in each language that has one, the reader's first."""
        return [
            UpdateText(tag, self.summary.get(tag, ""), self.search_note.get(tag, ""))
            for tag in dict(self.summary.in_reading_order() + self.search_note.in_reading_order())
        ]

    @property
    def date_text(self) -> str:
        """The date up to which the update assesses, or the date of its event."""
        day = on_day(self.effective_on, self.date_precision)
        message = _("Assessed to %(day)s") if self.status else _("Event of %(day)s")
        return message % {"day": day}

    @property
    def period(self) -> str:
        """The period that the update assesses; "" if it has none."""
        if self.covers_from is None:
            return ""
        return period_text(self.covers_from, self.effective_on, self.date_precision)

    @property
    def answers(self) -> list[CriterionAnswer]:
        """What the assessment finds on each criterion, in the order of the plan."""
        criteria = {row.criterion.key: row.criterion for row in self._update.findings.all()}
        return [
            CriterionAnswer(criteria[key], FindingResult(finding.result), finding.events)
            for key, finding in self.findings.items()
        ]

    @property
    def rating_texts(self) -> list[str]:
        """The result of the second rating of the assessment, in sentences; empty without one."""
        rating = self.second_rating
        if rating is None or rating.outcome is None:
            return []
        outcome = RatingOutcome(rating.outcome)
        sentence = _("A second person rated it blind. %(outcome)s")
        texts = [sentence % {"outcome": outcome.label}]
        if outcome is not RatingOutcome.AGREES:
            first = rating.first
            then = _(
                "At that time the author's status was “%(assessed)s”, the rating's “%(rated)s”."
            )
            labels = {
                "assessed": Status(first.assessed_status).label,
                "rated": Status(first.status).label,
            }
            texts.append(then % labels)
        return texts

    @property
    def chain(self) -> int | None:
        """The id of the first update of its chain of corrections."""
        return self._update.chain_id

    @property
    def chains_of_events(self) -> dict[int, int | None]:
        """The same of the events on which the assessment rests, by their ids."""
        return {basis.event_id: basis.event.chain_id for basis in self._update.bases.all()}

    @property
    def context_events(self) -> list[int]:
        """The ids of the events on which the assessment rests but that no finding names."""
        named = {pk for finding in self.findings.values() for pk in finding.events}
        return [pk for pk in self.rests_on if pk not in named]

    @property
    def was_published_by_file(self) -> bool:
        """Whether it was published with a file of updates: who reviewed it is then for those to
        say who keep the file."""
        return import_digest(self._update, Action.PUBLISH) is not None

    @property
    def page_erasures(self) -> list[PageErasure]:
        zone = self.commitment.plan.time_zone
        return [
            PageErasure(row, local_day(row.at, zone), [part_label(part) for part in row.parts])
            for row in self.erasures
        ]

    @property
    def evidence_items(self) -> list[EvidenceItem]:
        """The evidence that the page does not list earlier."""
        above = self.listed_above
        return [evidence_item(row) for row in self.evidence if row.source_key not in above]

    @property
    def source_references(self) -> list[SourceReference]:
        """The evidence that the page lists earlier."""
        above = self.listed_above
        return [
            SourceReference(evidence_item(row), above[row.source_key])
            for row in self.evidence
            if row.source_key in above
        ]

    @property
    def has_only_earlier_sources(self) -> bool:
        """Whether all sources of an event are dated before it."""
        return self.event_type is not None and has_only_earlier_sources(
            self.evidence, self.effective_on, self.date_precision
        )

    @property
    def retracted_on(self) -> date | None:
        """The day of the withdrawal in the plan's time zone."""
        zone = self.commitment.plan.time_zone
        return self.retracted_at and local_day(self.retracted_at, zone)


def update_facts(update: ProgressUpdate | PageUpdate) -> list[str]:
    """Return the facts that distinguish an update from others on its commitment: its day, event
    type and status."""
    facts = [str(on_day(update.effective_on, update.date_precision))]
    if update.event_type:
        facts.append(str(EventType(update.event_type).label))
    if update.status:
        facts.append(str(Status(update.status).label))
    return facts


def page_update(update: ProgressUpdate, corrected_by: int | None = None) -> PageUpdate:
    """Return one update as the pages show it."""
    return public_view(update, ANONYMOUS, PageUpdate, corrected_by=corrected_by)


def page_updates(updates: Iterable[ProgressUpdate]) -> list[PageUpdate]:
    """Return updates as pages show them; an update is linked to its correction if that is among
    them."""
    rows = list(updates)
    corrections = {row.corrects_id: row.pk for row in rows if row.corrects_id}
    return [page_update(row, corrections.get(row.pk)) for row in rows]


def with_references(
    updates: Iterable[PageUpdate], listed: Iterable[Evidence]
) -> Iterator[PageUpdate]:
    """Yield updates, in the order of the page, so that each source appears with its details only
    once: in `listed`, which comes first on the page, or else in the first update that has it."""
    above = {row.source_key: row for row in listed}
    for update in updates:
        yield replace(update, listed_above=above)
        above = {row.source_key: row for row in update.evidence} | above
