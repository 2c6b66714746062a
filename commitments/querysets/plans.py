"""Plans, partner forums and offices."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, F, Q

from commitments.lineage import Lineage
from commitments.querysets.shared import related

if TYPE_CHECKING:
    from commitments.models import Forum, Office, Plan  # noqa: F401


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_order(self) -> PlanQuerySet:
        return self.order_by("code")

    def move_revision(self) -> None:
        """Something of these plans that a reader could see is another now."""
        self.update(revision=F("revision") + 1)


class OfficeQuerySet(models.QuerySet["Office"]):
    def open(self) -> OfficeQuerySet:
        """Those that can be given commitments."""
        return self.filter(closed_on__isnull=True).order_by("code")


class ForumQuerySet(models.QuerySet["Forum"]):
    def in_order(self) -> ForumQuerySet:
        return self.order_by("code")

    def named_in(self, plans: Collection[Plan]) -> ForumQuerySet:
        """Forums that these plans' commitments name, with `commitment_count` in these plans."""
        of_plans = Q(partnerships__commitment__plan__in=plans)
        return self.annotate(commitment_count=Count("partnerships", filter=of_plans)).filter(
            commitment_count__gt=0
        )

    def standing_in(self, plans: Collection[Plan]) -> list[Forum]:
        """Forums at which commitments of these plans stand: those that they name, their wholes, and
        the successors of either. In order; two queries."""
        links = related(self, "partnerships").filter(commitment__plan__in=plans)
        named = set(links.values_list("forum", flat=True))
        rows = list(self.in_order())
        lineage = Lineage((row.pk, row.parent_id, row.successor_of_id) for row in rows)
        return [row for row in rows if lineage.commitments_through(row.pk) & named]

    def in_updates(self, updates: Any) -> ForumQuerySet:
        """Forums that these updates name, with `update_count` of these, in order."""
        named = Count("updates", filter=Q(updates__in=updates), distinct=True)
        return self.annotate(update_count=named).filter(update_count__gt=0).in_order()

    def lineage(self) -> Lineage:
        """How all forums hang together, in one query."""
        return Lineage(self.model._default_manager.values_list("id", "parent", "successor_of"))

    def leads_back(self, field: str, forum: int, start: int | None) -> bool:
        """Whether following `parent_id` or `successor_of_id` from `start` reaches `forum`."""
        step = dict(self.model._default_manager.values_list("id", field))
        seen: set[int] = set()
        while start is not None and start not in seen:
            if start == forum:
                return True
            seen.add(start)
            start = step.get(start)
        return False
