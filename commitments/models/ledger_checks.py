"""When the tables were compared with the ledger."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel


class LedgerCheck(BaseModel):
    """A run of `verify_ledger`: up to which entry, and how many differences it found.

    It is the site's own word, and not part of what the ledger proves.
    """

    at = models.DateTimeField(_("checked at"))
    seq = models.PositiveBigIntegerField(_("up to entry"))
    differences = models.PositiveIntegerField(_("differences"))

    class Meta:
        verbose_name = _("check of the ledger")
        verbose_name_plural = _("checks of the ledger")
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.seq}: {self.differences}"
