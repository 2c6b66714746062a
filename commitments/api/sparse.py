"""Payloads with some of their fields only: the parameter `fields`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from commitments.api.fields import TextField
from commitments.api.refusals import InvalidQuery, empty_parameter, parameter_error
from commitments.choices import ErrorCode

NAME = "fields"
SCHEMA = {"type": "string"}
# The names of fields, each with those within it; an empty one stands for all.
Names = dict[str, "Names"]


def keep_requested(serializer: BaseSerializer[Any], request: Request) -> None:
    """Remove from a serializer the fields that `fields` does not name. Raise InvalidQuery, listing
    the allowed names, if it names others. Nested names follow a dot; the languages of a text count
    as nested names. A field that is named as a whole is kept whole."""
    given = [name for value in request.query_params.getlist(NAME) for name in value.split(",")]
    if "" in given:
        raise InvalidQuery([empty_parameter(NAME)])
    if given:
        errors = list(_keep(serializer, _as_tree(given), ""))
        if errors:
            raise InvalidQuery(errors)


def _as_tree(names: Iterable[str]) -> Names:
    tree: Names = {}
    # A whole field comes last, and takes away what was named within it.
    for name in sorted(names, key=lambda name: name.count("."), reverse=True):
        branch = tree
        *outer, last = name.split(".")
        for step in outer:
            branch = branch.setdefault(step, {})
        branch[last] = {}
    return tree


def _keep(field: Any, names: Names, path: str) -> Iterator[dict[str, object]]:
    """Keep of a field only what is named within it; `path` is its own name with a final dot. Yield
    an error for each name that it does not have."""
    if isinstance(field, serializers.ListSerializer):
        field = field.child
    if isinstance(field, TextField):
        field.languages = frozenset(names)
        return
    known: dict[str, Any] = getattr(field, "fields", {})
    # A field without nested fields can be requested as a whole only.
    allowed = [f"{path}{name}" for name in known] or [path.removesuffix(".")]
    for name in names:
        if name not in known:
            sentence = _("“%(name)s” is not a field.") % {"name": f"{path}{name}"}
            yield parameter_error(NAME, sentence, ErrorCode.NOT_ALLOWED, allowed)
    for name in [*known]:
        if name not in names:
            del known[name]
        elif names[name]:
            yield from _keep(known[name], names[name], f"{path}{name}.")
