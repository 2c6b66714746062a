"""Links of the ledger, and the content that its digests cover, as outsiders get them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments import ledger, policies
from commitments.api.fields import CodeField, TextField
from commitments.choices import PUBLIC_ACTIONS, Action, DatePrecision, EvidenceKind, Source, Status
from commitments.models import Decision, LedgerHead
from commitments.models.progress import CLAIMABLE

DIGEST = "64 hexadecimal digits."


class HeadSerializer(serializers.ModelSerializer[LedgerHead]):
    class Meta:
        model = LedgerHead
        fields = ["seq", "hash"]


class EntrySerializer(serializers.Serializer[Any]):
    """What `entry_sha256` is the digest of, as canonical JSON (RFC 8785)."""

    v = serializers.IntegerField()
    seq = serializers.IntegerField()
    at = serializers.CharField(help_text="UTC, with six decimals and Z.")
    action = CodeField(Action, only=[action.value for action in PUBLIC_ACTIONS])
    plan = serializers.CharField()
    commitment = serializers.CharField(allow_null=True)
    update = serializers.IntegerField(allow_null=True)
    role = serializers.CharField()
    content_sha256 = serializers.CharField(allow_null=True, help_text=DIGEST)
    note_commit = serializers.CharField(help_text="SHA-256 of 32 salt bytes and the note.")
    actor_commit = serializers.CharField(help_text="SHA-256 of 32 salt bytes and who acted.")
    meta = serializers.DictField(help_text="Further facts, by the act.")


class LedgerLinkSerializer(serializers.ModelSerializer[Decision]):
    """One link. The entry, the note and its salt are null where the act is not public."""

    entry = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    salt = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = ["seq", "entry_sha256", "hash", "entry", "note", "salt"]

    @extend_schema_field(EntrySerializer(allow_null=True))
    def get_entry(self, decision: Decision) -> Any:
        return ledger.entry(decision) if policies.entry_is_public(decision) else None

    def get_note(self, decision: Decision) -> str | None:
        return decision.note if policies.note_is_public(decision) else None

    def get_salt(self, decision: Decision) -> str | None:
        return decision.note_salt if policies.note_is_public(decision) else None


class ContentFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField(help_text=DIGEST)
    media_type = serializers.CharField()


class ContentEvidenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    publisher = serializers.CharField()
    url = serializers.CharField()
    citation = serializers.CharField()
    language = serializers.CharField()
    dated_on = serializers.DateField(allow_null=True)
    kind = CodeField(EvidenceKind)
    source = CodeField(Source)
    public = serializers.BooleanField()
    file = ContentFileSerializer(allow_null=True)


class ContentSerializer(serializers.Serializer[Any]):
    """Describes `ledger.content`, which is served as it is: byte for byte canonical JSON."""

    v = serializers.IntegerField()
    update = serializers.IntegerField()
    commitment = serializers.CharField()
    effective_on = serializers.DateField()
    date_precision = CodeField(DatePrecision)
    status = CodeField(Status, only=CLAIMABLE, allow_null=True)
    summary = TextField()
    search_note = TextField()
    forums = serializers.ListField(child=serializers.CharField())
    external_ref = serializers.CharField(allow_null=True)
    corrects = serializers.IntegerField(allow_null=True)
    evidence = ContentEvidenceSerializer(many=True)
    internal_commit = serializers.CharField(
        help_text="SHA-256 of 32 salt bytes and the internal evidence, if there is any."
    )
