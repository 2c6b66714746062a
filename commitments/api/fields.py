"""Serializer fields and mixins that the API's payloads share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from commitments.addresses import path_to
from commitments.api.parsers import STRICT_JSON
from commitments.choices import Codes, ErrorCode
from commitments.clocks import parse_datetime
from commitments.form_fields import DATETIME_FORMAT_MESSAGE, StrictDateField
from commitments.ledger.hashing import format_utc
from commitments.models import Publisher
from commitments.texts.languages import UNDETERMINED, canonical_tag
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import NO_TEXT, Text, in_interface_languages

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# In characters, in each language.
MAX_TEXT_LENGTH = 20_000
MAX_TITLE_LENGTH = 500
MAX_PUBLISHER_LENGTH = 300


class TextField(serializers.Field[Text, Any, Any, Any]):
    """A text as an object from language tags to words.

    On input, a plain string is in an undetermined language, which the workflow determines; a blank
    one is no text. In an existing text, the languages that are not given are left unchanged.
    """

    default_error_messages = {
        "shape": _("Must be a string, or an object from language tags to strings."),
        "unknown": _("“{language}” is not the BCP 47 tag of a known language."),
        "repeated": _("The language “{language}” is given twice."),
        "too_long": _("At most {longest} characters."),
        "nul": _("Null characters are not allowed."),
        "blank": _("This must not be empty."),
    }

    def __init__(
        self, *, max_length: int = MAX_TEXT_LENGTH, allow_empty: bool = True, **options: Any
    ) -> None:
        super().__init__(**options)
        self.max_length, self.allow_empty = max_length, allow_empty
        # The languages to return, if the request limits them; None for all.
        self.languages: frozenset[str] | None = None

    def to_representation(self, value: Text | StrOrPromise) -> dict[str, str]:
        """Return a text as it is; words of the interface, such as a label, in all its languages."""
        if isinstance(value, Text):
            text = value.as_dict()
        elif isinstance(value, str | Promise):
            text = in_interface_languages(value).as_dict()
        else:
            raise TypeError(f"neither a text nor words of the interface: {value!r}")
        if self.languages is None:
            return text
        return {tag: words for tag, words in text.items() if tag in self.languages}

    def to_internal_value(self, data: object) -> Text:
        words = {UNDETERMINED: data} if isinstance(data, str) else data
        if not isinstance(words, dict):
            self.fail("shape")
        given: dict[str, str] = {}
        for key, value in words.items():
            tag = key if isinstance(data, str) else self._tag(key)
            if tag in given:
                self.fail("repeated", language=tag)
            given[tag] = self._words(value)
        is_empty = isinstance(data, str) and not data.strip()
        text = NO_TEXT if is_empty else Text(self._current() | given)
        if not text and not self.allow_empty:
            self.fail("blank")
        return text

    def _tag(self, key: str) -> str:
        tag = canonical_tag(key)
        if tag is None:
            self.fail("unknown", language=key)
        return tag

    def _words(self, value: object) -> str:
        if not isinstance(value, str):
            self.fail("shape")
        if len(value) > self.max_length:
            self.fail("too_long", longest=self.max_length)
        if "\x00" in value:
            self.fail("nul")
        return value

    def _current(self) -> dict[str, str]:
        instance = getattr(self.parent, "instance", None)
        if not self.field_name or not isinstance(instance, models.Model):
            return {}
        text: Text = getattr(instance, self.field_name)
        return text.as_dict()


class TitleField(TextField):
    """The title of a source."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TITLE_LENGTH, allow_empty=False, **options)


class PublisherField(TextField):
    """A publisher by its name; null without one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_PUBLISHER_LENGTH, **options)

    def to_representation(self, value: Publisher) -> dict[str, str]:  # type: ignore[override]
        return super().to_representation(value.name)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        is_empty, value = super().validate_empty_values(data)
        return is_empty, NO_TEXT if is_empty and value is None else value

    def _current(self) -> dict[str, str]:
        return {}


# An empty object, or a brace and a key. “{draft} minutes” are plain words.
_JSON_OBJECT = re.compile(r'\s*\{\s*("|\}\s*\Z)')


class FormTextMixin(TextField):
    """A text in a form, where every value is a string: what begins as a JSON object is one, any
    other string plain words."""

    def to_internal_value(self, data: object) -> Text:
        return super().to_internal_value(self._object_in(data) if isinstance(data, str) else data)

    def _object_in(self, data: str) -> object:
        """Return the JSON object that a string is, or the string itself if it does not begin as
        one."""
        if not _JSON_OBJECT.match(data):
            return data
        try:
            value: object = json.loads(data, **STRICT_JSON)
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, UnicodeError, RecursionError):
            self.fail("shape")
        return value


def _described(max_length: int) -> dict[str, object]:
    return {
        "type": "string",
        "maxLength": max_length,
        "description": "Plain words, or an object from BCP 47 language tags to words as JSON.",
    }


@extend_schema_field(_described(MAX_TITLE_LENGTH))
class FormTitleField(FormTextMixin, TitleField):
    """The title of a source in a form."""


@extend_schema_field(_described(MAX_PUBLISHER_LENGTH))
class FormPublisherField(FormTextMixin, PublisherField):
    """A publisher in a form."""


@extend_schema_field({"type": "string", "format": "uri"})
class RouteField(serializers.Field[Any, Any, Any, Any]):
    """The absolute address of a route; each argument of the route is an attribute of the object,
    whose name may have dots. Pages are in the language of the request."""

    def __init__(self, route: str, *names: str, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self.route, self.arguments, self.has_one = route, attrgetter(*names), len(names) == 1

    def to_representation(self, value: Any) -> str:
        found = self.arguments(value)
        path = path_to(self.route, *([found] if self.has_one else found))
        address: str = self.context["request"].build_absolute_uri(path)
        return address


@extend_schema_field({"type": "string", "format": "uri"})
class UpdatePageField(serializers.Field[Any, Any, Any, Any]):
    """The absolute address at which people read an update: its place on the page of its commitment;
    until it is published, the page on which staff write and review it."""

    def to_representation(self, value: Any) -> str:
        if value.published_at is None:
            path = path_to("admin:update", value.id)
        else:
            commitment = value.commitment
            page = path_to("pages:commitment", commitment.plan.code, commitment.number)
            path = f"{page}#update-{value.id}"
        address: str = self.context["request"].build_absolute_uri(path)
        return address


class JsonStringField(serializers.CharField):
    """A JSON string; numbers are refused."""

    default_error_messages = {
        "invalid": _("Must be a string."),
        "max_length": _("At most {max_length} characters."),
    }

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class LanguageField(JsonStringField):
    """The BCP 47 tag of a language, or an empty string."""

    default_error_messages = {"unknown": _("“{tag}” is not the BCP 47 tag of a known language.")}

    def to_internal_value(self, data: object) -> str:
        given = super().to_internal_value(data)
        tag = canonical_tag(given)
        if tag is None:
            self.fail("unknown", tag=given)
        return tag


class AddressField(JsonStringField, serializers.URLField):
    """An address of a web page or a file."""

    default_error_messages = {
        "invalid": _("Enter an address that begins with http:// or https://."),
    }


class JsonIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; strings and booleans are refused."""

    default_error_messages = {
        "invalid": _("Must be a whole number."),
        "min_value": _("Must be at least {min_value}."),
        "max_value": _("Must be at most {max_value}."),
    }

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(JsonIntegerField):
    """The id of a row of the database."""

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1)


