"""Public changes of the record."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments import ledger
from commitments.api.fields import CodeChoiceField, UtcTimeField
from commitments.api.read_serializers import ReadSerializer
from commitments.api.serializers.ledger import SubjectSerializer
from commitments.choices import EDITING_ACTIONS, PUBLIC_ACTIONS, Action, Status


class StatusChangeSerializer(ReadSerializer[Any]):
    """A commitment's status before and after a change, based on what was public at that time."""

    def get_fields(self) -> dict[str, Any]:
        """Return fields whose names cannot be declared: `from` is a keyword."""
        return {
            "from": CodeChoiceField(Status, source="before"),
            "to": CodeChoiceField(Status, source="after"),
        }


class PublicChangeSerializer(ReadSerializer[Any]):
    """A public change. `subject` is what an edit is about, or whose former contents an erasure
    concerns, otherwise null; `subjects` are all that an edit or an amendment changed, otherwise
    empty. `commitment`, `update` and `status` are null if the change concerns none, and `plan` if
    it concerns what plans share.
    """

    seq = serializers.IntegerField(
        source="decision.seq", help_text="Sequence number in the ledger."
    )
    at = UtcTimeField(source="decision.at")
    action = CodeChoiceField(
        Action, only=[action.value for action in PUBLIC_ACTIONS], source="decision.action"
    )
    plan = serializers.CharField(source="decision.plan.code", default=None, allow_null=True)
    commitment = serializers.CharField(
        source="decision.commitment.code", default=None, allow_null=True
    )
    update = serializers.IntegerField(source="decision.update_id", allow_null=True)
    subject = serializers.SerializerMethodField()
    subjects = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    erased = serializers.ListField(
        child=serializers.CharField(),
        source="decision.meta.erased",
        default=[],
        help_text="What an erasure dropped: parts of an update or its sources, `note` of a ledger "
        "link, or fields of former contents; otherwise empty.",
    )
    note = serializers.CharField(
        allow_null=True, help_text="The reason; null if it is not public or was erased."
    )
    hash = serializers.CharField(source="decision.hash", help_text="Hash of the ledger link.")

    # Shared by all rows: creating a serializer takes longer than using it.

    @cached_property
    def _of_subject(self) -> SubjectSerializer:
        return SubjectSerializer()

    @cached_property
    def _of_status(self) -> StatusChangeSerializer:
        return StatusChangeSerializer()

    @extend_schema_field(SubjectSerializer(allow_null=True))
    def get_subject(self, change: Any) -> Any:
        subject = ledger.edited_subject(change.decision)
        return self._of_subject.to_representation(subject) if subject else None

    @extend_schema_field(SubjectSerializer(many=True))
    def get_subjects(self, change: Any) -> Any:
        if change.decision.action not in EDITING_ACTIONS:
            return []
        digests = ledger.recorded_digests(change.decision)
        return [{"type": kind, "key": key} for kind, key in digests if key]

    @extend_schema_field(StatusChangeSerializer(allow_null=True))
    def get_status(self, change: Any) -> Any:
        return None if change.before is None else self._of_status.to_representation(change)


class WebhookMessageSerializer(ReadSerializer[Any]):
    """What a subscriber of webhooks is sent about a change."""

    type = serializers.CharField(help_text="The `action` of the change.")
    timestamp = UtcTimeField(help_text="When the change was made.")
    data = PublicChangeSerializer(help_text="The change, as `changes/` lists it.")


class ChangesSerializer(ReadSerializer[Any]):
    """A page of changes. Pass `cursor` to continue after it, now or later; `next` is null on the
    last page."""

    next = serializers.URLField(allow_null=True)
    results = PublicChangeSerializer(many=True)
    cursor = serializers.CharField()
