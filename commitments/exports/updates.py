"""The table of updates, each with the content that the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.choices import EventType, RatingOutcome, Status
from commitments.exports.columns import (
    Column,
    ColumnList,
    column,
    flag_getter,
    join_sorted,
    label_columns,
    text_columns,
)
from commitments.models import Evidence, ProgressUpdate
from commitments.workflow import FindingFields, PublicView, public_view

if TYPE_CHECKING:
    from commitments.roles import Person


@dataclass(frozen=True)
class UpdateRow:
    """The content of an update that the reader may see, and its URL on the commitment's page."""

    update: PublicView
    url: str

    @property
    def criteria(self) -> str:
        return join_sorted(self.update.criteria)

    @property
    def meets(self) -> str:
        return join_sorted(self.update.meets)

    @property
    def findings(self) -> str:
        return "; ".join(_finding(key, row) for key, row in self.update.findings.items())

    @property
    def rests_on(self) -> str:
        return join_sorted(self.update.rests_on)

    @property
    def forums(self) -> str:
        return join_sorted(forum.code for forum in self.update.forums)

    @property
    def evidence(self) -> str:
        return "\n".join(_evidence_line(item) for item in self.update.evidence)


def update_rows(
    updates: Iterable[ProgressUpdate], user: Person, url: Callable[[ProgressUpdate], str]
) -> Iterator[UpdateRow]:
    """Return the rows of updates that were read by `each_with_content`."""
    return (UpdateRow(public_view(update, user), url(update)) for update in updates)


def _finding(key: str, finding: FindingFields) -> str:
    events = ", ".join(str(pk) for pk in finding.events)
    return f"{key}: {finding.result} ({events})" if events else f"{key}: {finding.result}"


def _evidence_line(item: Evidence) -> str:
    place = item.url or item.citation or item.file_name
    parts = (item.title, item.publisher, place, item.archived_url)
    return f"[{item.source}] " + " | ".join(str(part) for part in parts if part)


UPDATE_COLUMNS: ColumnList = (
    column("id", "update.id", _("ID of the update")),
    column("commitment", "update.commitment.code", _("Public identifier of the commitment")),
    column("plan", "update.commitment.plan.code", _("Plan code")),
    column(
        "effective_on",
        "update.effective_on",
        _("Date of the event, or date to which the commitment was assessed"),
    ),
    column(
        "date_precision", "update.date_precision", _("Precision of that date: day, month or year")
    ),
    column("event_type", "update.event_type", _("Event type code; empty if it is no event")),
    label_columns("event_type_label", "update.event_type", EventType, _("Event type label")),
    column(
        "status",
        "update.status",
        _("Status code given by the assessment; empty for an event without an assessment"),
    ),
    label_columns("status_label", "update.status", Status, _("Status label")),
    column("state", "update.state", _("Workflow state")),
    text_columns("summary", "update.summary", _("Summary")),
    text_columns("search_note", "update.search_note", _("Search note")),
    column("forums", "forums", _("Codes of the partner forums where it took place")),
    column("criteria", "criteria", _("Keys of the criteria that the event bears on")),
    column("meets", "meets", _("Keys of the milestones that are met by it")),
    column("covers_from", "update.covers_from", _("First day of the period that is assessed")),
    column(
        "findings",
        "findings",
        _("Findings by criterion, with the IDs of the events that show them"),
    ),
    column("rests_on", "rests_on", _("IDs of the events on which the assessment rests")),
    column("evidence_level", "update.evidence_level", _("Evidence level, 0 to 3")),
    column(
        "evidence",
        "evidence",
        _(
            "One line per source: type, title, publisher, and address, citation or file, and the "
            "archived address if there is one"
        ),
    ),
    column(
        "rated_status",
        "update.second_rating.first.status",
        _("Status code by the first blind rating of the assessment; empty without one"),
    ),
    label_columns(
        "rated_status_label",
        "update.second_rating.first.status",
        Status,
        _("Label of that status"),
    ),
    column(
        "assessed_status",
        "update.second_rating.first.assessed_status",
        _("Status code that the author had when it was rated"),
    ),
    Column(
        "ratings_agree",
        flag_getter("update.second_rating.agreed"),
        _("Whether these two are the same: true or false"),
    ),
    column(
        "rating_outcome",
        "update.second_rating.outcome",
        _("How that rating and the published assessment compare, as a code"),
    ),
    label_columns(
        "rating_outcome_label",
        "update.second_rating.outcome",
        RatingOutcome,
        _("The same in words"),
    ),
    column("published_at", "update.published_at", _("Time of publication, UTC")),
    column("corrects", "update.corrects", _("ID of the update that this one corrects")),
    column(
        "superseded_at", "update.superseded_at", _("Time at which a correction replaced it, UTC")
    ),
    column("retracted_at", "update.retracted_at", _("Time of withdrawal, UTC")),
    column("retraction", "update.retraction.note", _("Reason for withdrawal")),
    column("external_ref", "update.external_ref", _("Reference in another system")),
    column(
        "content_sha256",
        "update.content_sha256",
        _("SHA-256 of the published content, as recorded in the ledger"),
    ),
    column("loaded_from", "update.loaded_from", _("SHA-256 of the file from which it was loaded")),
    column("url", "url", _("URL of the update on the commitment's page")),
)
