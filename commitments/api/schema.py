"""Extensions and hooks of drf-spectacular, for what decorators cannot describe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import django_filters as df
from django.forms import SelectMultiple
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.drainage import warn
from drf_spectacular.extensions import (
    OpenApiFilterExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter

from commitments.api.fields import (
    MAX_PUBLISHER_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    OptionalKeysSerializer,
    RejectUnknownKeysMixin,
    code_choices,
)
from commitments.api.parameters import parameter_description
from commitments.api.strict import FORMAT, JSON
from commitments.choices import PUBLIC_ACTIONS, Action, LinkFilter, Status
from commitments.filters import (
    AwareDateTimeFilter,
    DayFilter,
    LinkResultFilter,
    NumberFilter,
    SequenceFilter,
)
from commitments.filters.fields import MAX_SEQ, NONE, NumberOrNoneFilter
from commitments.models.progress import ASSESSMENT_STATUSES

Schema = dict[str, Any]


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "commitments.api.authentication.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "An access token."}


class PasswordScheme(BasicScheme):  # type: ignore[no-untyped-call]
    target_class = "commitments.api.authentication.PasswordAuthentication"


# The form of the tags: a language and, where needed, a script and a region.
LANGUAGE_TAG = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"


class TextComponent(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Make all texts one component, so that a generated client has one class for them. There is a
    second one for requests, where plain words are accepted too."""

    target_class = "commitments.api.fields.TextField"
    name = "Text"
    max_length = MAX_TEXT_LENGTH
    default_language = "the plan's first language"

    def get_name(self) -> str:
        return self.name

    def map_serializer_field(self, auto_schema: object, direction: object) -> Schema:
        if direction == "request":
            self.name += "Request"
            return self._request()
        return {
            "type": "object",
            "description": (
                "A text: an object from BCP 47 language tags to words, the original first. It has "
                "the languages that the text has."
            ),
            "propertyNames": {"pattern": LANGUAGE_TAG},
            "additionalProperties": {"type": "string"},
        }

    def _request(self) -> Schema:
        words: Schema = {"type": "string", "maxLength": self.max_length}
        by_language = {
            "type": "object",
            "propertyNames": {"pattern": LANGUAGE_TAG},
            "additionalProperties": words,
        }
        return {
            "description": (
                "A text: an object from BCP 47 language tags to words, or plain words in "
                f"{self.default_language}. When it is changed, languages that are not given are "
                "left unchanged; an empty string in an object removes its language, and in place "
                "of an object the text."
            ),
            "anyOf": [by_language, words],
        }


class TitleComponent(TextComponent):  # type: ignore[no-untyped-call]
    target_class = "commitments.api.fields.TitleField"
    name = "Title"
    max_length = MAX_TITLE_LENGTH
    default_language = "the language of the source, else in the plan's first"


class PublisherComponent(TextComponent):  # type: ignore[no-untyped-call]
    target_class = "commitments.api.fields.PublisherField"
    name = "PublisherName"
    max_length = MAX_PUBLISHER_LENGTH
    default_language = TitleComponent.default_language


