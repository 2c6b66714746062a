"""Dumps of everything public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

from commitments.choices import WITHDRAWING_ACTIONS
from commitments.models.querysets.shared import related_rows

if TYPE_CHECKING:
    from commitments.models import Dump  # noqa: F401


class DumpQuerySet(models.QuerySet["Dump"]):
    def still_public(self) -> DumpQuerySet:
        """Return the dumps whose content is all still public: by the ledger, nothing was withdrawn
        or erased since."""
        withdrawals = related_rows(self, "head").filter(
            action__in=WITHDRAWING_ACTIONS, seq__gt=OuterRef("head__seq")
        )
        return self.filter(~Exists(withdrawals))
