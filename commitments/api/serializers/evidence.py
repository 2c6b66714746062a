"""Evidence, out and in: links and citations as JSON, files as a form."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments import links
from commitments.api.fields import (
    CodeField,
    DayField,
    FormTruthField,
    Strict,
    StringField,
    TruthField,
)
from commitments.choices import EvidenceKind, Source
from commitments.drafts import EVIDENCE_FIELDS
from commitments.health import LinkOutcome
from commitments.models import Evidence


class StoredFileSerializer(serializers.ModelSerializer[Evidence]):
    name = serializers.CharField(source="file_name")
    size = serializers.IntegerField(source="file_size", help_text="In bytes.")
    sha256 = serializers.CharField(source="file_sha256")
    media_type = serializers.CharField(source="file_type")
    url = serializers.HyperlinkedIdentityField(view_name="api:evidence-file")

    class Meta:
        model = Evidence
        fields = ["name", "size", "sha256", "media_type", "url"]


class LinkSerializer(serializers.Serializer[Any]):
    """A link, its archived copy, and what became of it; null where nobody has looked yet."""

    url = serializers.CharField()
    archived_url = serializers.CharField()
    outcome = CodeField(LinkOutcome, allow_null=True, source="health.outcome", default=None)
    detail = serializers.CharField(
        allow_null=True, source="health.detail", default=None, help_text="Status code or reason."
    )
    dead = serializers.BooleanField(allow_null=True, source="health.dead", default=None)
    since = serializers.DateTimeField(allow_null=True, source="health.since", default=None)
    checked_at = serializers.DateTimeField(
        allow_null=True, source="health.checked_at", default=None
    )
    last_good_at = serializers.DateTimeField(allow_null=True, source="health.good_at", default=None)
    moved_to = serializers.CharField(allow_null=True, source="health.moved_to", default=None)


class EvidenceSerializer(Strict, serializers.ModelSerializer[Evidence]):
    """One of `url` and `citation` on input; internal evidence has `public` false."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: StringField,
        models.BooleanField: TruthField,
        models.DateField: DayField,
    }

    kind = CodeField(EvidenceKind)
    source = CodeField(Source)
    citation = StringField(max_length=20_000, required=False, allow_blank=True)
    file = serializers.SerializerMethodField()
    link = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ["id", "update", *EVIDENCE_FIELDS, "file", "link"]
        read_only_fields = ["id", "update"]

    @extend_schema_field(StoredFileSerializer(allow_null=True))
    def get_file(self, evidence: Evidence) -> Any:
        return StoredFileSerializer(evidence, context=self.context).data if evidence.file else None

    @extend_schema_field(LinkSerializer(allow_null=True))
    def get_link(self, evidence: Evidence) -> Any:
        if not evidence.url:
            return None
        facts = {
            "url": evidence.url,
            "archived_url": evidence.archived_url,
            "health": links.health(evidence),
        }
        return LinkSerializer(facts).data


class EvidenceFileSerializer(EvidenceSerializer):
    """A file with what is said of it, as `multipart/form-data`; `public` is `true` or `false`."""

    url = None
    citation = None
    link = None
    # A form has no null.
    dated_on = DayField(required=False)
    public = FormTruthField(required=False)
    file = serializers.FileField(allow_empty_file=True, max_length=255)

    class Meta:
        model = Evidence
        fields = [name for name in EVIDENCE_FIELDS if name not in ("url", "citation")] + ["file"]


class ArchiveSerializer(Strict):
    """Where an archived copy of a link is."""

    archived_url = serializers.URLField(max_length=2000)
    note = StringField(required=False, allow_blank=True, max_length=20_000, help_text=_("Public."))
