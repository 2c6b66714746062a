"""The history of a commitment, a plan, a forum or an office."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, UtcTimeField
from commitments.api.read_serializers import ReadSerializer
from commitments.choices import SYSTEM_ROLE, Action, Role
from commitments.curation.history import FIELD_LABELS, FieldChange, HistoryEntry
from commitments.texts.diff import DiffOperation
from commitments.texts.text import Text

VALUE_SCHEMA = {
    "description": (
        "The value as in a plan file: a number, a code, a date, a text by language, or a "
        "list of numbers or codes; for `forums`, `criteria` and `milestones`, one item of the "
        "list. Null if there was no value before, or there is none any more."
    )
}


def plain(value: Any) -> Any:
    """Return a value with its texts as objects."""
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


class DiffSpanSerializer(ReadSerializer[Any]):
    """A piece of a comparison: text in both versions, or in one of them."""

    part = serializers.ChoiceField(choices=[part.value for part in DiffOperation])
    text = serializers.CharField()


class FieldChangeSerializer(ReadSerializer[FieldChange]):
    """A changed field, with its value before and after."""

    field = serializers.ChoiceField(choices=list(FIELD_LABELS))
    comparison = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        """Return fields whose names cannot be declared: `from` is a keyword."""
        fields: dict[str, Any] = super().get_fields()
        values = {"from": ValueField(source="before"), "to": ValueField(source="after")}
        return {"field": fields["field"], **values, "comparison": fields["comparison"]}

    @extend_schema_field(
        serializers.DictField(
            child=DiffSpanSerializer(many=True),
            allow_null=True,
            help_text=(
                "A comparison of two texts, for each language that differs. The `same` and "
                "`removed` pieces joined give the earlier text, the `same` and `added` pieces the "
                "later one."
            ),
        )
    )
    def get_comparison(self, change: FieldChange) -> Any:
        return change.comparison and {
            language: [{"part": span.part.value, "text": span.text} for span in spans]
            for language, spans in change.comparison.items()
        }


@extend_schema_field(VALUE_SCHEMA)
class ValueField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> Any:
        return plain(value)


class HistoryEntrySerializer(ReadSerializer[HistoryEntry]):
    """What one decision changed. `changes` is empty where it added what this is the history of.
    `erased` are the fields of which the words before or after were erased since."""

    at = UtcTimeField()
    role = serializers.ChoiceField(
        source="decision.role",
        choices=[Role.CURATOR.value, SYSTEM_ROLE],
        help_text="Role of whoever made the change.",
    )
    reason = serializers.CharField()
    action = CodeChoiceField(
        Action,
        only=[Action.LOAD.value, Action.AMEND.value, Action.EDIT.value],
        source="decision.action",
    )
    decision = serializers.IntegerField(
        source="decision.seq", help_text="Sequence number in the ledger."
    )
    deleted = serializers.BooleanField()
    changes = FieldChangeSerializer(many=True)
    erased = serializers.ListField(child=serializers.ChoiceField(choices=list(FIELD_LABELS)))