class ObjectKeys(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """State which keys an object has: a response has all of them, even those that may be omitted in
    requests; a request that rejects unknown keys has no others."""

    target_class = "rest_framework.serializers.Serializer"
    match_subclasses = True
    # After drf-spectacular's extension for polymorphic serializers, whose priority is -1.
    priority = -2

    def map_serializer(self, auto_schema: Any, direction: object) -> Schema:
        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "response" and not isinstance(self.target, OptionalKeysSerializer):
            schema["required"] = sorted(schema["properties"])
        if direction == "request" and isinstance(self.target, RejectUnknownKeysMixin):
            schema["additionalProperties"] = False
        return schema


# Query parameters


def _range(values: list[int]) -> Schema:
    return {"type": "integer", "minimum": min(values), "maximum": max(values)}


def _codes(values: list[str]) -> Schema:
    return {"type": "string", "enum": values}


def _ordering(values: list[str]) -> Schema:
    names = [re.sub("^-(.*)", r"\1_descending", value) for value in values]
    return {**_codes(values), "x-enum-varnames": names}


WHOLE_NUMBERS: Schema = {"type": "integer"}
# The schema of one value of a filter. A function gets the values that the filter allows. The first
# entry that matches counts, so subclasses come first.
VALUE_SCHEMAS: tuple[tuple[type, Schema | Callable[[list[Any]], Schema]], ...] = (
    (DayFilter, {"type": "string", "format": "date"}),
    (AwareDateTimeFilter, {"type": "string", "format": "date-time"}),
    (NumberOrNoneFilter, {"anyOf": [WHOLE_NUMBERS, {"type": "string", "enum": [NONE]}]}),
    (NumberFilter, WHOLE_NUMBERS),
    (SequenceFilter, {"type": "integer", "minimum": 1, "maximum": MAX_SEQ}),
    (df.ModelMultipleChoiceFilter, {"type": "string"}),
    (df.OrderingFilter, _ordering),
    (LinkResultFilter, {"type": "string", "enum": LinkFilter.values(), "title": "LinkResult"}),
    (df.MultipleChoiceFilter, _codes),
    (df.ChoiceFilter, _range),
    (df.Filter, {"type": "string"}),
)


def _filter_schema(filter_: df.Filter) -> Schema:
    """Return the schema of a filter's parameter: a list where several values mean "or"."""
    schema = next(schema for type_, schema in VALUE_SCHEMAS if isinstance(filter_, type_))
    if callable(schema):
        field: Any = filter_.field
        schema = schema([value for value, _label in field.choices if value != ""])
    several = isinstance(filter_.field.widget, SelectMultiple)
    return {"type": "array", "items": schema} if several else schema


class FilterParameters(OpenApiFilterExtension):  # type: ignore[no-untyped-call]
    """Describe the query parameters of a view from the filters or the view that read them."""

    target_class = "commitments.api.strict.FilterBackend"
    match_subclasses = True
    # Before drf-spectacular's extension for all filter backends of django-filter.
    priority = 1

    def get_schema_operation_parameters(
        self, auto_schema: Any, *args: object, **kwargs: object
    ) -> list[Schema]:
        view = auto_schema.view
        filterset_class = getattr(view, "filterset_class", None)
        filters = filterset_class.base_filters if filterset_class else {}
        known: set[str] = view.known_parameters()
        schemas = {name: _filter_schema(filters[name]) for name in known & filters.keys()}
        schemas |= {name: schema for name, schema in view.other_parameters.items() if name in known}
        if FORMAT in view.required_parameters:
            named = f"{view.basename.capitalize()}Format"
            schemas[FORMAT] = {**_codes([*view.formats]), "title": named}
        return [
            build_parameter_type(
                name=name,
                schema=schema,
                location=OpenApiParameter.QUERY,
                required=name in view.required_parameters,
                description=parameter_description(name, filterset_class),
                explode=True,
            )
            for name, schema in schemas.items()
        ]


# Lists of codes that are part of another list


def public_actions() -> list[tuple[str, str]]:
    return code_choices(Action, PUBLIC_ACTIONS)


def history_actions() -> list[tuple[str, str]]:
    return code_choices(Action, [Action.LOAD, Action.AMEND, Action.EDIT])


def assessment_statuses() -> list[tuple[str, str]]:
    return code_choices(Status, ASSESSMENT_STATUSES)


# Postprocessing hooks


def accept_json_format(result: Schema, **_facts: object) -> Schema:
    """Describe that `format=json` is understood wherever the answer is JSON."""
    for operations in result["paths"].values():
        described = operations.get("get", {"responses": {}})
        media_types = described["responses"].get("200", {}).get("content", {})
        if any(media_type.endswith(JSON) for media_type in media_types):
            parameter = build_parameter_type(
                name=FORMAT,
                schema=_codes([JSON]),
                location=OpenApiParameter.QUERY,
                description=parameter_description(FORMAT, None),
            )
            described.setdefault("parameters", []).append(parameter)
    return result


# Operations whose request needs a body; drf-spectacular cannot infer it, since the body is one of
# two schemas.
BODY_REQUIRED = {"updates_create"}


def set_required_bodies(result: Schema, **_facts: object) -> Schema:
    for operation in operations_of(result):
        if operation["operationId"] in BODY_REQUIRED:
            operation["requestBody"]["required"] = True
    return result


def share_codes(result: Schema, **_facts: object) -> Schema:
    """Make the list of codes of each query parameter a component, the one that payloads use if
    there is one, so that a generated client has one class for one list. Runs after
    drf-spectacular's own hook, which does that for payloads only."""
    schemas: Schema = result["components"]["schemas"]
    names = {_values(schema): name for name, schema in schemas.items() if "enum" in schema}
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


def _values(schema: Schema) -> frozenset[object]:
    return frozenset(schema.get("enum", ()))


def operations_of(result: Schema) -> Iterator[Schema]:
    """Yield all operations of an OpenAPI document."""
    for operations in result["paths"].values():
        yield from operations.values()


def _parameters(result: Schema) -> Iterator[Schema]:
    for operation in operations_of(result):
        yield from operation.get("parameters", ())
