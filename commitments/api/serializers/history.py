"""The history of a commitment."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import Sparse
from commitments.bilingual import Text
from commitments.choices import SYSTEM_ROLE, Action, Role
from commitments.comparison import Part
from commitments.history import LABELS, Change, Event

VALUE = {
    "description": "As in a plan file: a number, a code, a day, a text in both languages, a list "
    "of numbers or codes; of `forums` and `milestones` one item of the list. Null: it was not "
    "there, or is no more."
}


def plain(value: Any) -> Any:
    """A value with its texts as objects."""
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


class PieceSerializer(serializers.Serializer[Any]):
    part = serializers.ChoiceField(choices=[part.value for part in Part])
    text = serializers.CharField()


class ComparisonSerializer(Sparse):
    """Of a text, for each language that differs: `same` and `removed` pieces joined are the text
    before, `same` and `added` ones the text after."""

    en = PieceSerializer(many=True, required=False)
    zh = PieceSerializer(many=True, required=False)


class ChangeSerializer(serializers.Serializer[Change]):
    """One thing before and after."""

    field = serializers.ChoiceField(choices=list(LABELS))
    comparison = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        """`from`, a word of the language, cannot be declared."""
        fields: dict[str, Any] = super().get_fields()
        values = {"from": ValueField(source="before"), "to": ValueField(source="after")}
        return {"field": fields["field"], **values, "comparison": fields["comparison"]}

    @extend_schema_field(ComparisonSerializer(allow_null=True))
    def get_comparison(self, change: Change) -> Any:
        return change.comparison and {
            language: [{"part": piece.part.value, "text": piece.text} for piece in pieces]
            for language, pieces in change.comparison.items()
        }


@extend_schema_field(VALUE)
class ValueField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> Any:
        return plain(value)


class EventSerializer(serializers.Serializer[Event]):
    """What was changed in one act, for one reason."""

    at = serializers.DateTimeField()
    role = serializers.ChoiceField(
        choices=[Role.CURATOR.value, SYSTEM_ROLE], help_text="Who did it."
    )
    reason = serializers.CharField()
    action = serializers.ChoiceField(
        source="decision.action",
        default=None,
        allow_null=True,
        choices=[Action.LOAD.value, Action.AMEND.value],
        help_text="Of an act on the whole plan, which the ledger holds; else null.",
    )
    decision = serializers.IntegerField(
        source="decision.seq", default=None, allow_null=True, help_text="Its number in the ledger."
    )
    changes = ChangeSerializer(many=True)
