"""Comparison of commitments on two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commitments.choices import Movement, Status, Tone
from commitments.rollups.findings import read_answered_criteria
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
        return movement_between(
            self.before,
            self.after,
            before_lapsed=self.before_lapsed,
            after_lapsed=self.after_lapsed,
            after_gap=self.after_gap,
        )

    @property
    def is_known(self) -> bool:
        """Whether the commitment does not count as unknown on the later day."""
        return not self.after_lapsed and self.after.rule.tone is not Tone.UNKNOWN


def movement_between(
    before: Status, after: Status, *, before_lapsed: bool, after_lapsed: bool, after_gap: bool
) -> Movement:
    """Return how a commitment changed between two days, from its last assessments on them, with
    `after_gap` as in `Comparison`. Headlines, pages, reports and the API all use it.

    A fall is always reported. A rise is reported only if both assessments held on their days and
    none lapsed in between: what was reassessed after a gap may have risen at any time.
    """
    change = _status_change(before, after)
    if change is Movement.WORSE:
        return change
    if after_lapsed:
        return Movement.UNCHANGED if before_lapsed and not after_gap else Movement.LAPSED
    if Status.UNASSESSED in (before, after):
        return change
    return Movement.REASSESSED if before_lapsed or after_gap else change


def _status_change(before: Status, after: Status) -> Movement:
    """Return how the status changed, on the scale of its kind, lapsed or not."""
    if before is after:
        return Movement.UNCHANGED
    if before is Status.UNASSESSED:
        return Movement.FIRST_ASSESSED
    if after is Status.UNASSESSED:
        return Movement.NO_LONGER_ASSESSED
    old, new = before.rule.rank, after.rule.rank
    if old is not None and new is not None:
        if old == new:
            return Movement.UNCHANGED
        return Movement.BETTER if new > old else Movement.WORSE
    if before is Status.NO_EVIDENCE and new is not None:
        return Movement.EVIDENCE_FOUND
    if after is Status.NO_EVIDENCE and old is not None:
        return Movement.NO_LONGER_EVIDENCED
    return Movement.OTHER


def compare(
    record: Record, commitments: Iterable[int], first: date, last: date
) -> list[Comparison]:
    """Return the comparison of each of these commitments, given by id, between two days, in one
    query; `record` must reach to the last day."""
    ids = list(commitments)
    pairs = {pk: (record[pk].on(first), record[pk].on(last)) for pk in ids}
    answered = read_answered_criteria(row.update for pair in pairs.values() for row in pair if row)

    def criteria_changed(before: DatedStatus | None, after: DatedStatus | None) -> bool:
        if before is None or after is None:
            return False
        return answered[before.update] != answered[after.update]

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
