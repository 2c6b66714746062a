"""Payloads with some of their fields only: the parameter `fields`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from commitments.api.fields import TextField
from commitments.api.refusals import InvalidQuery, parameter_error
from commitments.choices import ErrorCode

NAME = "fields"
SCHEMA = {"type": "string"}
# The names of fields, each with those within it; an empty one stands for all.
Names = dict[str, "Names"]


def keep_requested(serializer: BaseSerializer[Any], request: Request) -> None:
    """Remove from a serializer the fields that `fields` does not name. Raise InvalidQuery, with
    what is allowed, if it names others. Names within an object follow a dot, those of the languages
    of a text too."""
    given = [name for value in request.query_params.getlist(NAME) for name in value.split(",")]
    if "" in given:
        sentence = _("This parameter is empty.")
        raise InvalidQuery([parameter_error(NAME, sentence, ErrorCode.BLANK)])
    if given:
        _keep(serializer, _as_tree(given), "")


def _as_tree(names: Iterable[str]) -> Names:
    tree: Names = {}
    for name in names:
        branch = tree
        *outer, last = name.split(".")
        for step in outer:
            branch = branch.setdefault(step, {})
        branch.setdefault(last, {})
    return tree


def _keep(field: Any, names: Names, path: str) -> None:
    """Keep of a field only what is named within it; `path` is its own name with a final dot."""
    if isinstance(field, serializers.ListSerializer):
        field = field.child
    if isinstance(field, TextField):
        field.languages = frozenset(names)
        return
    known: dict[str, Any] = getattr(field, "fields", {})
    unknown = [name for name in names if name not in known]
    if unknown:
        sentence = _("“%(name)s” is not a field.") % {"name": f"{path}{unknown[0]}"}
        allowed = [f"{path}{name}" for name in known]
        raise InvalidQuery([parameter_error(NAME, sentence, ErrorCode.NOT_ALLOWED, allowed)])
    for name in [*known]:
        if name not in names:
            del known[name]
        elif names[name]:
            _keep(known[name], names[name], f"{path}{name}.")
