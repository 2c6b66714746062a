"""The OpenAPI description: generated from the views, with the errors that every path may give."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import django_filters as df
from django.forms import ChoiceField, SelectMultiple
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated

from commitments.api.exports import Export
from commitments.choices import PUBLIC_ACTIONS, Action
from commitments.filters import DayFilter, MomentFilter, NumberFilter


class ProblemErrorSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(required=False, help_text="JSON pointer into what was sent.")
    parameter = serializers.CharField(required=False, help_text="Name of a query parameter.")
    detail = serializers.CharField()
    allowed = serializers.ListField(required=False, help_text="Allowed values.")


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)
    existing = serializers.URLField(
        required=False, help_text="Of a repeated `external_ref`: the update that has it."
    )


def public_actions() -> list[tuple[str, str]]:
    """The acts that the public is told of, as a list of codes of its own."""
    return [code for code in Action.in_english() if code[0] in PUBLIC_ACTIONS]


def _filter_schema(read_by: Any) -> dict[str, Any]:
    """The JSON schema of a filter's parameter; a list where several values mean "or"."""
    field: Any = read_by.field
    choices: Any = getattr(field, "choices", ())
    if isinstance(read_by, df.OrderingFilter):
        return {"type": "string", "enum": [value for value, _label in choices]}
    if isinstance(read_by, (DayFilter, MomentFilter)):
        return {
            "type": "string",
            "format": "date" if isinstance(read_by, DayFilter) else "date-time",
        }
    single: dict[str, Any] = {"type": "string"}
    if isinstance(read_by, df.ChoiceFilter):
        return {
            "type": "integer",
            "enum": [value for value, _label in choices if value != ""],
        }
    if isinstance(read_by, NumberFilter):
        single = {"type": "integer"}
    elif isinstance(field, ChoiceField) and not isinstance(read_by, df.ModelMultipleChoiceFilter):
        single["enum"] = [value for value, _label in choices]
    several = isinstance(field.widget, SelectMultiple)
    return {"type": "array", "items": single} if several else single


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="ETag of the update as you were shown it.",
)


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """Describes our own class of token authentication as knox's is described."""

    target_class = "commitments.api.authentication.TokenAuthentication"


class PasswordScheme(BasicScheme):  # type: ignore[no-untyped-call]
    """Describes our own class of HTTP Basic."""

    target_class = "commitments.api.authentication.PasswordAuthentication"


class TrackerSchema(AutoSchema):
    """Adds what the views have in common: problem details, `If-Match`, named parameters."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Reading is open to everyone, unless the view asks who it is."""
        auths: list[dict[str, Any]] = super().get_auth()
        open_read = self.method == "GET" and not self._asks_who() and {} not in auths
        return [*auths, {}] if open_read else auths

    def _asks_who(self) -> bool:
        return any(isinstance(item, IsAuthenticated) for item in self.view.get_permissions())

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = super().get_override_parameters()
        return [*parameters, IF_MATCH] if self._needs_match() else parameters

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        """The parameters that the view knows, from the filters that read them."""
        known: set[str] = getattr(self.view, "known_parameters", set)()
        filterset = getattr(self.view, "filterset_class", None)
        filters = filterset.base_filters if filterset else {}
        described = {name: _filter_schema(filters[name]) for name in known if name in filters}
        others = (getattr(self.view, f"{kind}_parameters", {}) for kind in ("other", "list"))
        for read_elsewhere in others:
            described |= {name: read_elsewhere[name] for name in read_elsewhere if name in known}
        return [
            build_parameter_type(
                name=name, schema=schema, location=OpenApiParameter.QUERY, explode=True
            )
            for name, schema in sorted(described.items())
        ]

    def _exports(self) -> Collection[Export]:
        """The files that the operation may give in place of JSON."""
        listing = self.method == "GET" and getattr(self.view, "action", "") == "list"
        return self.view.exports.values() if listing and hasattr(self.view, "exports") else ()

    def _needs_match(self) -> bool:
        acts = "updates/{id}/" in self.path or self.path.endswith("archive/")
        moves = self.method == "POST" and acts and not self._takes_files()
        changes = self.method in ("PATCH", "DELETE") and "auth/" not in self.path
        return changes or moves

    def _takes_files(self) -> bool:
        return self.method == "POST" and self.path.endswith("evidence/")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for export in self._exports():
            content = {"schema": {"type": "string", "format": "binary"}}
            bodies["200"]["content"][export.form.media_type.partition(";")[0]] = content
        for code in self._error_codes():
            bodies[str(code)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                OpenApiResponse(ProblemSerializer),
                str(code),
                ["application/problem+json"],
                direction,
            )
        return bodies

    def _error_codes(self) -> list[int]:
        codes = {400, 429}
        if "{" in self.path:
            codes.add(404)
        if self.method != "GET":
            codes |= {401, 403, 415} | ({409} if "auth" not in self.path else set())
        if self._asks_who():
            codes |= {401}
        if self._needs_match():
            codes |= {412, 428}
        if self._takes_files():
            codes |= {413}
        return sorted(codes)
