"""How many commitments the list would have with each option of its filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet

from commitments.choices import effective_tone
from commitments.filters import CommitmentFilter
from commitments.filters.fields import NONE
from commitments.models.querysets import CommitmentQuerySet

# The filters whose options are counted: those by what a commitment is, one value of each. What it
# has many of, such as forums, would take a query for each filter.
COUNTED = ("status", "tone", "kind", "goal", "area", "freshness", "schedule", "evidence_level_min")


class AlikeCommitments(NamedTuple):
    """How many commitments have all of this in common."""

    kind: str
    status: str
    freshness: str | None
    schedule: str
    level: int
    goal: int | None
    area: int | None
    n: int

    def options(self) -> dict[str, set[str]]:
        """Return for each of `COUNTED` the options that find these commitments."""
        return {
            "status": {self.status},
            "tone": {effective_tone(self.status, self.freshness).value},
            "kind": {self.kind},
            "goal": _given(self.goal) or {NONE},
            "area": _given(self.area) or {NONE},
            "freshness": _given(self.freshness),
            "schedule": {self.schedule},
            "evidence_level_min": {str(level) for level in range(self.level + 1)},
        }


def _given(value: object) -> set[str]:
    return set() if value is None else {str(value)}


@dataclass(frozen=True)
class FacetCounts:
    """The numbers beside the options, by filter and option. `found` is the number of commitments
    that all filters select."""

    options: Mapping[str, Mapping[str, int]]
    found: int


def facet_counts(filterset: CommitmentFilter) -> FacetCounts:
    """Return the counts under a valid filter set; in one query.

    An option finds what the list would have if it alone were chosen in its filter, and all else
    stayed as it is.
    """
    data = filterset.form.cleaned_data
    chosen = {name: _values(data.get(name, [])) for name in COUNTED}
    return _add_up(alike_commitments(filterset.without(COUNTED)), chosen)


def _values(value: str | list[str]) -> set[str]:
    """Return what is chosen in a filter, which takes one value or several."""
    return {value} - {""} if isinstance(value, str) else set(value)


def alike_commitments(commitments: CommitmentQuerySet) -> list[AlikeCommitments]:
    """Return how many of the commitments, which are `at` a clock, have the same in common."""
    annotated: Any = commitments.order_by()
    rows = annotated.values_list(
        "kind",
        "assessment_status",
        "freshness",
        "schedule",
        "assessment_level",
        "goal__number",
        "area__number",
    )
    return [AlikeCommitments(*row) for row in rows.annotate(n=Count("pk"))]


def _add_up(groups: Iterable[AlikeCommitments], chosen: Mapping[str, set[str]]) -> FacetCounts:
    options: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
    found = 0
    for alike in groups:
        finding = alike.options()
        # Commitments that only one filter leaves out count for the other options of that filter.
        against = [name for name in COUNTED if chosen[name] and not chosen[name] & finding[name]]
        if not against:
            found += alike.n
        if len(against) <= 1:
            for name in against or COUNTED:
                options[name].update(dict.fromkeys(finding[name], alike.n))
    return FacetCounts(options, found)


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that need not count the rows, because it is told how many there are."""

    def __init__(self, rows: QuerySet[Any], per_page: int, n: int) -> None:
        super().__init__(rows, per_page)
        self.n = n

    @property
    def count(self) -> int:
        return self.n
