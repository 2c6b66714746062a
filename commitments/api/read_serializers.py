"""Serializers of responses that determine once how to read their fields, not for each row or
request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from threading import local
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.fields import SkipField
from rest_framework.relations import PKOnlyObject

from commitments.api.fields import READ_FIELD_MAPPING

ReadRow = TypeVar("ReadRow")
Read = Callable[[Any], Any]
SerializerClass = type[serializers.BaseSerializer[Any]]
AnyField = serializers.Field[Any, Any, Any, Any]
# A serializer and its context.
Kept = tuple[serializers.BaseSerializer[Any], dict[str, Any]]


class ReadSerializer(serializers.Serializer[ReadRow]):
    """A serializer whose representation is that of Django REST framework, which looks at each field
    again for each row."""

    @cached_property
    def _reading(self) -> _Reading:
        return _Reading(field for field in self.fields.values() if not field.write_only)

    def to_representation(self, instance: ReadRow) -> Any:
        return self._reading.representation(instance)


class ReadModelSerializer(ReadSerializer[Any], serializers.ModelSerializer[ReadRow]):  # type: ignore[type-var]
    """As `ReadSerializer`, of the rows of a model."""

    serializer_field_mapping = READ_FIELD_MAPPING


class _Reading:
    """How to represent a row by these fields.

    Most fields are of one attribute of the row, and most values already are what is shown of them.
    So all these attributes are read at once.
    """

    def __init__(self, fields: Iterable[AnyField]) -> None:
        given = {str(field.field_name): field for field in fields}
        self._empty: dict[str, Any] = dict.fromkeys(given)
        columns = {name: field for name, field in given.items() if _is_attribute(field)}
        self._columns = [
            (name, _type_shown(field), _representation(field), field)
            for name, field in columns.items()
        ]
        names = (str(field.source) for field in columns.values())
        # Two more, so that these are always a tuple.
        self._values = attrgetter(*names, "__class__", "__class__")
        self._others = [
            (name, _source(field), _representation(field))
            for name, field in given.items()
            if name not in columns
        ]

    def representation(self, row: object) -> dict[str, Any]:
        """Return the names of the fields with what is shown of the row."""
        shown = self._empty.copy()
        try:
            values = self._values(row)
        except (AttributeError, ObjectDoesNotExist):
            self._one_by_one(row, shown)
        else:
            for (name, kind, represent, field), value in zip(self._columns, values, strict=False):
                if type(value) is kind or value is None:
                    shown[name] = value
                elif callable(value):
                    # A method, or a key of a mapping that has a method of this name.
                    _show(shown, name, field.get_attribute, represent, row)
                else:
                    shown[name] = represent(value)
        for name, read, represent in self._others:
            _show(shown, name, read, represent, row)
        return shown

    def _one_by_one(self, row: object, shown: dict[str, Any]) -> None:
        for name, _kind, represent, field in self._columns:
            _show(shown, name, field.get_attribute, represent, row)


def _show(shown: dict[str, Any], name: str, read: Read, represent: Read, row: object) -> None:
    """Put the representation of a field in its place, or take the place away if Django REST
    framework skips the field."""
    try:
        value = read(row)
    except SkipField:
        del shown[name]
    else:
        shown[name] = None if value is None else represent(value)


def _is_attribute(field: AnyField) -> bool:
    """Return whether the value of a field is one attribute of the row."""
    is_plain = type(field).get_attribute is serializers.Field.get_attribute
    return is_plain and len(field.source_attrs) == 1


# The fields that show a value of this type as it is.
_SHOWN_AS_IT_IS: dict[type[AnyField], type] = {
    serializers.CharField: str,
    serializers.ChoiceField: str,
    serializers.IntegerField: int,
    serializers.BooleanField: bool,
}


def _type_shown(field: AnyField) -> type:
    """Return the type of which a field shows values as they are; if there is none, the type of
    `None`, which every field shows so."""
    for kind, shown in _SHOWN_AS_IT_IS.items():
        if type(field).to_representation is kind.to_representation:
            return shown
    return type(None)


def _source(field: AnyField) -> Read:
    """Return a function from a row to the value of a field, as `Field.get_attribute` is."""
    if type(field).get_attribute is not serializers.Field.get_attribute:
        return lambda row: _unless_null(field.get_attribute(row))
    if not field.source_attrs:
        return lambda row: row
    attribute = attrgetter(str(field.source))

    def read(row: object) -> object:
        try:
            value = attribute(row)
        except (AttributeError, ObjectDoesNotExist):
            return field.get_attribute(row)
        return field.get_attribute(row) if callable(value) else value

    return read


def _unless_null(value: object) -> object:
    return None if isinstance(value, PKOnlyObject) and value.pk is None else value


def _representation(field: AnyField) -> Read:
    if isinstance(field, serializers.SerializerMethodField):
        method: Read = getattr(field.parent, str(field.method_name))
        return method
    represent: Read = field.to_representation
    return represent


class _KeptSerializers(local):
    """The serializers of a thread with their contexts, by their class."""

    def __init__(self) -> None:
        self._by_class: dict[SerializerClass, Kept] = {}

    def serializer_with_context(self, kind: SerializerClass) -> Kept:
        if kind not in self._by_class:
            context: dict[str, Any] = {}
            self._by_class[kind] = kind(context=context), context
        return self._by_class[kind]


_KEPT = _KeptSerializers()


def represented(
    kind: SerializerClass, row: Any, context: Mapping[str, object] | None = None
) -> Any:
    """Return the representation of a row by a serializer of this class, which has this context; see
    `all_represented`."""
    return all_represented(kind, [row], context)[0]


def all_represented(
    kind: SerializerClass,
    rows: Iterable[object],
    context: Mapping[str, object] | None = None,
) -> list[object]:
    """Return the representation of each row by a serializer of this class, which has this context.

    Each thread keeps its serializers: creating one copies all of its fields, which takes longer
    than using it.
    """
    serializer, own = _KEPT.serializer_with_context(kind)
    # Restored afterwards: the caller may be in the middle of representing rows with the same
    # serializer.
    before = dict(own)
    own.update(context or {})
    try:
        return [serializer.to_representation(row) for row in rows]
    finally:
        own.clear()
        own.update(before)
