"""Columns of the tidy tables, each with its type in the words of Table Schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from commitments.choices import Codes
from commitments.exports.columns import (
    Cell,
    Column,
    LanguageColumns,
    attribute_getter,
    flag_getter,
    text_columns,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Field(Column):
    """A column with what Table Schema says of it. One that is a plain `Column` is a text that may
    be missing.

    `codes` are those that the cell, or an item of its array, may have; `item_type` is that of such
    items.
    """

    type: str = "string"
    required: bool = False
    codes: tuple[Codes, ...] = ()
    item_type: str = ""

    def columns(self, languages: Iterable[str]) -> tuple[Column, ...]:
        return (self,)


def field(
    name: str,
    path: str,
    meaning: StrOrPromise,
    *,
    type: str = "string",
    required: bool = False,
    codes: Iterable[Codes] = (),
) -> Field:
    """Return the column of an attribute at the end of a dotted path."""
    return Field(
        name, attribute_getter(path), meaning, type=type, required=required, codes=tuple(codes)
    )


def flag_field(name: str, path: str, meaning: StrOrPromise, *, required: bool = True) -> Field:
    """Return the column of an attribute that is true or false, and never missing if `required`."""
    return Field(name, flag_getter(path), meaning, type="boolean", required=required)


def array_field(
    name: str,
    values: Callable[[Any], Iterable[object]],
    meaning: StrOrPromise,
    item_type: str = "string",
    codes: Iterable[Codes] = (),
) -> Field:
    """Return the column of several values in one cell: a JSON array, in their order; an empty cell
    if there are none.

    The standard has a type for lists with a delimiter too, which its own JSON Schema and most
    programs do not know.
    """

    def cell(row: object) -> Cell:
        items = list(values(row))
        return json.dumps(items, ensure_ascii=False) if items else None

    return Field(name, cell, meaning, type="array", item_type=item_type, codes=tuple(codes))


def any_language(
    name: str, path: str, meaning: StrOrPromise
) -> tuple[Field, Field, LanguageColumns]:
    """Return the columns of a text that may have other languages than the plan: in its first
    language, which one that is, and in each of the plan's."""
    text_of = attribute_getter(path)

    def first(row: object) -> tuple[str | None, str | None]:
        return next(iter((text_of(row) or {}).items()), (None, None))

    return (
        Field(name, lambda row: first(row)[1], meaning),
        Field(f"{name}_language", lambda row: first(row)[0], _("Language of the preceding column")),
        text_columns(name, path, meaning),
    )
