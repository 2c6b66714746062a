"""Frozen copies of the tidy tables of a plan."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.decisions import Decision
from commitments.models.plans import Plan
from commitments.models.querysets import SnapshotQuerySet


class Snapshot(BaseModel):
    """The tidy tables of a plan at the end of a quarter, as a ZIP that never changes.

    `quarter` is named as in `PeriodUnit`; `known_at` is its end on the plan's calendar. After an
    erasure that concerns what was public then, the content is dropped: `withdrawn_by` is the
    decision that erased it, and the digest and the size stay.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="snapshots", verbose_name=_("plan"))
    quarter = models.CharField(_("quarter"), max_length=7)
    known_at = models.DateTimeField(_("known at"))
    made_at = models.DateTimeField(_("made at"))
    sha256 = models.CharField(_("digest"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content = models.BinaryField(_("content"), null=True)
    withdrawn_by = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="+", verbose_name=_("withdrawn by")
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            models.UniqueConstraint(fields=["plan", "quarter"], name="snapshot_once_per_quarter"),
            models.CheckConstraint(
                condition=Q(content__isnull=False, withdrawn_by__isnull=True)
                | Q(content__isnull=True, withdrawn_by__isnull=False),
                name="snapshot_has_content_unless_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(made_at__gt=models.F("known_at")), name="snapshot_after_its_quarter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.quarter}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_by_id is not None
