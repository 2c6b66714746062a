"""Columns of the tidy tables, each with its type in terms of Table Schema."""

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
    """A column with its description in Table Schema. A plain `Column` stands for text that may be
    missing.

    `codes` are the codes that the cell, or an item of its array, may have; `item_type` is the type
    of the items of an array.
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
    """Return the column for the attribute at the end of a dotted path."""
    return Field(
        name, attribute_getter(path), meaning, type=type, required=required, codes=tuple(codes)
    )


def flag_field(name: str, path: str, meaning: StrOrPromise, *, required: bool = True) -> Field:
    """Return the column for a boolean attribute, which is never missing if `required`."""
    return Field(name, flag_getter(path), meaning, type="boolean", required=required)


def array_field(
    name: str,
    values: Callable[[Any], Iterable[object]],
    meaning: StrOrPromise,
    item_type: str = "string",
    codes: Iterable[Codes] = (),
) -> Field:
    """Return a column with several values in one cell, as a JSON array in their order; the cell is
    empty if there are none.

    The standard also has a type for delimited lists, but its own JSON Schema and most programs do
    not support it.
    """

    def cell(row: object) -> Cell:
        items = list(values(row))
        return json.dumps(items, ensure_ascii=False) if items else None

    return Field(name, cell, meaning, type="array", item_type=item_type, codes=tuple(codes))


def any_language(
    name: str, path: str, meaning: StrOrPromise
) -> tuple[Field, Field, LanguageColumns]:
    """Return columns for a text that may be in other languages than the plan: the text in its first
    language, the tag of that language, and the text in each of the plan's languages."""
    text_of = attribute_getter(path)

    def first(row: object) -> tuple[str | None, str | None]:
        return next(iter((text_of(row) or {}).items()), (None, None))

    return (
        Field(name, lambda row: first(row)[1], meaning),
        Field(f"{name}_language", lambda row: first(row)[0], _("Language of the preceding column")),
        text_columns(name, path, meaning),
    )
