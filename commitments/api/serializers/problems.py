"""Errors as RFC 9457 problem details, and what their types mean."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, OptionalKeysSerializer, TextField
from commitments.api.problem_types import ProblemType, problem_address
from commitments.choices import ErrorCode


@extend_schema_field({"type": "array", "items": {"type": ["string", "integer"]}})
class AllowedValuesField(serializers.ListField):
    """Names or codes; for goals, areas and evidence levels, numbers."""


class ProblemErrorSerializer(OptionalKeysSerializer):
    """One invalid value, named by `pointer` or `parameter`. Keys without a value are omitted."""

    pointer = serializers.CharField(
        required=False, help_text="JSON pointer to the invalid value in the request body."
    )
    parameter = serializers.CharField(
        required=False, help_text="Name of the invalid query parameter."
    )
    code = CodeChoiceField(ErrorCode, help_text="What is wrong, one of `error_codes` in `codes/`.")
    detail = serializers.CharField(help_text="What is wrong, in the language of the request.")
    allowed = AllowedValuesField(required=False, help_text="Allowed values.")


class ProblemSerializer(OptionalKeysSerializer):
    """RFC 9457 problem details. Keys without a value are omitted."""

    type = serializers.CharField(
        help_text="Address of the type in `problems/`, which says what it means and what to do."
    )
    title = serializers.CharField(help_text="The title of the type.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What is wrong, in the language of the request.")
    errors = ProblemErrorSerializer(many=True, required=False)
    existing = serializers.URLField(
        required=False,
        help_text="If `external_ref` is already in use: the address of the update that has it.",
    )


class ProblemTypeSerializer(serializers.Serializer[ProblemType]):
    """A type of problem, in every language of the interface."""

    type = serializers.SerializerMethodField()
    title = TextField(source="label")
    status = serializers.IntegerField(help_text="The HTTP status.")
    meaning = TextField(source="definition")
    remedy = TextField(help_text="What to do.")

    def get_type(self, problem_type: ProblemType) -> str:
        return problem_address(self.context["request"], problem_type)


class ProblemTypesSerializer(serializers.Serializer[Any]):
    """All types of problems, on one page."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProblemTypeSerializer(many=True)
