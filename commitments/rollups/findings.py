"""Counts of the criteria of one commitment. They are never added up over commitments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commitments.choices import FindingResult


@dataclass(frozen=True)
class FindingCounts:
    """How many criteria an assessment finds shown, in part and so on: a field for each
    `FindingResult`."""

    shown: int
    in_part: int
    not_shown: int
    against: int

    @property
    def of(self) -> int:
        """The number of all criteria that the assessment answers."""
        return self.shown + self.in_part + self.not_shown + self.against


def finding_counts(commitment: Any) -> FindingCounts | None:
    """Return the counts of the current assessment of a commitment that was read `with_findings`,
    None if it answers no criterion."""
    return counts_by_result(
        {code.value: getattr(commitment, f"findings_{code.value}") for code in FindingResult}
    )


def counts_by_result(numbers: Mapping[str, int]) -> FindingCounts | None:
    """Return the counts with these numbers of criteria by result, None if there are none."""
    counts = FindingCounts(**{code.value: numbers.get(code.value, 0) for code in FindingResult})
    return counts if counts.of else None