class JsonBooleanField(serializers.BooleanField):
    """`true` or `false`; words and numbers that mean the same are refused."""

    default_error_messages = {"invalid": _("Must be true or false.")}

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

    default_error_messages = {"invalid": StrictDateField.default_error_messages["invalid"]}

    def to_internal_value(self, value: str | date) -> date:
        day = super().to_internal_value(value)
        if value != day.isoformat():
            self.fail("invalid")
        return day


class UtcTimeField(serializers.DateTimeField):
    """A date and time, returned in UTC, whatever the time zone of the site."""

    def to_representation(self, value: datetime) -> str:
        return format_utc(value)


class JsonDateTimeField(UtcTimeField):
    """A date and time with its UTC offset, as in query parameters."""

    default_error_messages = {"invalid": DATETIME_FORMAT_MESSAGE}

    def to_internal_value(self, value: object) -> datetime:
        time = parse_datetime(value) if isinstance(value, str) else None
        if time is None:
            self.fail("invalid")
        return time


def code_choices(codes: type[Codes], only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the codes of a closed list, or those of them in `only`, with labels in the default
    language."""
    wanted = set(only) or set(codes.values())
    return [(value, label) for value, label in codes.in_default_language() if value in wanted]


class CodeChoiceField(serializers.ChoiceField):
    """A code of a closed list, or one of those in `only`. Labels are at `codes/`."""

    default_error_messages = {"invalid_choice": _("“{input}” is none of: {allowed}.")}

    def __init__(self, codes: type[Codes], *, only: Iterable[str] = (), **options: Any) -> None:
        super().__init__(choices=code_choices(codes, only), **options)

    def fail(self, key: str, **values: object) -> NoReturn:
        super().fail(key, allowed=join_list(self.choices, ITEMS), **values)


# How `ModelSerializer` returns a model's fields.
READ_FIELD_MAPPING = {
    **serializers.ModelSerializer.serializer_field_mapping,
    models.DateTimeField: UtcTimeField,
}
# How it reads them from JSON.
JSON_FIELD_MAPPING = {
    **READ_FIELD_MAPPING,
    models.CharField: JsonStringField,
    models.BooleanField: JsonBooleanField,
    models.DateField: JsonDateField,
    models.URLField: AddressField,
}


class OptionalKeysSerializer(serializers.Serializer[Any]):
    """Keys without a value are omitted."""


class RejectUnknownKeysMixin(serializers.Serializer[Any]):
    """Unknown keys are rejected, and objects within others are given whole, also where the outer
    one may be given in part, which Django REST framework would extend to all within it. All errors
    of an object are raised at once."""

    default_error_messages = {"invalid": _("Must be an object.")}

    def to_internal_value(self, data: object) -> object:
        wrong = self._wrong_keys(data) if isinstance(data, dict) else {}
        try:
            values: object = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not wrong:
                raise
            wrong |= error.detail  # type: ignore[arg-type]
        if wrong:
            raise serializers.ValidationError(wrong)
        return values

    def _wrong_keys(self, data: dict[str, object]) -> dict[str, Any]:
        """Return the errors of keys that are unknown, or missing within another object."""
        writable = {name: row for name, row in self.fields.items() if not row.read_only}
        sentence = _("Unknown key; allowed: %(known)s.") % {"known": join_list(writable, ITEMS)}
        wrong = {
            key: [ErrorDetail(sentence, ErrorCode.UNKNOWN_KEY)]
            for key in data
            if key not in writable
        }
        if self.parent is None:
            return wrong
        return wrong | {
            name: [ErrorDetail(str(row.error_messages["required"]), ErrorCode.REQUIRED)]
            for name, row in writable.items()
            if row.required and name not in data
        }
