"""Criteria of commitments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from commitments.models import Criterion  # noqa: F401


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def in_order(self) -> CriterionQuerySet:
        return self.order_by("position", "id")

    def known(self, at: datetime | None) -> CriterionQuerySet:
        """Return the criteria that were in use at this time, or are now if it is None."""
        if at is None:
            return self.filter(retired_at__isnull=True)
        in_use = Q(retired_at__isnull=True) | Q(retired_at__gt=at)
        return self.filter(in_use, added_at__lte=at)
