"""The clocks of the tidy tables."""

from __future__ import annotations

from commitments.filters.clocked import ClockedFilterSet
from commitments.models import Plan


class TidyFilter(ClockedFilterSet):
    """The clocks alone: a table has all rows of its plan."""

    class Meta(ClockedFilterSet.Meta):
        model = Plan
        fields: list[str] = []
