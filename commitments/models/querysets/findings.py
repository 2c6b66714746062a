"""What assessments find of criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Count, Max, OuterRef, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from commitments.choices import INTERNAL_CONTENT_STATES, FindingResult
from commitments.models.querysets.shared import narrowed

if TYPE_CHECKING:
    from commitments.models import Finding  # noqa: F401

# A power of two for each result, so that their sum says which results there are.
FINDING_BITS = {result: 2**place for place, result in enumerate(FindingResult)}


class FindingQuerySet(models.QuerySet["Finding"]):
    def with_public_content(self) -> FindingQuerySet:
        """Return the findings that everybody may read: those of assessments that are published or
        were corrected. Others may still count under `known_at`, but what they find is withheld."""
        # As a negation: SQLite would begin with all published updates, by the index of states.
        return self.exclude(update__state__in=INTERNAL_CONTENT_STATES)

    def of_current_assessment(self) -> FindingQuerySet:
        """Return the findings of the current assessment that everybody may read, for a query of
        commitments `at` a clock."""
        return self.filter(update=OuterRef("assessment_id")).with_public_content()

    def count_of(self, result: FindingResult) -> Coalesce:
        """Return how many of these findings of one update have a result, for an outer query."""
        rows = self.order_by().values("update").filter(result=result)
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

    def bits(self) -> Coalesce:
        """Return the results among these findings of one update as the sum of their `FINDING_BITS`,
        for an outer query."""
        bits: Combinable = Value(0)
        for result, bit in FINDING_BITS.items():
            bits += Max(Case(When(result=result, then=Value(bit)), default=Value(0)))
        found = self.order_by().values("update").annotate(bits=bits).values("bits")
        return Coalesce(Subquery(found), 0)


_FindingManager = models.Manager.from_queryset(FindingQuerySet)


class FindingManager(_FindingManager["Finding"]):
    """Reads findings with their criteria, by which they are ordered anyway."""

    def get_queryset(self) -> FindingQuerySet:
        return narrowed(super().get_queryset().select_related("criterion"), FindingQuerySet)
