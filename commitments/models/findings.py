"""What an assessment finds of each criterion, and the updates on which others rest."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import FindingResult
from commitments.models.base import BaseModel
from commitments.models.criteria import Criterion
from commitments.models.fields import CodeField
from commitments.models.progress import ProgressUpdate
from commitments.models.querysets import FindingManager


class Finding(BaseModel):
    """What an assessment says of one criterion, with the events that show it.

    Without events, a finding other than `not_shown` means the update itself.
    """

    update = models.ForeignKey(
        ProgressUpdate, models.CASCADE, related_name="findings", verbose_name=_("progress update")
    )
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="findings", verbose_name=_("criterion")
    )
    result = CodeField(_("finding"), max_length=10, codes=FindingResult)
    events = models.ManyToManyField(ProgressUpdate, related_name="+", verbose_name=_("events"))

    objects = FindingManager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        # The order of the criteria in the plan.
        ordering = ["criterion__position", "criterion_id"]
        constraints = [
            models.UniqueConstraint(fields=["update", "criterion"], name="finding_once"),
            models.CheckConstraint(
                condition=Q(result__in=FindingResult.values()), name="finding_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.key}: {self.result}"


class Basis(BaseModel):
    """An update on which another rests: an event that an assessment names, or the update itself.

    `counts` is false for context: events that no finding names, in an assessment that has
    findings. The workflow derives both from what the author set, so that one query finds the
    sources and the actions behind a status.
    """

    update = models.ForeignKey(
        ProgressUpdate, models.CASCADE, related_name="bases", verbose_name=_("progress update")
    )
    event = models.ForeignKey(
        ProgressUpdate, models.PROTECT, related_name="supports", verbose_name=_("event")
    )
    counts = models.BooleanField(_("counts towards the evidence level"))

    class Meta:
        verbose_name = _("basis")
        verbose_name_plural = _("bases")
        constraints = [
            models.UniqueConstraint(fields=["update", "event"], name="basis_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.update_id} ← #{self.event_id}"
