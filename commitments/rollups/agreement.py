"""How far the second persons, who rate assessments blind, agree with the authors.

Krippendorff's alpha is computed as in K. Krippendorff, “Computing Krippendorff's Alpha-Reliability”
(2011), in exact fractions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef

from commitments.choices import Action, Kind, Status, UndefinedAlpha
from commitments.models import Decision, Rating
from commitments.models.querysets import ProgressUpdateQuerySet

Value = TypeVar("Value", bound=Hashable)
# The values that several persons gave to the same thing.
Unit = Sequence[Value]
# The squared distance of two values, given how often each value occurs.
Distance = Callable[[Any, Any, Mapping[Any, int]], Fraction]
# With fewer things that two persons judged, alpha is undefined.
MIN_UNITS = 2


def nominal_distance(one: Hashable, other: Hashable, counts: Mapping[Any, int]) -> Fraction:
    """Return 0 for the same value, else 1."""
    return Fraction(int(one != other))


def ordinal_distance(one: int, other: int, counts: Mapping[int, int]) -> Fraction:
    """Return the square of the number of judgements between two places of a scale, where those at
    the two places count half."""
    low, high = sorted((one, other))
    between = sum(n for value, n in counts.items() if low <= value <= high)
    return (between - Fraction(counts[low] + counts[high], 2)) ** 2


def krippendorff_alpha(units: Iterable[Unit[Any]], distance: Distance) -> Fraction | None:
    """Return Krippendorff's alpha, None where it is undefined: if all values are the same, or none
    can be compared. A unit with a single value is ignored."""
    pairable = [list(unit) for unit in units if len(unit) > 1]
    counts = Counter(value for unit in pairable for value in unit)
    total = counts.total()
    observed = sum(
        (
            distance(one, other, counts) / (len(unit) - 1)
            for unit in pairable
            for one, other in permutations(unit, 2)
        ),
        Fraction(0),
    )
    expected = sum(
        (
            n * m * distance(one, other, counts)
            for one, n in counts.items()
            for other, m in counts.items()
        ),
        Fraction(0),
    )
    return 1 - (total - 1) * observed / expected if expected else None


@dataclass(frozen=True)
class Agreement:
    """How far two persons agree: the number of things that both judged, on how many of them they
    agreed, and alpha."""

    pairs: Sequence[tuple[Any, Any]]
    distance: Distance

    @property
    def units(self) -> int:
        return len(self.pairs)

    @property
    def agreed(self) -> int:
        return sum(one == other for one, other in self.pairs)

    @property
    def alpha(self) -> Fraction | None:
        if self.units < MIN_UNITS:
            return None
        return krippendorff_alpha(self.pairs, self.distance)

    @property
    def undefined(self) -> UndefinedAlpha | None:
        """Why there is no alpha, None if there is."""
        if self.units < MIN_UNITS:
            return UndefinedAlpha.TOO_FEW
        return UndefinedAlpha.NO_VARIATION if self.alpha is None else None


@dataclass(frozen=True)
class KindAgreement:
    """The agreement on the commitments of one kind: on statuses as names, on their places on the
    scale of the kind, where both are on it, and on criteria that both answered."""

    kind: Kind
    status: Agreement
    scale: Agreement
    findings: Agreement


def agreement(updates: ProgressUpdateQuerySet) -> list[KindAgreement]:
    """Return the agreement on these updates, by kind; one query.

    Only ratings that were published with their assessment count, and none of an assessment that has
    been withdrawn since. The first of each is compared with what the author had found when it was
    made: findings adopted later would only seem to be agreement.
    """
    publications = Decision.objects.filter(action=Action.PUBLISH, meta__has_key="second_rating")
    rows = Rating.objects.filter(
        Exists(publications.filter(update=OuterRef("update"))),
        update__in=updates.with_public_content().order_by().values("pk"),
    ).order_by("pk")
    first: dict[int, tuple[Any, ...]] = {}
    for update, *columns in rows.values_list(
        "update",
        "update__commitment__kind",
        "assessed_status",
        "status",
        "assessed_findings",
        "findings",
    ):
        first.setdefault(update, tuple(columns))
    return [
        _of_kind(kind, [columns for of, *columns in first.values() if of == kind]) for kind in Kind
    ]


def _of_kind(kind: Kind, rows: Iterable[Sequence[Any]]) -> KindAgreement:
    statuses, places, results = [], [], []
    for assessed, rated, assessed_findings, findings in rows:
        statuses.append((assessed, rated))
        ranks = Status(assessed).rule.rank, Status(rated).rule.rank
        if None not in ranks:
            places.append(ranks)
        both = [key for key in assessed_findings if key in findings]
        results += [(assessed_findings[key]["result"], findings[key]["result"]) for key in both]
    return KindAgreement(
        kind,
        Agreement(statuses, nominal_distance),
        Agreement(places, ordinal_distance),
        Agreement(results, nominal_distance),
    )
