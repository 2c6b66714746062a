"""Public links of the ledger, and the content that its digests cover."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments import ledger
from commitments.access import policies
from commitments.api.fields import CodeChoiceField, TitleField
from commitments.api.read_serializers import ReadModelSerializer, ReadSerializer
from commitments.api.serializers.updates import UpdateFieldsSerializer
from commitments.choices import PUBLIC_ACTIONS, Action, EvidenceKind, Source, SubjectType
from commitments.models import Decision, LedgerHead, ProgressUpdate, RecordedContent
from commitments.workflow import UPDATE_FIELDS

DIGEST = "64 hexadecimal digits."


class HeadSerializer(ReadModelSerializer[LedgerHead]):
    """The last link of the ledger: its sequence number and its hash."""

    class Meta:
        model = LedgerHead
        fields = ["seq", "hash"]


class SubjectSerializer(ReadSerializer[Any]):
    """What an edit is about, or whose former contents an erasure concerns; `contents/{type}/{key}/`
    is its content."""

    type = CodeChoiceField(SubjectType)
    key = serializers.CharField(
        help_text="A plan's, forum's or office's code, a commitment's public identifier, the "
        "plan's code and the number of a goal or an area, or the name under which a publisher "
        "was first recorded."
    )


class EntrySerializer(ReadSerializer[Any]):
    """The entry; the SHA-256 of its canonical JSON (RFC 8785) is `entry_sha256`."""

    v = serializers.IntegerField()
    seq = serializers.IntegerField()
    at = serializers.CharField(help_text="UTC, with six decimal places and `Z`.")
    action = CodeChoiceField(Action, only=[action.value for action in PUBLIC_ACTIONS])
    plan = serializers.CharField(
        allow_null=True, help_text="Null if the action concerns what plans share."
    )
    commitment = serializers.CharField(allow_null=True)
    update = serializers.IntegerField(allow_null=True)
    subject = SubjectSerializer(allow_null=True)
    role = serializers.CharField()
    content_sha256 = serializers.CharField(allow_null=True, help_text=DIGEST)
    note_commit = serializers.CharField(help_text="SHA-256 of a 32-byte salt followed by the note.")
    actor_commit = serializers.CharField(
        help_text="SHA-256 of a 32-byte salt followed by the identity of whoever acted."
    )
    meta = serializers.DictField(help_text="Further details, depending on the action.")


class LedgerLinkSerializer(ReadModelSerializer[Decision]):
    """A ledger link. `entry` is null if the action is not public; `note` and `salt` are null if the
    note is not public. What a later link erased is null too."""

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
        return decision.note if self._has_public_note(decision) else None

    def get_salt(self, decision: Decision) -> str | None:
        return decision.note_salt if self._has_public_note(decision) else None

    def _has_public_note(self, decision: Decision) -> bool:
        return policies.note_is_public(decision) and not decision.note_is_erased


class ContentFileSerializer(ReadSerializer[Any]):
    """A file, identified by its digest."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Size in bytes.")
    sha256 = serializers.CharField(help_text=DIGEST)
    media_type = serializers.CharField()


class ContentEvidenceSerializer(ReadSerializer[Any]):
    """Public evidence as covered by the digest."""

    id = serializers.IntegerField()
    title = TitleField()
    publisher = serializers.CharField(
        allow_null=True, help_text="The name under which the publisher was first recorded."
    )
    url = serializers.CharField()
    citation = serializers.CharField()
    language = serializers.CharField()
    dated_on = serializers.DateField(allow_null=True)
    kind = CodeChoiceField(EvidenceKind)
    source = CodeChoiceField(Source)
    public = serializers.BooleanField()
    file = ContentFileSerializer(allow_null=True)


class ContentSerializer(UpdateFieldsSerializer):
    """The content of an update, served as canonical JSON (RFC 8785)."""

    v = serializers.IntegerField()
    update = serializers.IntegerField()
    methodology = serializers.IntegerField(
        allow_null=True,
        help_text="Version of the methodology of the assessment; null if it is none.",
    )
    evidence = ContentEvidenceSerializer(many=True)
    internal_commit = serializers.CharField(
        help_text="SHA-256 of a 32-byte salt followed by the internal evidence, if any."
    )
    erased = serializers.ListField(
        child=serializers.CharField(),
        help_text="What was erased, and has no value: `summary`, or of a source "
        "`evidence/31/title`.",
    )

    class Meta:
        model = ProgressUpdate
        fields = [
            "v",
            "update",
            "commitment",
            "methodology",
            *UPDATE_FIELDS,
            "evidence",
            "internal_commit",
            "erased",
        ]
        read_only_fields = UPDATE_FIELDS


class RecordedContentSerializer(ReadModelSerializer[RecordedContent]):
    """The content of what an edit, a load or an amendment changed, after it. `content` and its
    digest are null if it was deleted. Texts that were erased since are named in `erased` of the
    content; the digest is that of the content as it was."""

    seq = serializers.IntegerField(
        source="decision.seq", help_text="Sequence number of the ledger link that recorded it."
    )
    type = CodeChoiceField(SubjectType, source="subject_type")
    key = serializers.CharField(source="subject_key")
    content_sha256 = serializers.CharField(
        source="sha256", allow_null=True, help_text="SHA-256 of the content as canonical JSON."
    )
    content = serializers.DictField(
        allow_null=True,
        help_text="`v`, `type`, `key`, the code of the plan, and fields as in a plan file.",
    )

    class Meta:
        model = RecordedContent
        fields = ["seq", "type", "key", "content_sha256", "content"]
