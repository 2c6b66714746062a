"""Public changes of the record, with their effect on the status of the commitment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from commitments.access import policies
from commitments.choices import Action, Status
from commitments.models import Decision
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
    changes = _status_changes([row for row in rows if row.commitment_id is not None])
    return [PublicChange(row, *changes.get(row.seq, (None, None))) for row in rows]


def _status_changes(decisions: Collection[Decision]) -> StatusChanges:
    """Return the status of the commitment before and after each of these decisions. Only decisions
    on assessments, up to the last of these, can have changed it."""
    commitments = {row.seq: row.commitment_id for row in decisions}
    moving = Decision.objects.public().filter(
        commitment__in=set(commitments.values()),
        update__status__isnull=False,
        seq__lte=max(commitments, default=0),
    )
    # All earlier decisions are read, so leave out the long columns.
    columns = ("status", "effective_on", "published_at")
    moving = moving.select_related("update").only(
        "seq", "action", "commitment", *(f"update__{name}" for name in columns)
    )
    found = {row.seq: row for row in moving}
    record = _PublishedAssessments()
    changes = {}
    for seq in sorted({*found, *commitments}):
        if seq in found:
            changes[seq] = record.add(found[seq])
        else:
            status = record.status_of(commitments[seq])
            changes[seq] = status, status
    return changes


def every_change(decisions: Iterable[Decision]) -> Iterator[PublicChange]:
    """Yield these public decisions with the changes of status that they made, without a query.

    They must be in order and read with their updates, and include all public decisions on each of
    their commitments from the beginning.
    """
    record = _PublishedAssessments()
    for decision in decisions:
        if decision.commitment_id is None:
            yield PublicChange(decision, None, None)
        else:
            yield PublicChange(decision, *record.add(decision))


class _PublishedAssessments:
    """What is published of each commitment, decision by decision."""

    def __init__(self) -> None:
        # By commitment and update: the place in the order of assessments, and the status.
        self._published: dict[int | None, dict[int, tuple[Any, str]]] = defaultdict(dict)

    def add(self, decision: Decision) -> tuple[Status, Status]:
        """Return the status of the commitment before and after a decision on it."""
        assessments = self._published[decision.commitment_id]
        before = self.status_of(decision.commitment_id)
        update = decision.update
        if update is not None and decision.action == Action.PUBLISH and update.status:
            assessments[update.pk] = attrgetter(*ASSESSMENT_ORDER)(update), update.status
        elif update is not None and decision.action in (Action.SUPERSEDE, Action.RETRACT):
            assessments.pop(update.pk, None)
        return before, self.status_of(decision.commitment_id)

    def status_of(self, commitment: int | None) -> Status:
        """Return the status of the latest assessment of a commitment that is published now."""
        assessments = self._published[commitment].values()
        _place, status = max(assessments, default=(None, Status.UNASSESSED.value))
        return Status(status)
