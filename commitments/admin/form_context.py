"""Template context for the pages on which updates are written and reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.utils import label_for_field

from commitments import workflow
from commitments.access import policies
from commitments.choices import State, statuses_for
from commitments.models import Commitment, ProgressUpdate
from commitments.texts.diff import compare_texts
from commitments.workflow import UPDATE_FIELDS, work_queue

if TYPE_CHECKING:
    from commitments.roles import Person
    from commitments.texts.text import Text

# What the page of an action shows in rows of their own.
SHOWN_APART = {
    "effective_on",
    "date_precision",
    "status",
    "summary",
    "search_note",
    "forums",
    "corrects",
}


def header_context(user: Person, update: ProgressUpdate) -> dict[str, object]:
    """Return why an update was returned, and the update itself as `correctable` if the user may
    correct it."""
    may_correct = update.state == State.PUBLISHED and policies.may_report(user, update.commitment)
    return {
        "return_reason": work_queue.return_reason(update) if update.state == State.RETURNED else "",
        "correctable": update if may_correct else None,
    }


def sidebar_context(commitment: Commitment | None) -> dict[str, object] | None:
    """Return the commitment, its current assessment, and each status of its kind with its rule."""
    if commitment is None:
        return None
    statuses = [(status, status.rule) for status in statuses_for(commitment.kind)]
    return {"commitment": commitment, "assessment": commitment.status_update, "statuses": statuses}


def other_fields(update: ProgressUpdate) -> list[tuple[str, object]]:
    """Return the label and value of each other field that the author has filled in: a reviewer sees
    everything that they publish."""
    return [
        (str(label_for_field(name, ProgressUpdate)), getattr(update, name))
        for name in UPDATE_FIELDS
        if name not in SHOWN_APART and getattr(update, name)
    ]


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
        "level": workflow.evidence_level(before.evidence.all()),
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
