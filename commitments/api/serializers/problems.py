"""Errors as RFC 9457 problem details, for the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import OptionalKeysSerializer


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
    detail = serializers.CharField(help_text="What is wrong, in the language of the request.")
    allowed = AllowedValuesField(required=False, help_text="Allowed values.")


class ProblemSerializer(OptionalKeysSerializer):
    """RFC 9457 problem details. Keys without a value are omitted."""

    type = serializers.CharField(help_text="Always `about:blank`.")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What is wrong, in the language of the request.")
    errors = ProblemErrorSerializer(many=True, required=False)
    existing = serializers.URLField(
        required=False,
        help_text="If `external_ref` is already in use: the address of the update that has it.",
    )
