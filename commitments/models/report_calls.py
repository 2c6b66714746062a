"""Calls for reports on a plan, and the answer that there is nothing new. They are for staff only,
and change no status: an assessment that is due stays due."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.models.base import BaseModel
from commitments.models.commitments import Commitment
from commitments.models.plans import Plan


class ReportCall(BaseModel):
    """A curator's call for reports on all commitments of a plan, until `due_on`, which was set at
    `due_on_set_at` and moved `moves` times. Of a plan's calls that were not withdrawn, the latest
    is in force."""

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="report_calls", verbose_name=_("plan")
    )
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="report_calls",
        verbose_name=_("asked by"),
    )
    due_on = models.DateField(_("reports due on"))
    due_on_set_at = models.DateTimeField(_("deadline set at"))
    moves = models.PositiveIntegerField(_("times that the deadline was moved"), default=0)
    note = models.TextField(_("note"), blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="withdrawn_calls",
        verbose_name=_("who withdrew it"),
    )
    withdrawal_reason = models.TextField(_("reason for the withdrawal"), blank=True)

    class Meta:
        verbose_name = _("call for reports")
        verbose_name_plural = _("calls for reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason=""
                )
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawal_reason=""),
                name="report_call_withdrawn_with_a_reason",
            ),
        ]
        indexes = [
            # The call that is in force.
            models.Index(fields=["plan", "-id"], name="report_call_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.due_on}"


class NothingNew(BaseModel):
    """Somebody who may report on a commitment has checked: there is nothing new to report."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="checks", verbose_name=_("commitment")
    )
    at = models.DateTimeField(pgettext_lazy("without news", "checked at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="checks",
        verbose_name=_("checked by"),
    )

    class Meta:
        verbose_name = _("check without news")
        verbose_name_plural = _("checks without news")
        indexes = [
            # The latest check of a commitment.
            models.Index(fields=["commitment", "-at"], name="nothing_new_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at:%Y-%m-%d}"
