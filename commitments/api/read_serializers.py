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
    def _readers(self) -> list[tuple[str, Read, Read]]:
        """The name of each field that is read, with the functions that return its value and its
        representation."""
        return [
            (name, _source(field), _representation(field))
            for name, field in self.fields.items()
            if not field.write_only
        ]

    def to_representation(self, instance: ReadRow) -> Any:
        shown: dict[str, Any] = {}
        for name, read, represent in self._readers:
            try:
                value = read(instance)
            except SkipField:
                continue
            shown[name] = None if value is None else represent(value)
        return shown


class ReadModelSerializer(ReadSerializer[Any], serializers.ModelSerializer[ReadRow]):  # type: ignore[type-var]
    """As `ReadSerializer`, of the rows of a model."""

    serializer_field_mapping = READ_FIELD_MAPPING


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
        # A method, or a key of a mapping that has a method of this name.
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
