"""Template context for the pages on which updates are written and reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from commitments import workflow
from commitments.access import policies
from commitments.admin.finding_forms import event_label
from commitments.choices import FindingResult, Schedule, State, statuses_for
from commitments.clocks import Clock
from commitments.models import Commitment, Criterion, ProgressUpdate
from commitments.texts.diff import compare_texts
from commitments.texts.lists import join_list
from commitments.workflow import UPDATE_FIELDS, work_queue

if TYPE_CHECKING:
    from commitments.roles import Person
    from commitments.texts.text import Text

NO_VALUE = SafeString("–")
# What the page of an action shows in rows of their own.
SHOWN_APART = {
    "effective_on",
    "date_precision",
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


def header_context(user: Person, update: ProgressUpdate) -> dict[str, object]:
    """Return why an update was returned, and the update itself as `correctable` if the user may
    correct it."""
    may_correct = update.state == State.PUBLISHED and policies.may_report(user, update.commitment)
    return {
        "return_reason": work_queue.return_reason(update) if update.state == State.RETURNED else "",
        "correctable": update if may_correct else None,
    }


def sidebar_context(commitment: Commitment | None, at: datetime) -> dict[str, object] | None:
    """Return the commitment, its current assessment, its schedule at this time, and each status of
    its kind with its rule."""
    if commitment is None:
        return None
    return {
        "commitment": commitment,
        "assessment": commitment.status_update,
        "schedule": schedule_of(commitment, at),
        "statuses": [(status, status.rule) for status in statuses_for(commitment.kind)],
    }


def schedule_of(commitment: Commitment, at: datetime) -> Schedule | None:
    """Return the schedule of a commitment at this time, None if it has no dates."""
    clock, row = Clock(at), Commitment.objects.filter(pk=commitment.pk)
    rows: Any = row.at(clock, commitment.plan.review_periods(clock))
    schedule = Schedule(rows.values_list("schedule", flat=True).get())
    return None if schedule is Schedule.NONE else schedule


def other_fields(update: ProgressUpdate) -> list[tuple[str, object]]:
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


def basis_context(update: ProgressUpdate) -> dict[str, object]:
    """Return what an update finds, the other events on which it rests, the keys of the criteria
    that it bears on, and the milestones that are met by it."""
    named, events = workflow.saved_findings(update), workflow.saved_events(update)
    rows = ProgressUpdate.objects.filter(pk__in=events)
    labels = {row.pk: event_label(row) for row in rows}
    findings = [
        ShownFinding(
            row.criterion,
            FindingResult(row.result),
            [(pk, labels[pk]) for pk in named[row.criterion.key].events],
        )
        for row in update.findings.all()
    ]
    shown = {pk for finding in named.values() for pk in finding.events}
    return {
        "findings": findings,
        "rests_on": [(pk, labels[pk]) for pk in events if pk not in shown],
        "criteria": sorted(row.key for row in update.criteria.all()),
        "meets": list(update.meets.in_order()),
    }


def proposal(update: ProgressUpdate) -> str:
    """Return the statuses that follow from the findings of a saved draft, the one to choose first;
    "" if it has none."""
    if not update.findings.exists():
        return ""
    permitted = workflow.Assessment(update, update.commitment.plan).permitted
    return join_list(status.label for status in permitted)


def finding_lines(update: ProgressUpdate) -> SafeString:
    """Return what an update finds of each criterion, with the events that show it, a line each."""
    named = workflow.saved_findings(update)
    rows = [
        (
            row.criterion.key,
            row.criterion.text.inline(),
            FindingResult(row.result).label,
            ", ".join(f"#{pk}" for pk in named[row.criterion.key].events),
        )
        for row in update.findings.all()
    ]
    return format_html_join(mark_safe("<br>"), "{}: {} · <strong>{}</strong> {}", rows) or NO_VALUE


def diff_context(update: ProgressUpdate) -> dict[str, object] | None:
    """Return what a reviewer compares an update with, None if there is nothing: the update that it
    corrects, else the current assessment; its evidence level; the differences between the
    summaries by language; and the titles of the evidence that a correction drops.
    """
    before = update.corrects or update.commitment.status_update
    if before is None or before.pk == update.pk:
        return None
    return {
        "update": before,
        "level": workflow.evidence_level(before),
        "comparison": compare_texts(before.summary, update.summary),
        "dropped": [] if update.corrects is None else _dropped_titles(before, update),
    }


def _dropped_titles(before: ProgressUpdate, update: ProgressUpdate) -> list[Text]:
    kept = {(item.url, item.citation, item.file_sha256) for item in update.evidence.all()}
    return [
        item.title
        for item in before.evidence.all()
        if (item.url, item.citation, item.file_sha256) not in kept
    ]
