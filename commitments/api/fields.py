"""Serializer fields of the tracker's own shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.bilingual import LANGUAGES, Text
from commitments.choices import Codes
from commitments.clocks import read_moment
from commitments.filters import NO_MOMENT

LONGEST = 20_000


class TextField(serializers.Field[Text, Any, Any, Any]):
    """`{"en": …, "zh": …}`. A language left out on input is empty, or stays as it was where a
    present object is changed."""

    default_error_messages = {
        "shape": _("Give an object with “en”, “zh” or both, each a string."),
        "unknown": _("Unknown language “{language}”; allowed: en, zh."),
        "long": _("At most {longest} characters."),
        "nul": _("Null characters are not allowed."),
    }

    def to_representation(self, value: Text) -> dict[str, str]:
        return value.as_dict()

    def to_internal_value(self, data: Any) -> Text:
        if not isinstance(data, dict):
            self.fail("shape")
        for key, value in data.items():
            if key not in LANGUAGES:
                self.fail("unknown", language=key)
            if not isinstance(value, str):
                self.fail("shape")
            if len(value) > LONGEST:
                self.fail("long", longest=LONGEST)
            if "\x00" in value:
                self.fail("nul")
        return Text.of(self._present() | data)

    def _present(self) -> dict[str, str]:
        instance = getattr(self.parent, "instance", None)
        if not self.field_name or instance is None:
            return {}
        text: Text = getattr(instance, self.field_name)
        return text.as_dict()


class StringField(serializers.CharField):
    """A JSON string; a number is not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TruthField(serializers.BooleanField):
    """`true` or `false`, and no word or number for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "enum": ["true", "false"]})
class FormTruthField(TruthField):
    """A truth value in a form, where all is text; its parser makes it one of JSON. It is described
    as two words since clients write a boolean their own way, `True` among others."""


class DayField(serializers.DateField):
    """A day as `2026-06-30`: in these digits, and in no other form that Python would read."""

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if value != day.isoformat():
            self.fail("invalid", format="YYYY-MM-DD")
        return day


class MomentField(serializers.DateTimeField):
    """A moment with its offset, as in queries: without one nobody knows when it is."""

    default_error_messages = {"invalid": NO_MOMENT}

    def to_internal_value(self, value: Any) -> Any:
        moment = read_moment(value) if isinstance(value, str) else None
        if moment is None:
            self.fail("invalid")
        return moment


class CodeField(serializers.ChoiceField):
    """A code of a closed list; `only` narrows it. Labels are at `codes/`."""

    def __init__(self, codes: type[Codes], *, only: Iterable[str] = (), **options: Any) -> None:
        wanted = set(only) or set(codes.values())
        choices = [(value, label) for value, label in codes.in_english() if value in wanted]
        super().__init__(choices=choices, **options)


class Sparse(serializers.Serializer[Any]):
    """A serializer whose answers lack the keys that have nothing to tell."""


class Strict(serializers.Serializer[Any]):
    """A serializer for input that refuses keys it does not know."""

    def to_internal_value(self, data: Any) -> Any:
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
