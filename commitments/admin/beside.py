"""What stands beside an update while it is written or reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commitments import desk, drafts, policies
from commitments.bilingual import LANGUAGES
from commitments.choices import State, statuses_for
from commitments.comparison import compare
from commitments.models import Commitment, ProgressUpdate

if TYPE_CHECKING:
    from commitments.roles import Person


def above(user: Person, update: ProgressUpdate) -> dict[str, Any]:
    """Above a present update: why it was returned, and whether this person may correct it."""
    may_correct = update.state == State.PUBLISHED and policies.may_report(user, update.commitment)
    return {
        "why_returned": desk.why_returned(update) if update.state == State.RETURNED else "",
        "corrigible": update if may_correct else None,
    }


def beside(commitment: Commitment | None) -> dict[str, Any] | None:
    if commitment is None:
        return None
    statuses = [(status, status.rule) for status in statuses_for(commitment.kind)]
    return {"commitment": commitment, "claim": commitment.status_update, "statuses": statuses}


def compared(update: ProgressUpdate) -> dict[str, Any] | None:
    """What a reviewer compares an update with: what it corrects, else the current claim; with its
    evidence level, the two summaries compared by language, and the sources that a correction drops.
    """
    before = update.corrects or update.commitment.status_update
    if before is None or before.pk == update.pk:
        return None
    old, new = before.summary.as_dict(), update.summary.as_dict()
    return {
        "update": before,
        "level": drafts.evidence_level(before.evidence.all()),
        "comparison": {
            code: compare(old[code], new[code], code)
            for code in LANGUAGES
            if old[code] != new[code]
        },
        "dropped": [] if update.corrects is None else _dropped(before, update),
    }


def _dropped(before: ProgressUpdate, update: ProgressUpdate) -> list[str]:
    kept = {(item.url, item.citation, item.file_sha256) for item in update.evidence.all()}
    return [
        item.title
        for item in before.evidence.all()
        if (item.url, item.citation, item.file_sha256) not in kept
    ]
