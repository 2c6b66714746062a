"""Counts of the criteria of one commitment. They are never added up over commitments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commitments.choices import FindingResult
from commitments.models import Finding


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


def read_findings(updates: Iterable[int]) -> dict[int, dict[int, str]]:
    """Return the results of each of these assessments, by the id of the update and then by the id
    of the criterion. Those without findings are left out, and those that were withdrawn since. One
    query."""
    findings: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Finding.objects.filter(update__in=set(updates)).with_public_content()
    for update, criterion, result in rows.values_list("update", "criterion", "result"):
        findings[update][criterion] = result
    return findings


def read_answered_criteria(updates: Iterable[int]) -> dict[int, set[int]]:
    """Return the ids of the criteria that each of these assessments answers, by the id of the
    update. Unlike what an assessment finds, this is not withheld if it was withdrawn. One query."""
    answered: dict[int, set[int]] = defaultdict(set)
    rows = Finding.objects.filter(update__in=set(updates))
    for update, criterion in rows.values_list("update", "criterion"):
        answered[update].add(criterion)
    return answered


def count_findings(findings: Mapping[int, str]) -> FindingCounts | None:
    """Return the counts of findings by criterion, None if there are none."""
    return counts_by_result(Counter(findings.values()))


def counts_by_result(numbers: Mapping[str, int]) -> FindingCounts | None:
    """Return the counts with these numbers of criteria by result, None if there are none."""
    counts = FindingCounts(**{code.value: numbers.get(code.value, 0) for code in FindingResult})
    return counts if counts.of else None
