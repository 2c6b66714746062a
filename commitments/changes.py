"""What was publicly done, in the ledger's order, with what that did to the commitment's status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter

from commitments import policies
from commitments.choices import Action, Status
from commitments.models import Decision, ProgressUpdate
from commitments.querysets.updates import CLAIM_ORDER

# By the number of a decision: the status before and after it.
Moves = dict[int, tuple[Status, Status]]


@dataclass(frozen=True)
class Change:
    """A public act. `before` and `after` are the status that the commitment had by all that was
    public then, whatever day that is about; None where the act is on a whole plan."""

    decision: Decision
    before: Status | None
    after: Status | None

    @property
    def note(self) -> str | None:
        return self.decision.note if policies.note_is_public(self.decision) else None


def told(decisions: Iterable[Decision]) -> list[Change]:
    """Each with its statuses; in one query more."""
    rows = list(decisions)
    moves = _moves({row.commitment_id for row in rows if row.commitment_id is not None})
    return [Change(row, *moves.get(row.seq, (None, None))) for row in rows]


def _moves(commitments: Collection[int]) -> Moves:
    """Plays what was publicly done on these commitments from the beginning."""
    acts = Decision.objects.public().in_order().filter(commitment__in=commitments)
    standing: dict[int | None, dict[int, ProgressUpdate]] = defaultdict(dict)
    moves: Moves = {}
    for act in acts.select_related("update"):
        updates = standing[act.commitment_id]
        before = _status(updates)
        if act.update is not None and act.action == Action.PUBLISH:
            updates[act.update.pk] = act.update
        elif act.update is not None and act.action in (Action.SUPERSEDE, Action.RETRACT):
            updates.pop(act.update.pk, None)
        moves[act.seq] = before, _status(updates)
    return moves


def _status(updates: dict[int, ProgressUpdate]) -> Status:
    """That of the current claim among these."""
    claims = [update for update in updates.values() if update.status]
    latest = max(claims, key=attrgetter(*CLAIM_ORDER), default=None)
    return Status(latest.status) if latest and latest.status else Status.UNASSESSED
