"""Public changes of the record, with their effect on the status of the commitment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter

from commitments.access import policies
from commitments.choices import Action, Status
from commitments.models import Decision, ProgressUpdate
from commitments.models.querysets.updates import ASSESSMENT_ORDER

# By sequence number of a decision: the status before and after it.
StatusChanges = dict[int, tuple[Status, Status]]


@dataclass(frozen=True)
class PublicChange:
    """A public decision, and the status of its commitment before and after it.

    The status is that of the latest assessment public at the time of the decision. It is None for
    decisions on a plan.
    """

    decision: Decision
    before: Status | None
    after: Status | None

    @property
    def note(self) -> str | None:
        """Return the note of the decision, None if it is internal or was erased."""
        if self.decision.note_is_erased or not policies.note_is_public(self.decision):
            return None
        return self.decision.note


def with_status_changes(decisions: Iterable[Decision]) -> list[PublicChange]:
    """Return these public decisions with the changes of status that they made, in one query."""
    rows = list(decisions)
    changes = _status_changes({row.commitment_id for row in rows if row.commitment_id is not None})
    return [PublicChange(row, *changes.get(row.seq, (None, None))) for row in rows]


def _status_changes(commitments: Collection[int]) -> StatusChanges:
    """Return the status before and after each public decision on these commitments."""
    decisions = Decision.objects.public().in_order().filter(commitment__in=commitments)
    published: dict[int | None, dict[int, ProgressUpdate]] = defaultdict(dict)
    changes: StatusChanges = {}
    for decision in decisions.select_related("update"):
        updates = published[decision.commitment_id]
        before = _status(updates)
        if decision.update is not None and decision.action == Action.PUBLISH:
            updates[decision.update.pk] = decision.update
        elif decision.update is not None and decision.action in (Action.SUPERSEDE, Action.RETRACT):
            updates.pop(decision.update.pk, None)
        changes[decision.seq] = before, _status(updates)
    return changes


def _status(updates: dict[int, ProgressUpdate]) -> Status:
    """Return the status of the latest assessment among these updates."""
    assessments = [update for update in updates.values() if update.status]
    latest = max(assessments, key=attrgetter(*ASSESSMENT_ORDER), default=None)
    return Status(latest.status) if latest and latest.status else Status.UNASSESSED
