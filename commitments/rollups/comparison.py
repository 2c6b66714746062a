"""Comparison of commitments on two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from commitments.choices import Movement, Status
from commitments.rollups.findings import read_findings
from commitments.rollups.items import Item
from commitments.rollups.record import DatedStatus, Record


@dataclass(frozen=True)
class Comparison:
    """A commitment by its last assessment on each of two days, lapsed or not.

    `after_gap` says whether an assessment had lapsed before the next one came in between,
    `criteria_changed` whether the two assessments answer different criteria, so that the standard
    has changed.
    """

    commitment: int
    before: Status
    after: Status
    before_lapsed: bool
    after_lapsed: bool
    after_gap: bool
    criteria_changed: bool

    @property
    def movement(self) -> Movement:
        return movement_between(self.before, self.after)


def movement_between(before: Status, after: Status) -> Movement:
    """Return how a commitment changed, by its statuses on two days, on the scale of its kind.

    That an assessment lapsed is no change: it says nothing about what was done.
    """
    if before is after:
        return Movement.UNCHANGED
    if before is Status.UNASSESSED:
        return Movement.FIRST_ASSESSED
    if after is Status.UNASSESSED:
        return Movement.NO_LONGER_ASSESSED
    old, new = before.rule.rank, after.rule.rank
    if old is None or new is None:
        return Movement.OTHER
    if old == new:
        return Movement.UNCHANGED
    return Movement.BETTER if new > old else Movement.WORSE


def compare(
    record: Record, commitments: Iterable[int], first: date, last: date
) -> list[Comparison]:
    """Return the comparison of each of these commitments, given by id, between two days, in one
    query; `record` reaches to the last."""
    ids = list(commitments)
    pairs = {pk: (record[pk].on(first), record[pk].on(last)) for pk in ids}
    findings = read_findings(row.update for pair in pairs.values() for row in pair if row)

    def criteria_changed(before: DatedStatus | None, after: DatedStatus | None) -> bool:
        if before is None or after is None:
            return False
        return findings[before.update].keys() != findings[after.update].keys()

    return [
        Comparison(
            pk,
            before.status if before else Status.UNASSESSED,
            after.status if after else Status.UNASSESSED,
            record[pk].has_lapsed(before, first),
            record[pk].has_lapsed(after, last),
            record[pk].has_gap(first, last),
            criteria_changed(before, after),
        )
        for pk, (before, after) in pairs.items()
    ]


class NetChange(Enum):
    """What a headline may say of a commitment on two days, in the order in which it does."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    FIRST_ASSESSED = "first_assessed"
    EVIDENCE_FOUND = "evidence_found"
    REASSESSED = "reassessed"
    LAPSED = "lapsed"
    NO_EVIDENCE = "no_evidence"
    NO_LONGER_ASSESSED = "no_longer_assessed"
    OTHER = "other"
    UNCHANGED = "unchanged"


# What a movement between two statuses that both held is, in the order in which it is said.
NET_CHANGES = {
    Movement.BETTER: NetChange.IMPROVED,
    Movement.WORSE: NetChange.WORSENED,
    Movement.FIRST_ASSESSED: NetChange.FIRST_ASSESSED,
    Movement.NO_LONGER_ASSESSED: NetChange.NO_LONGER_ASSESSED,
    Movement.OTHER: NetChange.OTHER,
    Movement.UNCHANGED: NetChange.UNCHANGED,
}


def change_between(before: Item, after: Item, *, after_gap: bool) -> NetChange:
    """Return what may be said of a commitment on two days; `after_gap` as in `Comparison`.

    A fall is always said. A rise only where both assessments held on their days and none lapsed in
    between: what was reassessed after a gap may have risen at any time.
    """
    movement = movement_between(Status(before.status), Status(after.status))
    if movement is Movement.WORSE:
        return NetChange.WORSENED
    if after.has_lapsed:
        return NetChange.UNCHANGED if before.has_lapsed and not after_gap else NetChange.LAPSED
    if before.has_lapsed or after_gap:
        return NetChange.REASSESSED
    if movement is Movement.OTHER and after.status == Status.NO_EVIDENCE:
        return NetChange.NO_EVIDENCE
    if movement is Movement.OTHER and before.status == Status.NO_EVIDENCE and _is_ranked(after):
        return NetChange.EVIDENCE_FOUND
    return NET_CHANGES[movement]


def _is_ranked(item: Item) -> bool:
    return Status(item.status).rule.rank is not None
