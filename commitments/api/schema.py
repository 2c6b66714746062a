"""The OpenAPI description: generated from the views, with the errors that every path may give."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import django_filters as df
from django.forms import ChoiceField, SelectMultiple
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, force_instance
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated

from commitments.api.exports import Export
from commitments.api.fields import LONGEST, Sparse, Strict
from commitments.api.unchanged import Unchanged
from commitments.bilingual import LANGUAGES
from commitments.choices import PUBLIC_ACTIONS, Action, Status
from commitments.filters import DayFilter, MomentFilter, NumberFilter
from commitments.models.progress import CLAIMABLE


@extend_schema_field({"type": "array", "items": {"type": ["string", "integer"]}})
class AllowedField(serializers.ListField):
    """Names and codes; of goals, areas and levels their numbers."""


class ProblemErrorSerializer(Sparse):
    pointer = serializers.CharField(required=False, help_text="JSON pointer into what was sent.")
    parameter = serializers.CharField(required=False, help_text="Name of a query parameter.")
    detail = serializers.CharField()
    allowed = AllowedField(required=False, help_text="Allowed values.")


class ProblemSerializer(Sparse):
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


def claimable_statuses() -> list[tuple[str, str]]:
    """The statuses that an update may claim, as a list of codes of its own."""
    return [code for code in Status.in_english() if code[0] in CLAIMABLE]


def _filter_schema(read_by: Any) -> dict[str, Any]:
    """The JSON schema of a filter's parameter; a list where several values mean "or"."""
    field: Any = read_by.field
    choices: Any = getattr(field, "choices", ())
    if isinstance(read_by, df.OrderingFilter):
        orders = [value for value, _label in choices if value != ""]
        names = [re.sub("^-(.*)", r"\1_descending", value) for value in orders]
        return {"type": "string", "enum": orders, "x-enum-varnames": names}
    if isinstance(read_by, (DayFilter, MomentFilter)):
        return {
            "type": "string",
            "format": "date" if isinstance(read_by, DayFilter) else "date-time",
        }
    single: dict[str, Any] = {"type": "string"}
    if isinstance(read_by, df.ChoiceFilter):
        levels = [value for value, _label in choices if value != ""]
        return {"type": "integer", "minimum": min(levels), "maximum": max(levels)}
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
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 204],
    description="The update's revision, for `If-Match`. None where a list was posted.",
)
VALIDATOR = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="To anonymous callers, for `If-None-Match`: 304 says that nothing is new.",
)
LOCATION = OpenApiParameter(
    "Location",
    str,
    OpenApiParameter.HEADER,
    response=[201],
    description="Where it is. None where a list was posted.",
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429], description="In seconds."
)
# Answers that carry it: what is told of one update, or of a piece of its evidence.
TAGGED = re.compile(r"(?:POST .*/updates/|.*/(?:updates|evidence)/\{id\}/(?!content/|file/).*)")
# Where something is made that has an address.
CREATED = ("/updates/", "/evidence/", "/tokens/")
# What a router calls the actions of a list and of its members.
PLAIN_ACTIONS = {"list", "retrieve", "create", "partial_update", "destroy"}


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """Describes our own class of token authentication as knox's is described."""

    target_class = "commitments.api.authentication.TokenAuthentication"


class PasswordScheme(BasicScheme):  # type: ignore[no-untyped-call]
    """Describes our own class of HTTP Basic."""

    target_class = "commitments.api.authentication.PasswordAuthentication"


