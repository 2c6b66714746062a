"""Evidence: one source behind an update, as a link, a file or a citation."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import EvidenceKind, Source
from commitments.models.progress import ProgressUpdate
from commitments.querysets import EvidenceQuerySet
from commitments.storage import evidence_storage, random_name


class Evidence(models.Model):
    """Internal evidence (`public` false) is for staff only and does not count for a claim.

    `archived_url` is an archived address of `url`, added after publication by the `archive` act
    and shown beside the original, never instead of it.
    """

    update = models.ForeignKey(
        ProgressUpdate, models.CASCADE, related_name="evidence", verbose_name=_("progress update")
    )
    title = models.CharField(_("title"), max_length=500)
    publisher = models.CharField(_("published by"), max_length=300, blank=True)
    url = models.URLField(_("link"), max_length=2000, blank=True)
    citation = models.TextField(_("citation"), blank=True)
    file = models.FileField(
        _("file"), upload_to=random_name, storage=evidence_storage, max_length=100, blank=True
    )
    file_name = models.CharField(_("file name"), max_length=255, blank=True, editable=False)
    file_size = models.PositiveBigIntegerField(
        _("file size in bytes"), null=True, blank=True, editable=False
    )
    file_sha256 = models.CharField(_("file digest"), max_length=64, blank=True, editable=False)
    file_type = models.CharField(_("media type"), max_length=100, blank=True, editable=False)
    language = models.CharField(_("language of the source"), max_length=20, blank=True)
    dated_on = models.DateField(_("dated"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind.choices)
    source = models.CharField(_("source"), max_length=20, choices=Source.choices)
    public = models.BooleanField(_("public"), default=True)
    archived_url = models.URLField(
        _("archived address"), max_length=2000, blank=True, editable=False
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(url="") & Q(file="", citation=""))
                | (~Q(file="") & Q(url="", citation=""))
                | (~Q(citation="") & Q(url="", file="")),
                name="evidence_is_link_file_or_citation",
                violation_error_message=_("Give exactly one of link, file and citation."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EvidenceKind.values()), name="evidence_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values()), name="evidence_source_known"
            ),
            models.CheckConstraint(
                condition=Q(file="", file_sha256="")
                | (~Q(file="") & ~Q(file_sha256="") & Q(file_size__isnull=False)),
                name="evidence_file_has_its_digest",
            ),
            models.UniqueConstraint(
                fields=["update", "file_sha256"],
                condition=~Q(file_sha256=""),
                name="evidence_file_once_per_update",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A link is an http or https address."""
        if self.url and not self.url.lower().startswith(("http://", "https://")):
            raise ValidationError(
                {"url": _("Give an address that begins with http:// or https://.")}
            )
