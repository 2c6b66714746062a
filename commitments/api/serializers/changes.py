"""Public acts, as those who mirror the tracker read them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeField
from commitments.choices import PUBLIC_ACTIONS, Action, Status


class MoveSerializer(serializers.Serializer[Any]):
    """A commitment's status before and after an act, by all that was public then."""

    def get_fields(self) -> dict[str, Any]:
        """`from`, a word of the language, cannot be declared."""
        return {
            "from": CodeField(Status, source="before"),
            "to": CodeField(Status, source="after"),
        }


class PublicActSerializer(serializers.Serializer[Any]):
    """`commitment`, `update` and `status` are null where the act is on a whole plan."""

    seq = serializers.IntegerField(source="decision.seq", help_text="Its number in the ledger.")
    at = serializers.DateTimeField(source="decision.at")
    action = CodeField(Action, only=[act.value for act in PUBLIC_ACTIONS], source="decision.action")
    plan = serializers.CharField(source="decision.plan.code")
    commitment = serializers.CharField(
        source="decision.commitment.code", default=None, allow_null=True
    )
    update = serializers.IntegerField(source="decision.update_id", allow_null=True)
    status = serializers.SerializerMethodField()
    note = serializers.CharField(
        allow_null=True, help_text="The reason; null where it is not public."
    )
    hash = serializers.CharField(source="decision.hash", help_text="That of the ledger's link.")

    @extend_schema_field(MoveSerializer(allow_null=True))
    def get_status(self, change: Any) -> Any:
        return None if change.before is None else MoveSerializer(change).data


class ChangesSerializer(serializers.Serializer[Any]):
    """`cursor` goes on where this page ended, today or later; `next` is null at the end."""

    results = PublicActSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    cursor = serializers.CharField()