class TextComponent(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """All texts are one component, so that a client has one class for them; of what is sent a
    language may be left out."""

    target_class = "commitments.api.fields.TextField"
    sent = False

    def get_name(self) -> str:
        return "TextRequest" if self.sent else "Text"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        self.sent = direction == "request"
        example = {"en": "Belt and Road Initiative", "zh": "“一带一路”倡议"}
        told: dict[str, Any] = {"type": "object", "example": example}
        if self.sent:
            language: dict[str, Any] = {"type": "string", "maxLength": LONGEST}
            told["additionalProperties"] = False
            told["description"] = (
                "One text in English and Chinese. A language that is left out is empty, or stays "
                "as it was where a draft is changed."
            )
        else:
            language = {"type": "string"}
            told["description"] = "One text in English and Chinese; empty where there is none."
            told["required"] = list(LANGUAGES)
        return {**told, "properties": dict.fromkeys(LANGUAGES, language)}


def share_codes(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Makes a parameter's list of codes a component, the same that payloads draw from where there
    is one, so that a client has one class for one list. Runs after spectacular's own hook, which
    does that for payloads alone."""
    schemas: dict[str, Any] = result["components"]["schemas"]
    names = {_values(each): name for name, each in schemas.items() if "enum" in each}
    for parameter in _parameters(result):
        schema = parameter["schema"]
        several = schema.get("type") == "array"
        codes = schema["items"] if several else schema
        if "enum" not in codes:
            continue
        name = names.setdefault(_values(codes), codes.get("title", parameter["name"].capitalize()))
        if _values(schemas.setdefault(name, codes)) != _values(codes):
            warn(f"Two lists of codes are named {name}; give one a title.")
        reference = {"$ref": f"#/components/schemas/{name}"}
        parameter["schema"] = {**schema, "items": reference} if several else reference
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _values(schema: dict[str, Any]) -> frozenset[Any]:
    return frozenset(schema.get("enum", ()))


def _parameters(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in result["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", ())


class TrackerSchema(AutoSchema):
    """Adds what the views have in common: problem details, `If-Match`, named parameters."""

    def get_operation_id(self) -> str:
        """`plans_list`, `updates_create`; but `updates_submit` and `status_trend`, since an act or
        a place of its own has its name in its address."""
        name: str = super().get_operation_id()
        plain = getattr(self.view, "action", None) in PLAIN_ACTIONS
        return name if plain else name.rpartition("_")[0]

    def get_auth(self) -> list[dict[str, Any]]:
        """Reading is open to everyone, unless the view asks who it is."""
        auths: list[dict[str, Any]] = super().get_auth()
        open_read = self.method == "GET" and not self._asks_who() and {} not in auths
        return [*auths, {}] if open_read else auths

    def _asks_who(self) -> bool:
        return any(isinstance(item, IsAuthenticated) for item in self.view.get_permissions())

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = super().get_override_parameters()
        if self._needs_match():
            parameters = [*parameters, IF_MATCH]
        told = {
            VALIDATOR: self._may_be_unchanged(),
            ETAG: bool(TAGGED.fullmatch(f"{self.method} {self.path}")),
            LOCATION: self.method == "POST" and self.path.endswith(CREATED),
            RETRY_AFTER: True,
        }
        return [*parameters, *(header for header, here in told.items() if here)]

    def _may_be_unchanged(self) -> bool:
        """Whether an anonymous caller may be answered 304."""
        sent = getattr(self.view, "action", None) in getattr(self.view, "always_sent", ())
        public = self.method == "GET" and not self._asks_who()
        return public and isinstance(self.view, Unchanged) and not sent

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """An id is a number, although the address is matched as digits."""
        parameters: list[dict[str, Any]]
        parameters = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in parameters:
            if parameter["schema"].get("pattern", "").startswith("^[0-9]"):
                parameter["schema"] = {"type": "integer", "minimum": 0}
        return parameters

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        """Whatever is created needs a body; an act goes without one. Of a body in one of two types
        that is left unsaid: the code that openapi-python-client 0.29 writes for one that is needed
        does not load (its issue 1451)."""
        body: dict[str, Any] | None
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        if body is not None and getattr(self.view, "action", None) == "create":
            body["required"] = True
        elif body is not None and len(body["content"]) > 1:
            body.pop("required", None)
        return body

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """An answer has all its keys, whether or not they may be left out of what is sent; what
        refuses unknown keys says so."""
        schema: dict[str, Any]
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        serializer = force_instance(serializer)  # type: ignore[no-untyped-call]
        if direction == "response" and not isinstance(serializer, Sparse):
            schema["required"] = sorted(schema["properties"])
        if direction == "request" and isinstance(serializer, Strict):
            schema["additionalProperties"] = False
        return schema

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        """The parameters that the view knows, from the filters that read them."""
        known: set[str] = getattr(self.view, "known_parameters", set)()
        filterset = getattr(self.view, "filterset_class", None)
        filters = filterset.base_filters if filterset else {}
        described = {name: _filter_schema(filters[name]) for name in known if name in filters}
        others = (getattr(self.view, f"{kind}_parameters", {}) for kind in ("other", "list"))
        for read_elsewhere in others:
            described |= {name: read_elsewhere[name] for name in read_elsewhere if name in known}
        required = getattr(self.view, "required_parameters", ())
        return [
            build_parameter_type(
                name=name,
                schema=schema,
                location=OpenApiParameter.QUERY,
                required=name in required,
                explode=True,
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
        if self._may_be_unchanged():
            bodies["304"] = {"description": "Nothing is new."}
        for code in self._error_codes():
            bodies[str(code)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                OpenApiResponse(ProblemSerializer),
                str(code),
                ["application/problem+json"],
                direction,
            )
        return bodies

    def _error_codes(self) -> list[int]:
        codes = {400, 401, 429}
        if "{" in self.path:
            codes.add(404)
        if self.method != "GET":
            codes |= {403, 415} | ({409} if "auth" not in self.path else set())
        if self._needs_match():
            codes |= {412, 428}
        if self.method in ("POST", "PATCH"):
            codes |= {411, 413}
        return sorted(codes)
