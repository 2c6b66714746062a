"""The plan files that were loaded, as they were read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.plans import Plan


class PlanFile(BaseModel):
    """The content of a plan file when it was loaded or applied as an amendment.

    The latest one of a plan is what the next version of its file is compared with. `sha256` is the
    digest of the content as canonical JSON, so that layout and comments of the file make no
    difference.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="files", verbose_name=_("plan"), editable=False
    )
    at = models.DateTimeField(_("loaded at"), editable=False)
    sha256 = models.CharField(_("content digest"), max_length=64, editable=False)
    document = models.JSONField(_("content"), editable=False)

    class Meta:
        verbose_name = _("plan file")
        verbose_name_plural = _("plan files")
        indexes = [
            # The latest file of a plan.
            models.Index(fields=["plan", "id"], name="plan_file_of_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.at}"
