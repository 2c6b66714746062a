"""Columns of an export, and functions that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import translation
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from commitments.choices import Codes
from commitments.texts.languages import interface_tags, language_name_for_reader
from commitments.texts.spreadsheets import NAME_SEPARATOR
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Times in cells are aware; exports write them in UTC.
Cell = str | int | date | datetime | None
Sortable = TypeVar("Sortable", int, str)


@dataclass(frozen=True)
class Column:
    """A column of a table. `value` returns the cell of a row; `meaning` explains the column to
    readers of the file, in the active language."""

    name: str
    value: Callable[[Any], Cell]
    meaning: StrOrPromise

    def columns(self, languages: Iterable[str]) -> Columns:
        return (self,)


Columns = tuple[Column, ...]

lazy_language_name = lazy(language_name_for_reader, str)


@dataclass(frozen=True)
class LanguageColumns:
    """A column for each language, either of the plans, such as `title_es`, or of the interface.
    `value` returns the cell for a language and a row."""

    name: str
    value: Callable[[str, Any], Cell]
    meaning: StrOrPromise
    of_interface: bool = False

    def columns(self, languages: Iterable[str]) -> Columns:
        return tuple(
            Column(f"{self.name}_{tag}", partial(self.value, tag), meaning_in(self.meaning, tag))
            for tag in (interface_tags() if self.of_interface else languages)
        )


def meaning_in(meaning: StrOrPromise, tag: str) -> StrOrPromise:
    """Return the meaning of a column, with the name of its language appended."""
    sentence = _("{meaning}, in {language}")
    return format_lazy(sentence, meaning=meaning, language=lazy_language_name(tag))


# The columns of a table, before the languages of its texts are known.
ColumnList = tuple[Column | LanguageColumns, ...]


def columns_in(columns: ColumnList, languages: Sequence[str]) -> Columns:
    """Return the columns of a table that has texts in these languages."""
    return tuple(column for listed in columns for column in listed.columns(languages))


def attribute_getter(path: str) -> Callable[[Any], Any]:
    """Return a function that follows a dotted path and returns None if an attribute on it is
    None."""
    names = path.split(".")

    def value(row: Any) -> Any:
        for name in names:
            if row is None:
                return None
            row = getattr(row, name)
        return row

    return value


def related_getter(relation: str, value: str, order: str = "") -> Callable[[Any], list[Any]]:
    """Return a function that follows the dotted path `value` from each related row of a row, in the
    order of the dotted path `order` if that is given."""
    related, value_of = attrgetter(relation), attrgetter(value)

    def values(row: Any) -> list[Any]:
        rows = related(row).all()
        if order:
            rows = sorted(rows, key=attrgetter(order))
        return [value_of(item) for item in rows]

    return values


def column(name: str, path: str, meaning: StrOrPromise) -> Column:
    return Column(name, attribute_getter(path), meaning)


def text_columns(name: str, path: str, meaning: StrOrPromise) -> LanguageColumns:
    """Return columns with a text in each language of the plans."""
    return LanguageColumns(name, partial(words_in, attribute_getter(path)), meaning)


def name_columns(
    name: str, names: Callable[[Any], Iterable[Text]], meaning: StrOrPromise
) -> LanguageColumns:
    """Return columns, one for each language of the plans, with the names of related rows in one
    cell. The place of a name that lacks the language is empty: words of another language would pass
    for its translation when the table is loaded."""

    def names_in(tag: str, row: object) -> Cell:
        words = [name.get(tag, "") for name in names(row)]
        return NAME_SEPARATOR.join(words) if any(words) else ""

    return LanguageColumns(name, names_in, meaning)


def label_columns(
    name: str, path: str, codes: type[Codes], meaning: StrOrPromise
) -> LanguageColumns:
    """Return columns with the label of a code in each language of the interface, empty where a row
    has no code."""
    code_of = attribute_getter(path)

    def label_in(tag: str, row: object) -> Cell:
        code: str | None = code_of(row)
        return _label(codes, code, tag) if code else ""

    return LanguageColumns(name, label_in, meaning, of_interface=True)


@cache
def _label(codes: type[Codes], code: str, tag: str) -> str:
    with translation.override(tag.lower()):
        return str(codes(code).label)


def words_in(text_of: Callable[[object], Text | None], tag: str, row: object) -> Cell:
    """Return the words of a row's text in a language; None if the row has no text."""
    text = text_of(row)
    return None if text is None else text.get(tag, "")


def true_or_false(value: bool | None) -> str | None:
    """Return a boolean as files write it; None if the value is not known."""
    if value is None:
        return None
    return "true" if value else "false"


def flag_getter(path: str) -> Callable[[object], str | None]:
    """Return a function that follows a dotted path to a boolean and returns it as files write it,
    or None if an attribute on the path is None."""
    value = attribute_getter(path)
    return lambda row: true_or_false(value(row))


def join_sorted(values: Iterable[Sortable]) -> str:
    """Return codes or numbers, sorted, as one cell."""
    return "; ".join(str(value) for value in sorted(values))
