"""Serializer fields and mixins that the API's payloads share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.choices import Codes
from commitments.clocks import parse_datetime
from commitments.form_fields import DATETIME_FORMAT_MESSAGE
from commitments.texts.bilingual import LANGUAGES, Text

MAX_TEXT_LENGTH = 20_000


class TextField(serializers.Field[Text, Any, Any, Any]):
    """A text as `{"en": …, "zh": …}`. A language omitted on input is empty in a new object and left
    unchanged in an existing one."""

    default_error_messages = {
        "shape": _("Must be an object with “en”, “zh” or both, each a string."),
        "unknown": _("Unknown language “{language}”; allowed: en, zh."),
        "long": _("At most {longest} characters."),
        "nul": _("Null characters are not allowed."),
    }

    def to_representation(self, value: Text) -> dict[str, str]:
        return value.as_dict()

    def to_internal_value(self, data: object) -> Text:
        if not isinstance(data, dict):
            self.fail("shape")
        for key, value in data.items():
            if key not in LANGUAGES:
                self.fail("unknown", language=key)
            if not isinstance(value, str):
                self.fail("shape")
            if len(value) > MAX_TEXT_LENGTH:
                self.fail("long", longest=MAX_TEXT_LENGTH)
            if "\x00" in value:
                self.fail("nul")
        return Text.of(self._current() | data)

    def _current(self) -> dict[str, str]:
        instance = getattr(self.parent, "instance", None)
        if not self.field_name or instance is None:
            return {}
        text: Text = getattr(instance, self.field_name)
        return text.as_dict()


class JsonStringField(serializers.CharField):
    """A JSON string; numbers are refused."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class JsonBooleanField(serializers.BooleanField):
    """`true` or `false`; words and numbers that mean the same are refused."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "enum": ["true", "false"]})
class FormBooleanField(JsonBooleanField):
    """`true` or `false` in a form, where every value is text: the parser converts it. The OpenAPI
    document lists the two words, because clients send a boolean in their own notation, such as
    `True`."""


class JsonDateField(serializers.DateField):
    """A date such as `2026-06-30`; other ISO 8601 forms are refused."""

    def to_internal_value(self, value: str | date) -> date:
        day = super().to_internal_value(value)
        if value != day.isoformat():
            self.fail("invalid", format="YYYY-MM-DD")
        return day


class JsonDateTimeField(serializers.DateTimeField):
    """A date and time with its UTC offset, as in query parameters."""

    default_error_messages = {"invalid": DATETIME_FORMAT_MESSAGE}

    def to_internal_value(self, value: object) -> datetime:
        time = parse_datetime(value) if isinstance(value, str) else None
        if time is None:
            self.fail("invalid")
        return time


def code_choices(codes: type[Codes], only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the codes of a closed list, or those of them in `only`, with their English labels."""
    wanted = set(only) or set(codes.values())
    return [(value, label) for value, label in codes.in_english() if value in wanted]


class CodeChoiceField(serializers.ChoiceField):
    """A code of a closed list, or one of those in `only`. Labels are at `codes/`."""

    def __init__(self, codes: type[Codes], *, only: Iterable[str] = (), **options: Any) -> None:
        super().__init__(choices=code_choices(codes, only), **options)


# How `ModelSerializer` reads a model's fields from JSON.
JSON_FIELD_MAPPING = {
    **serializers.ModelSerializer.serializer_field_mapping,
    models.CharField: JsonStringField,
    models.BooleanField: JsonBooleanField,
    models.DateField: JsonDateField,
}


class OptionalKeysSerializer(serializers.Serializer[Any]):
    """Keys without a value are omitted."""


class RejectUnknownKeysMixin(serializers.Serializer[Any]):
    """Unknown keys are rejected."""

    def to_internal_value(self, data: object) -> object:
        if isinstance(data, dict):
            writable = [name for name, field in self.fields.items() if not field.read_only]
            unknown = {
                key: [_("Unknown key; allowed: %(known)s.") % {"known": ", ".join(writable)}]
                for key in data
                if key not in writable
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)
