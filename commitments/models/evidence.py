"""The evidence of an update: links, files and citations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import ErrorCode, EvidenceKind, Source
from commitments.exceptions import StoredFileChanged
from commitments.files.storage import digest_and_size
from commitments.models.base import BaseModel
from commitments.models.fields import CodeField, EvidenceFileField, LanguageTagField
from commitments.models.progress import ProgressUpdate
from commitments.models.publishers import Publisher
from commitments.models.querysets import EvidenceManager
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words
from commitments.texts.visible import refusal_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The fields that an author sets. A new piece may also have a `file`, an upload, from which the
# `FILE_COLUMNS` follow; a stored file never changes.
EVIDENCE_FIELDS = (
    "title",
    "publisher",
    "url",
    "citation",
    "language",
    "dated_on",
    "kind",
    "source",
    "public",
)
FILE_COLUMNS = ("file", "file_name", "file_size", "file_sha256", "file_type")

CREDENTIALS_REFUSED = _(
    "Remove the user name and password from the address: everybody could read it."
)


# What no address has (RFC 3986 and 3987): blanks, controls, signs of direction, and signs that it
# has to escape. Browsers change them when an address is copied, and programs fail on them.
UNESCAPED = re.compile(r'[\s<>"{}|\\^`\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]')
ESCAPE_NEEDED = _("In an address, %(sign)s has to be written %(escaped)s.")


def link_refusal(address: str) -> StrOrPromise:
    """Return why a web address cannot be stored, "" if it can; its form is not checked."""
    if found := UNESCAPED.search(address):
        sign = found[0]
        named = sign if sign.isprintable() and sign != " " else f"U+{ord(sign):04X}"
        return ESCAPE_NEEDED % {"sign": named, "escaped": quote(sign)}
    # A user name or password before the host.
    host = re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0]
    return CREDENTIALS_REFUSED if "@" in host else ""


class Evidence(BaseModel):
    """A source of an update: exactly one link, file or citation.

    Internal evidence (`public` false) is visible to staff only and does not count towards the
    evidence level. `archived_url` is the address of an archived copy of `url`; the `archive` action
    adds it after publication, and pages show it beside the original. `is_erased` says that
    something of the piece was erased; of an erased file the digest, the size and the type stay.
    """

    update = models.ForeignKey(
        ProgressUpdate, models.CASCADE, related_name="evidence", verbose_name=_("progress update")
    )
    title = MultilingualField(_("title"), max_length=500)
    publisher = models.ForeignKey(
        Publisher,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("published by"),
    )
    url = models.URLField(_("link"), max_length=2000, blank=True)
    citation = models.TextField(_("citation"), blank=True)
    file = EvidenceFileField(_("file"), max_length=100, blank=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True, editable=False)
    file_size = models.PositiveBigIntegerField(
        _("file size in bytes"), null=True, blank=True, editable=False
    )
    file_sha256 = models.CharField(_("file digest"), max_length=64, blank=True, editable=False)
    file_type = models.CharField(_("media type"), max_length=100, blank=True, editable=False)
    language = LanguageTagField(_("source language"), blank=True)
    dated_on = models.DateField(_("source date"), null=True, blank=True)
    kind = CodeField(_("kind"), max_length=20, codes=EvidenceKind)
    source = CodeField(_("source type"), max_length=20, codes=Source)
    public = models.BooleanField(_("public"), default=True)
    archived_url = models.URLField(
        _("archived address"), max_length=2000, blank=True, editable=False
    )

    is_erased = models.BooleanField(_("partly erased"), default=False, editable=False)

    search_index = SearchIndexField(texts=("title", "citation", "url"), has_trigrams=True)

    objects = EvidenceManager()

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(url="") & Q(file="", citation=""))
                | (~Q(file="") & Q(url="", citation=""))
                | (~Q(citation="") & Q(url="", file=""))
                | Q(is_erased=True, url="", file="", citation=""),
                name="evidence_is_link_file_or_citation",
            ),
            models.CheckConstraint(
                condition=has_words("title") | Q(is_erased=True), name="evidence_title_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EvidenceKind.values()), name="evidence_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values()), name="evidence_source_known"
            ),
            models.CheckConstraint(
                condition=Q(file="", file_sha256="")
                | (~Q(file="") | Q(is_erased=True))
                & ~Q(file_sha256="")
                & Q(file_size__isnull=False),
                name="evidence_file_has_its_digest",
            ),
            models.UniqueConstraint(
                fields=["update", "file_sha256"],
                condition=~Q(file_sha256=""),
                name="evidence_file_once_per_update",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def source_key(self) -> str:
        """The value that identifies the source, as `querysets.evidence.source_place` computes it in
        the database."""
        return self.url or self.citation or self.file_sha256 or f"#{self.pk}"

    def check_stored(self) -> None:
        """Raise FileNotFoundError if the stored file is missing, and StoredFileChanged if it has
        another size than was recorded. Its content is not read."""
        if self.file.size != self.file_size:
            raise StoredFileChanged(str(self.file.name))

    def open_file(self) -> File[Any]:
        """Open the stored file for reading, after reading it once to compute its digest. Raise
        FileNotFoundError if there is none, and StoredFileChanged if it does not have the size and
        the digest that were recorded: its readers rely on the digest, which is its ETag."""
        stream: File[Any] = self.file.open("rb")
        if stream.size != self.file_size or digest_and_size(stream)[0] != self.file_sha256:
            stream.close()
            raise StoredFileChanged(str(self.file.name))
        stream.seek(0)
        return stream

    def clean(self) -> None:
        """Raise ValidationError unless the piece is exactly one of a link, a file and a citation,
        the link is an http or https address without a user name or password, and neither it nor
        the citation has characters that are not allowed."""
        if sum(map(bool, (self.url, self.file, self.citation))) != 1:
            raise ValidationError(
                _("Give exactly one of the following: a link, a file or a citation."),
                ErrorCode.CONFLICTING,
            )
        if self.url and not self.url.lower().startswith(("http://", "https://")):
            raise ValidationError(
                {"url": _("Enter an address that begins with http:// or https://.")}
            )
        if refusal := link_refusal(self.url):
            raise ValidationError({"url": refusal})
        if refusal := refusal_of(self.citation):
            raise ValidationError({"citation": refusal})
