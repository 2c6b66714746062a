"""Criteria of commitments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from commitments.models import Criterion  # noqa: F401


def _is_known(at: datetime | None) -> Q:
    if at is None:
        return Q(retired_at__isnull=True)
    in_use = Q(retired_at__isnull=True) | Q(retired_at__gt=at)
    return in_use & Q(added_at__lte=at)


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def in_order(self) -> CriterionQuerySet:
        return self.order_by("position", "id")

    def known(self, at: datetime | None) -> CriterionQuerySet:
        """Return the criteria that were in use at this time, or are now if it is None."""
        return self.filter(_is_known(at))

    def known_by(self, at: datetime | None) -> CriterionQuerySet:
        """Return the criteria that had been added by this time, or ever if it is None, also those
        that were replaced. One that was replaced while its plan was in preparation was never in
        use: it counts as added only when its plan became public."""
        ever = self.exclude(retired_at__lte=F("added_at"))
        return ever if at is None else ever.filter(added_at__lte=at)

    def with_is_known(self, at: datetime | None) -> CriterionQuerySet:
        """Add `is_known`, whether the criterion is among those `known`."""
        return self.annotate(is_known=_is_known(at))
