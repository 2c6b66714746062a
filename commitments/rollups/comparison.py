"""Comparison of commitments on two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commitments.choices import Movement, Status
from commitments.rollups.record import Record


@dataclass(frozen=True)
class Comparison:
    """A commitment by its last assessment on each of two days, lapsed or not.

    `after_gap` says whether an assessment had lapsed before the next one came in between.
    """

    commitment: int
    before: Status
    after: Status
    after_gap: bool

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
    """Return the comparison of each of these commitments, given by id, between two days; `record`
    reaches to the last."""
    compared = []
    for pk in commitments:
        before, after = record[pk].on(first), record[pk].on(last)
        compared.append(
            Comparison(
                pk,
                before.status if before else Status.UNASSESSED,
                after.status if after else Status.UNASSESSED,
                record[pk].has_gap(first, last),
            )
        )
    return compared
