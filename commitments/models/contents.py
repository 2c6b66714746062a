"""What decisions recorded of plans, commitments, forums and whatever else curators maintain."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import SubjectType
from commitments.models.base import BaseModel
from commitments.models.commitments import Commitment
from commitments.models.decisions import Decision
from commitments.models.fields import CodeField
from commitments.models.querysets import RecordedContentQuerySet


class RecordedContent(BaseModel):
    """The canonical content of a subject after a decision that changed it, as `ledger.content_of`
    gives it; null if the decision deleted the subject.

    Append-only, as decisions are. The rows of one subject, by id, are its history. An erasure, the
    `erase` decision `erased_by`, takes texts out of `content` and leaves `sha256`, the digest of
    the content as it was; of a publisher it takes the whole content and the key.
    """

    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="contents", verbose_name=_("ledger entry")
    )
    subject_type = CodeField(_("type"), max_length=10, codes=SubjectType)
    subject_key = models.CharField(_("subject"), max_length=300)
    commitment = models.ForeignKey(
        Commitment,
        models.PROTECT,
        null=True,
        related_name="contents",
        verbose_name=_("commitment"),
    )
    content = models.JSONField(_("content"), null=True)
    sha256 = models.CharField(_("content digest"), max_length=64, null=True)
    erased_by = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="+", verbose_name=_("erased by")
    )

    objects = RecordedContentQuerySet.as_manager()

    class Meta:
        verbose_name = _("recorded content")
        verbose_name_plural = _("recorded contents")
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "subject_type", "subject_key"], name="content_once_per_decision"
            ),
            models.CheckConstraint(
                condition=Q(subject_type__in=SubjectType.values()), name="content_type_known"
            ),
        ]
        indexes = [
            # The history of one subject.
            models.Index(fields=["subject_type", "subject_key", "id"], name="content_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_key}"
