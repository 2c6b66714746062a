"""Progress updates with their evidence and decisions, out and in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from commitments import ledger, policies, workflow
from commitments.api.fields import CodeField, DayField, Strict, StringField, TextField
from commitments.api.serializers.evidence import EvidenceSerializer
from commitments.choices import Action, DatePrecision, State, Status
from commitments.drafts import FIELDS, evidence_level
from commitments.models import Commitment, Decision, Forum, ProgressUpdate
from commitments.models.progress import CLAIMABLE


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """An act. The note is null where it is not for the reader."""

    action = CodeField(Action)
    note = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = ["at", "action", "role", "note"]

    def get_note(self, decision: Decision) -> str | None:
        user = self.context["request"].user
        return decision.note if policies.may_see_note(user, decision) else None


class UpdateSerializer(serializers.ModelSerializer[ProgressUpdate]):
    """An update as the reader may see it: of a retracted one the public gets a tombstone, in
    which texts are empty, lists too, and `external_ref` is null."""

    commitment = serializers.CharField(source="commitment.code")
    date_precision = CodeField(DatePrecision)
    status = CodeField(Status, only=CLAIMABLE, allow_null=True)
    state = CodeField(State)
    summary = TextField()
    search_note = TextField()
    forums: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="code"
    )
    decisions = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    evidence_level = serializers.SerializerMethodField()
    content_sha256 = serializers.SerializerMethodField(
        help_text="What the ledger holds of the published content; null before publication."
    )
    loaded_from = serializers.SerializerMethodField(
        help_text="SHA-256 of the file that it was loaded from; null if written in the tracker."
    )
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the reader could do with it now; `write` stands for changing it."
    )

    class Meta:
        model = ProgressUpdate
        fields = [
            "id",
            "commitment",
            *FIELDS,
            "state",
            "published_at",
            "superseded_at",
            "retracted_at",
            "revision",
            "content_sha256",
            "loaded_from",
            "decisions",
            "evidence",
            "evidence_level",
            "allowed_actions",
        ]

    def to_representation(self, update: ProgressUpdate) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(update)
        if not policies.may_see_content(self._user, update):
            shown |= TOMBSTONE
        return shown

    @extend_schema_field(DecisionSerializer(many=True))
    def get_decisions(self, update: ProgressUpdate) -> Any:
        rows = policies.shown_decisions(self._user, update)
        return DecisionSerializer(rows, many=True, context=self.context).data

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, update: ProgressUpdate) -> Any:
        rows = policies.shown_evidence(self._user, update)
        return EvidenceSerializer(rows, many=True, context=self.context).data

    def get_evidence_level(self, update: ProgressUpdate) -> int | None:
        return evidence_level(update.evidence.all())

    def get_content_sha256(self, update: ProgressUpdate) -> str | None:
        return ledger.published_digest(update)

    def get_loaded_from(self, update: ProgressUpdate) -> str | None:
        return ledger.loaded_from(update)

    def get_allowed_actions(self, update: ProgressUpdate) -> list[str]:
        write = ["write"] if workflow.may_write(self._user, update) else []
        return write + [action.value for action in workflow.allowed_actions(self._user, update)]

    @property
    def _user(self) -> Any:
        return self.context["request"].user


# What a tombstone says in place of text, files and what would tell of them.
TOMBSTONE: dict[str, Any] = {
    "summary": {"en": "", "zh": ""},
    "search_note": {"en": "", "zh": ""},
    "forums": [],
    "external_ref": None,
    "evidence": [],
    "evidence_level": None,
}


class ForumCodesField(serializers.ListField):
    """Forums by their codes."""

    child = StringField()
    default_error_messages = {"unknown": _("There is no “{code}”.")}

    def to_internal_value(self, data: Any) -> list[Forum]:
        codes = super().to_internal_value(data)
        forums = {forum.code: forum for forum in Forum.objects.all()}
        message = self.error_messages["unknown"]
        unknown: dict[Any, Any] = {
            index: [message.format(code=code)]
            for index, code in enumerate(codes)
            if code not in forums
        }
        if unknown:
            raise serializers.ValidationError(unknown)
        return [forums[code] for code in dict.fromkeys(codes)]


class CommitmentCodeField(StringField):
    """A commitment by its public code."""

    default_error_messages = {"unknown": _("There is no commitment “{code}”.")}

    def to_internal_value(self, data: Any) -> Any:
        code = super().to_internal_value(data)
        commitment = None if "\x00" in code else Commitment.objects.by_codes([code]).first()
        if commitment is None:
            self.fail("unknown", code=code)
        return commitment


class CorrectedUpdateField(serializers.PrimaryKeyRelatedField[ProgressUpdate]):
    """The id, a whole number, of an update that the caller may know of."""

    def run_validation(self, data: Any = empty) -> Any:
        given = data is not empty and data is not None
        if given and (isinstance(data, bool) or not isinstance(data, int)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().run_validation(data)

    def get_queryset(self) -> Any:
        return ProgressUpdate.objects.visible_to(self.context["request"].user)


class UpdateWriteSerializer(Strict, serializers.ModelSerializer[ProgressUpdate]):
    """What an author sends: the fields of a draft, and on creation its evidence."""

    commitment = CommitmentCodeField()
    effective_on = DayField()
    summary = TextField(required=False)
    search_note = TextField(required=False)
    forums = ForumCodesField(required=False)
    date_precision = CodeField(DatePrecision, required=False)
    status = CodeField(Status, only=CLAIMABLE, required=False, allow_null=True)
    external_ref = StringField(required=False, allow_null=True, max_length=200)
    corrects = CorrectedUpdateField(required=False, allow_null=True)
    evidence = EvidenceSerializer(many=True, required=False)

    class Meta:
        model = ProgressUpdate
        fields = ["commitment", *FIELDS, "evidence"]


class UpdateChangeSerializer(UpdateWriteSerializer):
    """A change of a draft; its commitment stays, and evidence has addresses of its own."""

    commitment = None
    evidence = None

    class Meta:
        model = ProgressUpdate
        fields = list(FIELDS)


class ActSerializer(Strict):
    """The note of an act; `return` and `retract` need one."""

    note = StringField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text=_("Public for a retraction; else for staff."),
    )
