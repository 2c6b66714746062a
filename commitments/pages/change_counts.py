"""How many changes the list would have with each option of its filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from commitments.choices import SubjectType
from commitments.models.plan_parts import PlanParts
from commitments.models.querysets import DecisionQuerySet
from commitments.pages.facet_counts import FacetCounts, Options, OptionsOfParts, count_options

# The filters whose options are counted.
COUNTED_OF_CHANGES = ("action", "goal", "forum")


@dataclass
class ChangeTraits:
    """The traits of `n` changes that the counted filters look at: their action, the ids of the
    commitments that they concern, the numbers of the goals and the codes of the forums that were
    changed themselves, and the numbers of the goals of the commitments."""

    action: str
    n: int
    commitments: set[int] = field(default_factory=set)
    goals: set[str] = field(default_factory=set)
    forums: set[str] = field(default_factory=set)

    def options(self, places: OptionsOfParts) -> Options:
        """Return the options that match the changes, for each filter in `COUNTED_OF_CHANGES`."""
        through = (places.of("forums", pk) for pk in self.commitments)
        return {
            "action": frozenset({self.action}),
            "goal": frozenset(self.goals),
            "forum": frozenset(self.forums).union(*through),
        }


def change_counts(
    decisions: DecisionQuerySet, parts: PlanParts, chosen: Mapping[str, set[str]]
) -> FacetCounts:
    """Return the counts for public decisions on a plan with these parts, which are those that the
    filters that are not counted select; one query besides those of the parts. `chosen` has the
    options chosen in each filter of `COUNTED_OF_CHANGES`."""
    places = OptionsOfParts(parts)
    found = _traits_of_changes(decisions, f"{parts.plan.code}-")
    return count_options(((traits.options(places), traits.n) for traits in found), chosen)


def _traits_of_changes(decisions: DecisionQuerySet, prefix: str) -> Iterator[ChangeTraits]:
    """Yield the traits of the changes; those without recorded contents are grouped. `prefix` is
    what the keys of the plan's goals begin with."""
    unordered: Any = decisions.order_by()
    concerned = ("commitment", "commitment__goal__number", "subject_type", "subject_key")
    names = (*concerned, *(f"contents__{name}" for name in concerned))
    rows = unordered.values_list("contents__decision", "action", *names).annotate(n=Count("pk"))
    with_contents: dict[int, ChangeTraits] = {}
    for decision, action, *values, n in rows:
        # A decision with contents has a row for each of them.
        traits = ChangeTraits(action, n if decision is None else 1)
        if decision is not None:
            traits = with_contents.setdefault(decision, traits)
        for commitment, goal, subject_type, key in (values[:4], values[4:]):
            if commitment is not None:
                traits.commitments.add(commitment)
            if goal is not None:
                traits.goals.add(str(goal))
            if subject_type == SubjectType.GOAL:
                traits.goals.add(key.removeprefix(prefix))
            if subject_type == SubjectType.FORUM:
                traits.forums.add(key)
        if decision is None:
            yield traits
    yield from with_contents.values()
