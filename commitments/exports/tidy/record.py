"""The tidy tables of the record: updates, their findings and their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from commitments.choices import (
    PUBLIC_STATES,
    DatePrecision,
    EventType,
    EvidenceKind,
    FindingResult,
    RatingOutcome,
    Source,
    State,
    Status,
)
from commitments.exports.columns import text_columns
from commitments.exports.tidy.fields import any_language, array_field, field, flag_field
from commitments.exports.tidy.plan import OF_COMMITMENT, commitment_field
from commitments.exports.tidy.tables import ForeignKey, Scope, TidyTable
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.models import Evidence, ProgressUpdate
from commitments.models.namings import each_with_content
from commitments.roles import ANONYMOUS
from commitments.workflow import PublicView, public_view

ASSESSED_STATUSES = [status for status in Status if status is not Status.UNASSESSED]
OF_UPDATE = ForeignKey(("update",), "updates", ("id",))


@dataclass(frozen=True)
class KnownUpdate:
    """The public view of an update as of a time, or as of now if the time is None. Content that has
    been withdrawn since is withheld too."""

    update: PublicView
    known_at: datetime | None

    def _known(self, time: datetime | None) -> datetime | None:
        known = time is not None and (self.known_at is None or time <= self.known_at)
        return time if known else None

    @property
    def superseded_at(self) -> datetime | None:
        return self._known(self.update.superseded_at)

    @property
    def retracted_at(self) -> datetime | None:
        return self._known(self.update.retracted_at)

    @property
    def state(self) -> State:
        if self.retracted_at:
            return State.RETRACTED
        return State.SUPERSEDED if self.superseded_at else State.PUBLISHED

    @property
    def retraction(self) -> str | None:
        decision = self.update.retraction if self.retracted_at else None
        return decision.note if decision else None


def _updates(scope: Scope) -> Iterator[KnownUpdate]:
    """Yield the updates that had been published by the time of the clock, whatever happened to them
    later, in the order in which they were created."""
    clock = scope.clock
    rows = ProgressUpdate.objects.published_by(clock).of_plans([scope.plan])
    rows = rows.with_public_columns(clock).order_by("id")
    for row in each_with_content(rows, ROWS_PER_QUERY):
        yield KnownUpdate(public_view(row, ANONYMOUS), clock.known_at)


UPDATE_TABLE = TidyTable(
    "updates",
    _("Updates"),
    _(
        "One row for each event or assessment that was ever published. Corrected ones stay as they "
        "were; withdrawn ones stay without their text."
    ),
    (
        field("id", "update.id", _("ID of the update"), type="integer", required=True),
        commitment_field("update.commitment.code"),
        field(
            "effective_on",
            "update.effective_on",
            _("Date of the event, or date to which the commitment was assessed"),
            type="date",
            required=True,
        ),
        field(
            "date_precision",
            "update.date_precision",
            _("Precision of that date: day, month or year"),
            required=True,
            codes=DatePrecision,
        ),
        field(
            "event_type",
            "update.event_type",
            _("Event type code; empty if it is no event"),
            codes=EventType,
        ),
        field(
            "status",
            "update.status",
            _("Status code given by the assessment; empty for an event without an assessment"),
            codes=ASSESSED_STATUSES,
        ),
        field(
            "covers_from",
            "update.covers_from",
            _("First day of the period that is assessed"),
            type="date",
        ),
        field("state", "state", _("Workflow state"), required=True, codes=PUBLIC_STATES),
        text_columns("summary", "update.summary", _("Summary")),
        text_columns("search_note", "update.search_note", _("Search note")),
        array_field(
            "forums",
            lambda row: [forum.code for forum in row.update.forums],
            _("Codes of the partner forums where it took place"),
        ),
        array_field(
            "criteria",
            attrgetter("update.criteria"),
            _("Keys of the criteria that the event bears on"),
        ),
        array_field(
            "meets", attrgetter("update.meets"), _("Keys of the milestones that are met by it")
        ),
        array_field(
            "rests_on",
            attrgetter("update.rests_on"),
            _("IDs of the events on which the assessment rests"),
            "integer",
        ),
        field(
            "evidence_level",
            "update.evidence_level",
            _("Evidence level, 0 to 3"),
            type="integer",
        ),
        field(
            "rated_status",
            "update.second_rating.first.status",
            _("Status code by the first blind rating of the assessment; empty without one"),
            codes=ASSESSED_STATUSES,
        ),
        field(
            "assessed_status",
            "update.second_rating.first.assessed_status",
            _("Status code that the author had when it was rated"),
            codes=ASSESSED_STATUSES,
        ),
        flag_field(
            "ratings_agree",
            "update.second_rating.agreed",
            _("Whether these two are the same: true or false"),
            required=False,
        ),
        field(
            "rating_outcome",
            "update.second_rating.outcome",
            _("How that rating and the published assessment compare, as a code"),
            codes=RatingOutcome,
        ),
        field(
            "corrects",
            "update.corrects",
            _("ID of the update that this one corrects"),
            type="integer",
        ),
        field(
            "published_at",
            "update.published_at",
            _("Time of publication, UTC"),
            type="datetime",
            required=True,
        ),
        field(
            "superseded_at",
            "superseded_at",
            _("Time at which a correction replaced it, UTC"),
            type="datetime",
        ),
        field("retracted_at", "retracted_at", _("Time of withdrawal, UTC"), type="datetime"),
        field("retraction", "retraction", _("Reason for withdrawal")),
        field(
            "methodology",
            "update.methodology",
            _("Version of the methodology of the assessment"),
            type="integer",
        ),
        field("external_ref", "update.external_ref", _("Reference in another system")),
        field(
            "content_sha256",
            "update.content_sha256",
            _("SHA-256 of the published content, as recorded in the ledger"),
        ),
        field(
            "loaded_from",
            "update.loaded_from",
            _("SHA-256 of the file from which it was loaded"),
        ),
    ),
    _updates,
    primary_key=("id",),
    foreign_keys=(OF_COMMITMENT, ForeignKey(("corrects",), "", ("id",))),
)


class NamedFinding(NamedTuple):
    update: PublicView
    criterion: str
    result: str
    events: Sequence[int]


def _findings(scope: Scope) -> Iterator[NamedFinding]:
    for row in _updates(scope):
        for criterion, finding in row.update.findings.items():
            yield NamedFinding(row.update, criterion, finding.result, finding.events)


FINDING_TABLE = TidyTable(
    "findings",
    _("Findings"),
    _("One row for each criterion that an assessment answers; those withdrawn have none."),
    (
        field("update", "update.id", _("ID of the assessment"), type="integer", required=True),
        commitment_field("update.commitment.code"),
        field("criterion", "criterion", _("Key of the criterion"), required=True),
        field(
            "result",
            "result",
            _("What the assessment finds of it"),
            required=True,
            codes=FindingResult,
        ),
        array_field(
            "events",
            attrgetter("events"),
            _("IDs of the events that show it; if empty, the assessment itself, unless not shown"),
            "integer",
        ),
    ),
    _findings,
    primary_key=("update", "criterion"),
    foreign_keys=(
        OF_UPDATE,
        ForeignKey(("commitment", "criterion"), "criteria", ("commitment", "key")),
    ),
)


class NamedSource(NamedTuple):
    update: PublicView
    item: Evidence

    @property
    def level(self) -> int:
        return Source(self.item.source).level


def _evidence(scope: Scope) -> Iterator[NamedSource]:
    for row in _updates(scope):
        yield from (NamedSource(row.update, item) for item in row.update.evidence)


EVIDENCE_TABLE = TidyTable(
    "evidence",
    _("Evidence"),
    _(
        "One row for each public source of an update: a link, a file or a citation. Those of "
        "withdrawn updates are not among them."
    ),
    (
        field("id", "item.pk", _("ID of the piece of evidence"), type="integer", required=True),
        field("update", "update.id", _("ID of the update"), type="integer", required=True),
        *any_language("title", "item.title", _("Title of the source")),
        *any_language("publisher", "item.publisher.name", _("Who published it")),
        field("kind", "item.kind", _("Kind of source"), required=True, codes=EvidenceKind),
        field("source", "item.source", _("Source type"), required=True, codes=Source),
        field("level", "level", _("Evidence level, 1 to 3"), type="integer", required=True),
        field("language", "item.language", _("Language of the source")),
        field("dated_on", "item.dated_on", _("Date of the source"), type="date"),
        field("url", "item.url", _("Link")),
        field("archived_url", "item.archived_url", _("Address of an archived copy")),
        field("citation", "item.citation", _("Citation")),
        field("file_name", "item.file_name", _("Name of the file")),
        field("file_type", "item.file_type", _("Media type of the file")),
        field("file_size", "item.file_size", _("Size of the file in bytes"), type="integer"),
        field("file_sha256", "item.file_sha256", _("SHA-256 of the file")),
    ),
    _evidence,
    primary_key=("id",),
    foreign_keys=(OF_UPDATE,),
)
