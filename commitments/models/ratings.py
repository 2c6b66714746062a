"""What second persons found of assessments before they saw what the authors had found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.decisions import Decision
from commitments.models.fields import CodeField, SaltField
from commitments.models.progress import (
    ASSESSMENT_STATUSES,
    ProgressUpdate,
    assessment_status_choices,
)


class Rating(BaseModel):
    """The findings of a reviewer on an assessment, and those of its author at that time.

    Append-only, as decisions are. `basis_sha256` is the digest of what was rated: the period, the
    criteria, the events and the evidence (`workflow.ratings.basis_of`). `findings` and
    `assessed_findings` are maps from the keys of criteria to `result` and `events` (ids). With
    `salt`, the digest in the decision can be recomputed. `author` is the update's author at that
    time, since an update can be reassigned.
    """

    update = models.ForeignKey(
        ProgressUpdate, models.PROTECT, related_name="ratings", verbose_name=_("progress update")
    )
    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="rating", verbose_name=_("ledger entry")
    )
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="ratings", verbose_name=_("rated by")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    basis_sha256 = models.CharField(_("digest of what was rated"), max_length=64)
    findings = models.JSONField(_("findings"), default=dict)
    status = CodeField(_("rated status"), max_length=20, choices=assessment_status_choices)
    assessed_findings = models.JSONField(_("findings of the author"), default=dict)
    assessed_status = CodeField(
        _("assessed status"), max_length=20, choices=assessment_status_choices
    )
    salt = SaltField()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "rater", "basis_sha256"], name="rating_once_of_the_same"
            ),
            models.CheckConstraint(
                condition=~Q(rater=F("author")), name="rating_not_by_the_author"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=ASSESSMENT_STATUSES, assessed_status__in=ASSESSMENT_STATUSES
                ),
                name="rating_statuses_known",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.update_id} {self.status}"
