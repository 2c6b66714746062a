"""Evidence: links and citations as JSON, files as a form."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from commitments.api.fields import (
    JSON_FIELD_MAPPING,
    MAX_TEXT_LENGTH,
    AddressField,
    CodeChoiceField,
    FormBooleanField,
    FormPublisherField,
    FormTitleField,
    JsonDateField,
    JsonStringField,
    LanguageField,
    PublisherField,
    RejectUnknownKeysMixin,
    RouteField,
    TitleField,
    UpdatePageField,
    UtcTimeField,
)
from commitments.api.read_serializers import ReadModelSerializer, ReadSerializer
from commitments.choices import EvidenceKind, LinkStatus, Source
from commitments.links import checks
from commitments.links.checks import LinkHealth
from commitments.models import Evidence
from commitments.workflow import EVIDENCE_FIELDS


class StoredFileSerializer(ReadModelSerializer[Evidence]):
    """A stored file. It can be downloaded from `url`; of an erased file that is null, and the name
    is empty."""

    name = serializers.CharField(source="file_name")
    size = serializers.IntegerField(source="file_size", help_text="Size in bytes.")
    sha256 = serializers.CharField(source="file_sha256")
    media_type = serializers.CharField(source="file_type")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ["name", "size", "sha256", "media_type", "url"]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, evidence: Evidence) -> str | None:
        if not evidence.file:
            return None
        request = self.context["request"]
        return reverse("api:evidence-file", args=[evidence.pk], request=request)


class LinkFacts(NamedTuple):
    """A link and its archived copy, each with what its checks have found."""

    url: str
    archived_url: str
    health: LinkHealth | None
    archive_health: LinkHealth | None


class LinkSerializer(ReadSerializer[LinkFacts]):
    """A link, its archived copy and the result of the last check. The result is null until the link
    has been checked."""

    url = serializers.CharField()
    archived_url = serializers.CharField()
    status = CodeChoiceField(LinkStatus, allow_null=True, source="health.status", default=None)
    detail = serializers.CharField(
        allow_null=True,
        source="health.detail",
        default=None,
        help_text="HTTP status code, or the reason for a failure.",
    )
    dead = serializers.BooleanField(
        allow_null=True,
        source="health.dead",
        default=None,
        help_text="Whether the link is gone, or could not be reached twice in a row.",
    )
    since = UtcTimeField(
        allow_null=True,
        source="health.since",
        default=None,
        help_text="When a check first gave this result.",
    )
    checked_at = UtcTimeField(allow_null=True, source="health.checked_at", default=None)
    last_good_at = UtcTimeField(allow_null=True, source="health.good_at", default=None)
    moved_to = serializers.CharField(allow_null=True, source="health.moved_to", default=None)
    archived_dead = serializers.BooleanField(
        allow_null=True,
        source="archive_health.dead",
        default=None,
        help_text="The same of the archived copy; null if there is none or it was not checked.",
    )
    archived_checked_at = UtcTimeField(
        allow_null=True, source="archive_health.checked_at", default=None
    )


class EvidenceSerializer(RejectUnknownKeysMixin, ReadModelSerializer[Evidence]):
    """A source behind an update: a link, a citation or a file. In requests, give either `url` or
    `citation`; for internal evidence, set `public` to false. `is_erased` says that something of it
    was erased for good: the `erasures` of its update say what."""

    serializer_field_mapping = JSON_FIELD_MAPPING

    title = TitleField()
    publisher = PublisherField(
        required=False,
        allow_null=True,
        help_text=_(
            "The publisher's name. In requests, a publisher that has this name in any language is "
            "used; otherwise it is added."
        ),
    )
    language = LanguageField(
        required=False, allow_blank=True, help_text=_("BCP 47 tag of the source's language.")
    )
    kind = CodeChoiceField(EvidenceKind)
    source = CodeChoiceField(Source)
    citation = JsonStringField(max_length=MAX_TEXT_LENGTH, required=False, allow_blank=True)
    file = serializers.SerializerMethodField()
    link = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ["id", "update", *EVIDENCE_FIELDS, "file", "link", "is_erased"]
        read_only_fields = ["id", "update", "is_erased"]

    # Shared by all rows: creating a serializer takes longer than using it.

    @cached_property
    def _of_file(self) -> StoredFileSerializer:
        return StoredFileSerializer(context=self.context)

    @cached_property
    def _of_link(self) -> LinkSerializer:
        return LinkSerializer()

    @extend_schema_field(StoredFileSerializer(allow_null=True))
    def get_file(self, evidence: Evidence) -> Any:
        return self._of_file.to_representation(evidence) if evidence.file_sha256 else None

    @extend_schema_field(LinkSerializer(allow_null=True))
    def get_link(self, evidence: Evidence) -> Any:
        if not evidence.url:
            return None
        health, archive = checks.health_of(evidence), checks.health_of_archive(evidence)
        facts = LinkFacts(evidence.url, evidence.archived_url, health, archive)
        return self._of_link.to_representation(facts)


class ListedEvidenceSerializer(EvidenceSerializer):
    """A source with the update that it is behind. `url` is the address of the source, `update_url`
    that of the update in the API, and `html_url` the place where pages show both."""

    commitment = serializers.CharField(source="update.commitment.code", read_only=True)
    update_url = RouteField("api:update-detail", "update_id", help_text="Address of the update.")
    html_url = UpdatePageField(
        source="update", read_only=True, help_text="Place at which people read the update."
    )

    class Meta(EvidenceSerializer.Meta):
        fields = [*EvidenceSerializer.Meta.fields, "commitment", "update_url", "html_url"]


class EvidenceFileSerializer(EvidenceSerializer):
    """A file and its description, as `multipart/form-data`."""

    url = None
    citation = None
    link = None
    title = FormTitleField()
    # A form cannot send null.
    publisher = FormPublisherField(required=False)
    dated_on = JsonDateField(required=False)
    public = FormBooleanField(required=False)
    file = serializers.FileField(
        allow_empty_file=True,
        max_length=255,
        error_messages={
            "invalid": _("Must be a file."),
            "no_name": _("The file has no name."),
            "max_length": _("The name of a file has at most {max_length} characters."),
        },
    )

    class Meta:
        model = Evidence
        fields = [name for name in EVIDENCE_FIELDS if name not in ("url", "citation")] + ["file"]


class ArchiveSerializer(RejectUnknownKeysMixin):
    """The address of an archived copy of a link, and a public note."""

    archived_url = AddressField(max_length=2000)
    note = JsonStringField(
        required=False, allow_blank=True, max_length=MAX_TEXT_LENGTH, help_text=_("Public.")
    )
