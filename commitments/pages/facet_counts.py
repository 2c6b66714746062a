"""How many rows a list would have with each option of its filters: of commitments, and, by the same
rule, of events and changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet

from commitments.choices import CoverageGap, effective_tone
from commitments.clocks import Clock
from commitments.filters import CommitmentFilter
from commitments.filters.fields import NONE
from commitments.models import Commitment
from commitments.models.plan_parts import PartGroup, PlanPart, PlanParts
from commitments.models.querysets import FINDING_BITS, CommitmentQuerySet, ReviewPeriod
from commitments.models.querysets.composed import read_by

# The filters whose options are counted.
COUNTED = (
    "status",
    "tone",
    "kind",
    "goal",
    "serves",
    "area",
    "forum",
    "active_at",
    "freshness",
    "schedule",
    "coverage",
    "criterion",
    "event_type",
    "office",
    "evidence_level_min",
)
# With these alone, all commitments of the plan are counted.
COUNTED_OR_UNSELECTIVE = {*COUNTED, "as_of", "known_at", "ordering", "plan"}
Options = Mapping[str, frozenset[str]]


class CommitmentTraits(NamedTuple):
    """The traits of a commitment that the counted filters look at. For goals, areas, forums and
    offices these are the numbers and codes of the options that match it."""

    kind: str
    status: str
    freshness: str | None
    schedule: str
    level: int
    finding_results: int
    goal: int | None
    area: int | None
    gaps: frozenset[str]
    event_types: frozenset[str]
    active_at: frozenset[str]
    serves: frozenset[str]
    forums: frozenset[str]
    offices: frozenset[str]

    def options(self) -> Options:
        """Return the options that match the commitment, for each filter in `COUNTED`."""
        return {
            "status": frozenset({self.status}),
            "tone": frozenset({effective_tone(self.status, self.freshness).value}),
            "kind": frozenset({self.kind}),
            "goal": given_option(self.goal) or NOTHING_GIVEN,
            "serves": self.serves,
            "area": given_option(self.area) or NOTHING_GIVEN,
            "forum": self.forums or NOTHING_GIVEN,
            "active_at": self.active_at & self.forums,
            "freshness": given_option(self.freshness),
            "schedule": frozenset({self.schedule}),
            "coverage": self.gaps,
            "criterion": frozenset(
                result.value for result, bit in FINDING_BITS.items() if self.finding_results & bit
            ),
            "event_type": self.event_types,
            "office": self.offices or NOTHING_GIVEN,
            "evidence_level_min": frozenset(map(str, range(self.level + 1))),
        }


# The option that matches rows without a goal, a forum and so on.
NOTHING_GIVEN = frozenset({NONE})


def given_option(value: object) -> frozenset[str]:
    """Return the option for a value, no option for None."""
    return frozenset() if value is None else frozenset({str(value)})


@dataclass(frozen=True)
class FacetCounts:
    """The numbers shown beside options, by filter and option. `found` is the number of rows that
    all filters together select."""

    options: Mapping[str, Mapping[str, int]]
    found: int


def facet_counts(filterset: CommitmentFilter, parts: PlanParts) -> FacetCounts:
    """Return the counts for the commitments of a plan with these parts, under a valid filter set;
    one query besides those of the parts.

    The count of an option is the number of commitments that the list would have if this were the
    only option chosen in its filter and all other filters stayed as they are.
    """
    data, clock, periods = filterset.form.cleaned_data, filterset.clock, tuple(filterset.periods)
    given = {name for name, value in data.items() if value}
    rows: Iterable[Sequence[Any]]
    if given.issubset(COUNTED_OR_UNSELECTIVE):
        rows = _read_every([parts.plan.pk], clock.of_day, periods)
    else:
        rows = _with_traits(filterset.without(COUNTED), clock, periods)
    found = Counter(_traits(rows, parts)).items()
    chosen = chosen_options(data, COUNTED)
    return count_options(((traits.options(), n) for traits, n in found), chosen)


def chosen_options(cleaned_data: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, set[str]]:
    """Return the options chosen in the filters of these names."""
    return {name: _values(cleaned_data.get(name, [])) for name in names}


def _values(value: str | list[PlanPart | str]) -> set[str]:
    """Return the values chosen in a filter, which takes one value or several."""
    if isinstance(value, str):
        return {value} - {""}
    return {row if isinstance(row, str) else row.code for row in value}


def _with_traits(
    commitments: CommitmentQuerySet, clock: Clock, periods: Sequence[ReviewPeriod]
) -> QuerySet[Any, Any]:
    """Return what `_traits` reads of commitments `selectable_at` a clock."""
    rows: Any = commitments.with_traits(clock, periods).order_by()
    listed: QuerySet[Any, Any] = rows.values_list(
        "pk",
        *CoverageGap.values(),
        "event_types",
        "active_forums",
        "kind",
        "assessment_status",
        "freshness",
        "schedule",
        "assessment_level",
        "finding_results",
        "goal__number",
        "area__number",
    )
    return listed


def _every_commitment_with_traits(
    clock: Clock, periods: Sequence[ReviewPeriod]
) -> QuerySet[Any, Any]:
    return _with_traits(Commitment.objects.selectable_at(clock, periods), clock, periods)


# Composing this takes longer than running it.
_read_every = read_by(_every_commitment_with_traits, "plan")


def _traits(rows: Iterable[Sequence[Any]], parts: PlanParts) -> Iterator[CommitmentTraits]:
    """Yield the traits of commitments of a plan."""
    places = OptionsOfParts(parts)
    groups: tuple[PartGroup, ...] = ("goals", "forums", "offices")
    gap_codes = CoverageGap.values()
    for pk, *values in rows:
        flags = values[: len(gap_codes)]
        event_types, active, *own = values[len(gap_codes) :]
        yield CommitmentTraits._make(
            (
                *own,
                frozenset(compress(gap_codes, flags)),
                frozenset(event_types),
                places.active_through(active),
                *(places.of(group, pk) for group in groups),
            )
        )


class OptionsOfParts:
    """The options of filters by parts of a plan, and which commitments they match."""

    def __init__(self, parts: PlanParts) -> None:
        self.parts = parts
        self.codes: dict[PartGroup, dict[int, frozenset[str]]] = {
            group: {row.pk: frozenset({row.code}) for row in parts.by_code(group).values()}
            for group in ("goals", "offices")
        }
        found_by: defaultdict[int, set[str]] = defaultdict(set)
        self.active: defaultdict[int, set[str]] = defaultdict(set)
        for forum in parts.by_code("forums").values():
            for pk in parts.tree.commitments_through(forum.pk):
                found_by[pk].add(forum.code)
            for pk in parts.tree.activity_through(forum.pk):
                self.active[pk].add(forum.code)
        self.codes["forums"] = {pk: frozenset(codes) for pk, codes in found_by.items()}

    def active_through(self, forums: Iterable[int]) -> frozenset[str]:
        """Return the codes of the forums at which activity at any of these forums counts."""
        return frozenset().union(*(self.active[pk] for pk in forums))

    def of(self, group: PartGroup, commitment: int) -> frozenset[str]:
        """Return the options of a group of parts that match a commitment."""
        codes = self.codes[group]
        there = self.parts.belonging(group).get(commitment, ())
        found = [codes[pk] for pk in there]
        return found[0] if len(found) == 1 else frozenset().union(*found)


def count_options(
    rows: Iterable[tuple[Options, int]], chosen: Mapping[str, set[str]]
) -> FacetCounts:
    """Return the counts for rows given as the options that they match and their number. `chosen`
    has the options chosen in each filter, none if the filter is not used."""
    # Many rows match the same options of a filter, so count each set of options once.
    together: dict[str, Counter[frozenset[str]]] = {name: Counter() for name in chosen}
    limiting = [name for name in chosen if chosen[name]]
    found = 0
    for matching, n in rows:
        # A row that only one filter excludes counts for the other options of that filter.
        against = [name for name in limiting if chosen[name].isdisjoint(matching[name])]
        if not against:
            found += n
        if len(against) <= 1:
            for name in against or chosen:
                together[name][matching[name]] += n
    return FacetCounts({name: _each(counts) for name, counts in together.items()}, found)


def _each(counts: Mapping[frozenset[str], int]) -> Mapping[str, int]:
    """Return the counts of single options, given the counts of sets of options."""
    each: defaultdict[str, int] = defaultdict(int)
    for options, n in counts.items():
        for option in options:
            each[option] += n
    return each


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that is told the number of rows and need not count them."""

    def __init__(self, rows: QuerySet[Any], per_page: int, n: int) -> None:
        super().__init__(rows, per_page)
        self.n = n

    @property
    def count(self) -> int:
        return self.n
