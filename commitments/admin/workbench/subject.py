"""What the pages of the workbench show of a commitment and of an update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.admin.utils import label_for_field
from django.contrib.auth.models import User
from django.utils.functional import cached_property

from commitments import ledger, workflow
from commitments.access import policies
from commitments.admin.base.words import done_sentence, note_text, person_label
from commitments.admin.workbench.comparison import compared_update
from commitments.admin.workbench.finding_fields import basis_labels
from commitments.admin.workbench.preview import FilePreview, stored_preview
from commitments.admin.workbench.rating import compared_ratings
from commitments.choices import (
    EDITABLE_STATES,
    Action,
    FindingResult,
    Freshness,
    Schedule,
    State,
    statuses_for,
)
from commitments.clocks import Clock
from commitments.files.authors import named_in
from commitments.files.faults import fault_words
from commitments.models import Commitment, Criterion, Decision, Evidence, ProgressUpdate
from commitments.texts.lists import ITEMS, join_list
from commitments.workflow import UPDATE_FIELDS

if TYPE_CHECKING:
    from commitments.roles import Person

# The fields that the page of an update shows in rows of their own.
SHOWN_APART = {
    "effective_on",
    "date_precision",
    "covers_from",
    "status",
    "summary",
    "search_note",
    "forums",
    "corrects",
    "event_type",
    "criteria",
    "meets",
    "findings",
    "rests_on",
}
# The number of sources behind an assessment that the margin of a form shows.
SOURCES_ON_MARGIN = 6


@dataclass(frozen=True)
class StatusPanel:
    """The status of a commitment: its assessment, freshness and schedule, each None where there is
    none, and the sources behind the assessment."""

    assessment: ProgressUpdate | None
    freshness: Freshness | None
    schedule: Schedule | None
    sources: list[Evidence]


def status_panel(commitment: Commitment, at: datetime) -> StatusPanel:
    """Return the status panel of a commitment at this time. Three queries, six if the assessment
    rests on events."""
    clock, rows = Clock(at), Commitment.objects.filter(pk=commitment.pk)
    row: Any = rows.at(clock, commitment.plan.review_periods(clock)).get()
    assessment = commitment.status_update
    basis = _counting_behind(assessment) if assessment else []
    sources = Evidence.objects.filter(update__in=basis, public=True).select_related("publisher")
    schedule = Schedule(row.schedule)
    return StatusPanel(
        assessment,
        Freshness(row.freshness) if row.freshness else None,
        None if schedule is Schedule.NONE else schedule,
        list(sources.order_by("-update", "pk")[:SOURCES_ON_MARGIN]),
    )


def _counting_behind(assessment: ProgressUpdate) -> list[int]:
    """Return the ids of the updates whose evidence counts towards the level of an assessment."""
    rows = workflow.basis_events(assessment)
    return [assessment.pk, *(row.end.pk for row in rows if row.counts and row.end is not None)]


def corrections_under_way(user: Person, update: ProgressUpdate) -> list[ProgressUpdate]:
    """Return the corrections of an update that somebody is writing or that are in review."""
    rows = ProgressUpdate.objects.visible_to(user).filter(
        corrects=update.pk, state__in=(*EDITABLE_STATES, State.SUBMITTED)
    )
    return list(rows.by_changed_at())


def margin_context(
    user: Person, commitment: Commitment, at: datetime, update: ProgressUpdate | None
) -> dict[str, object]:
    """Return the context beside the form of an update: text and status of the commitment, the rules
    of its statuses, and the updates that others are writing or that are in review."""
    pending = ProgressUpdate.objects.visible_to(user).filter(
        commitment=commitment, state__in=(*EDITABLE_STATES, State.SUBMITTED)
    )
    others = pending.exclude(pk=update.pk) if update else pending
    return {
        "partnerships": list(commitment.partnerships.select_related("forum")),
        "status_panel": status_panel(commitment, at),
        "statuses": [(status, status.rule) for status in statuses_for(commitment.kind)],
        "others": list(others.select_related("author").by_changed_at()),
    }


def update_context(user: Person, update: ProgressUpdate, at: datetime) -> dict[str, object]:
    """Return everything that a reviewer has to see of an update, with its history and the status of
    its commitment. The findings are left out if they are withheld from this person."""
    withheld = policies.is_withheld(user, update)
    evidence = policies.visible_evidence(user, update)
    return {
        "update": update,
        "is_withheld": withheld,
        "commitment": update.commitment,
        "partnerships": list(update.commitment.partnerships.select_related("forum")),
        "status_panel": status_panel(update.commitment, at),
        "evidence": [ShownEvidence(item) for item in evidence],
        "has_only_earlier_sources": update.event_type is not None
        and workflow.has_only_earlier_sources(evidence, update.effective_on, update.date_precision),
        "level": None if withheld else _level(update),
        "forum_names": [forum.name for forum in update.forums.all()],
        "other_fields": [] if withheld else _other_fields(update),
        "last": None if withheld else compared_update(user, update),
        "loaded_from": ledger.import_digest(update),
        "thread": _thread(user, update, with_notes=not withheld),
        "ratings": compared_ratings(user, update),
        "author_offices": _offices_of(update.author),
        **_basis_context(user, update, with_findings=not withheld),
    }


def _offices_of(author: User) -> str:
    """Return the codes of the offices of which somebody is a member, as a list in one line."""
    return join_list(author.offices.order_by("code").values_list("code", flat=True), ITEMS)


def _level(update: ProgressUpdate) -> int:
    """Return the evidence level of an update; for an unpublished assessment, the level that it will
    have once the events in review on which it rests are published."""
    if update.status and update.published_at is None:
        return workflow.Assessment(update, update.commitment.plan).level
    return workflow.evidence_level(update)


@dataclass(frozen=True)
class ShownEvidence:
    """A piece of evidence, as a reviewer sees it."""

    item: Evidence

    @property
    def preview(self) -> FilePreview | None:
        return stored_preview(self.item)

    @cached_property
    def examined(self) -> ExaminedFile:
        """What its file turns out to be. Reads the file, if it is one."""
        if not self.item.file:
            return ExaminedFile()
        try:
            with self.item.open_file() as file:
                return ExaminedFile(names=named_in(file, self.item.file_type))
        except OSError as error:
            return ExaminedFile(fault=fault_words(self.item.file_name, error))


class ExaminedFile(NamedTuple):
    """What is wrong with a stored file, "" if nothing is, and the people and organisations that it
    names as authors."""

    fault: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True)
class ThreadEntry:
    """What somebody decided on an update, in the past tense, and their note."""

    at: datetime
    person: str
    sentence: str
    note: str


def _thread(user: Person, update: ProgressUpdate, *, with_notes: bool) -> list[ThreadEntry]:
    visible = [row.pk for row in policies.visible_decisions(user, update)]
    rows = Decision.objects.filter(pk__in=visible).select_related("actor").in_order()
    return [
        ThreadEntry(
            row.at,
            person_label(row.actor),
            done_sentence(row),
            note_text(row) if with_notes else "",
        )
        for row in rows
    ]


def waiting_since(update: ProgressUpdate) -> datetime:
    """Return the time at which an update in review was submitted last."""
    times = [row.at for row in update.decisions.all() if row.action == Action.SUBMIT]
    return max(times, default=update.changed_at)


def _other_fields(update: ProgressUpdate) -> list[tuple[str, object]]:
    """Return the label and value of each other field that the author has filled in: a reviewer sees
    everything that they publish."""
    return [
        (str(label_for_field(name, ProgressUpdate)), getattr(update, name))
        for name in UPDATE_FIELDS
        if name not in SHOWN_APART and getattr(update, name)
    ]


@dataclass(frozen=True)
class ShownFinding:
    """A finding with the events that show it, each as its id and label."""

    criterion: Criterion
    result: FindingResult
    events: list[tuple[int, str]]


def _basis_context(
    user: Person, update: ProgressUpdate, *, with_findings: bool
) -> dict[str, object]:
    """Return as context the findings of an update, the other events on which it rests, the criteria
    that it bears on, and the milestones that it meets. Without findings it rests on all of its
    events, and the criteria are left out too."""
    named = workflow.saved_findings(update) if with_findings else {}
    criteria = update.criteria.all() if with_findings else ()
    events = workflow.saved_events(update)
    labels = basis_labels(update, user)
    findings = [
        ShownFinding(
            row.criterion,
            FindingResult(row.result),
            [(pk, labels[pk]) for pk in named[row.criterion.key].events],
        )
        for row in update.findings.all()
        if row.criterion.key in named
    ]
    shown = {pk for finding in named.values() for pk in finding.events}
    return {
        "findings": findings,
        "rests_on": [(pk, labels[pk]) for pk in events if pk not in shown],
        "criteria": sorted(criteria, key=lambda row: row.key),
        "meets": list(update.meets.in_order()),
    }


def proposed_statuses(update: ProgressUpdate, covers_from: date | None = None) -> tuple[str, str]:
    """Return the status to choose first by the findings of a saved draft, and the others that they
    permit; "" if it has no findings, or as long as one of them lacks its event. A draft without a
    status has no period yet: it is judged by the one that begins on `covers_from`, or else by the
    one that is offered."""
    if not update.findings.exists():
        return "", ""
    offered = covers_from or workflow.first_day_offered(update.commitment, update.effective_on)
    plan = update.commitment.plan
    assessment = workflow.Assessment(update, plan, offered_from=offered)
    if assessment.without_event:
        return "", ""
    first, *others = assessment.permitted
    return str(first.label), join_list(status.label for status in others)
