"""Dumps: everything public in one file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.decisions import Decision
from commitments.models.querysets import DumpQuerySet


class Dump(BaseModel):
    """Everything public in one file, as it was when `head` was the last link of the ledger.

    `file` is its name in the storage of evidence, `release` that of the software that wrote it. A
    newer dump takes the place of the older one. A dump is deleted by an erasure, and when readers
    no longer see a meeting.
    """

    head = models.ForeignKey(
        Decision, models.PROTECT, related_name="+", verbose_name=_("latest ledger entry")
    )
    made_at = models.DateTimeField(_("made at"))
    release = models.CharField(_("release"), max_length=64)
    file = models.CharField(_("file"), max_length=100, unique=True)
    sha256 = models.CharField(_("digest"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))

    objects = DumpQuerySet.as_manager()

    class Meta:
        verbose_name = _("dump")
        verbose_name_plural = _("dumps")

    def __str__(self) -> str:
        return self.file
