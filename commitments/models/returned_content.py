"""What a reviewer sent back, kept until the update is published or discarded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.progress import ProgressUpdate


class ReturnedContent(BaseModel):
    """The content of an update when it was last returned, so that its next review shows what has
    changed since. It is for staff; once the update is public, nothing of it is kept here."""

    update = models.OneToOneField(
        ProgressUpdate,
        models.CASCADE,
        related_name="returned_content",
        verbose_name=_("progress update"),
    )
    at = models.DateTimeField(_("returned at"))
    content = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("returned content")
        verbose_name_plural = _("returned contents")

    def __str__(self) -> str:
        return f"#{self.update_id} {self.at:%Y-%m-%d}"
