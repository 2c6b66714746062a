"""Dumps of everything public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from commitments.choices import WITHDRAWING_ACTIONS
from commitments.models.querysets.shared import related_rows

if TYPE_CHECKING:
    from commitments.models import Dump  # noqa: F401


class DumpQuerySet(models.QuerySet["Dump"]):
    def still_public(self) -> DumpQuerySet:
        """Return the dumps whose content is all still public: by the ledger, nothing was withdrawn
        or erased since."""
        withdrawals = related_rows(self, "head").filter(action__in=WITHDRAWING_ACTIONS)
        latest = withdrawals.order_by("-seq").values("seq")[:1]
        return self.filter(head__seq__gte=Coalesce(Subquery(latest), 0))
