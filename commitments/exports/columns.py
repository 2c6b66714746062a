"""Columns of an export, and functions that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import translation
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from commitments.texts.languages import interface_tags, language_name_for_reader
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Times are aware; exports write them in UTC.
Cell = str | int | date | datetime | None
Sortable = TypeVar("Sortable", int, str)


@dataclass(frozen=True)
class Column:
    """`value` returns the cell of a row; `meaning` explains the column to readers of the file, in
    the active language."""

    name: str
    value: Callable[[Any], Cell]
    meaning: StrOrPromise


Columns = tuple[Column, ...]

lazy_language_name = lazy(language_name_for_reader, str)


@dataclass(frozen=True)
class TextColumns:
    """A column of a text for each language of a plan, such as `title_es`."""

    name: str
    text: Callable[[Any], Text | None]
    meaning: StrOrPromise

    def columns(self, languages: Iterable[str]) -> Columns:
        return tuple(
            Column(f"{self.name}_{tag}", self._words_in(tag), meaning_in(self.meaning, tag))
            for tag in languages
        )

    def _words_in(self, tag: str) -> Callable[[Any], Cell]:
        def words(row: Any) -> Cell:
            text = self.text(row)
            return None if text is None else text.get(tag, "")

        return words


@dataclass(frozen=True)
class NameColumns:
    """A column of the names of related rows for each language of a plan, in one cell. A name that
    lacks the language stands in its first."""

    name: str
    names: Callable[[Any], Iterable[Text]]
    meaning: StrOrPromise

    def columns(self, languages: Iterable[str]) -> Columns:
        return tuple(
            Column(f"{self.name}_{tag}", self._names_in(tag), meaning_in(self.meaning, tag))
            for tag in languages
        )

    def _names_in(self, tag: str) -> Callable[[object], Cell]:
        return lambda row: "; ".join(name.in_language(tag) for name in self.names(row))


@dataclass(frozen=True)
class LabelColumns:
    """A column of a code's label for each language of the interface."""

    name: str
    label: Callable[[Any], StrOrPromise]
    meaning: StrOrPromise

    def columns(self, languages: Iterable[str]) -> Columns:
        return tuple(
            Column(f"{self.name}_{tag}", self._label_in(tag), meaning_in(self.meaning, tag))
            for tag in interface_tags()
        )

    def _label_in(self, tag: str) -> Callable[[Any], Cell]:
        def label(row: Any) -> Cell:
            with translation.override(tag.lower()):
                return str(self.label(row))

        return label


def meaning_in(meaning: StrOrPromise, tag: str) -> StrOrPromise:
    """Return the meaning of a column with the name of its language."""
    sentence = _("{meaning}, in {language}")
    return format_lazy(sentence, meaning=meaning, language=lazy_language_name(tag))


# The columns of a table before the languages of its texts are known.
ColumnList = tuple[Column | TextColumns | NameColumns | LabelColumns, ...]


def columns_in(columns: ColumnList, languages: Sequence[str]) -> Columns:
    """Return the columns of a table whose texts are in these languages."""
    return tuple(
        column
        for listed in columns
        for column in ([listed] if isinstance(listed, Column) else listed.columns(languages))
    )


def attribute_getter(path: str) -> Callable[[Any], Any]:
    """Return a function that follows a dotted path, to None if an attribute on it is None."""

    def value(row: Any) -> Any:
        for name in path.split("."):
            if row is None:
                return None
            row = getattr(row, name)
        return row

    return value


def column(name: str, path: str, meaning: StrOrPromise) -> Column:
    return Column(name, attribute_getter(path), meaning)


def text_columns(name: str, path: str, meaning: StrOrPromise) -> TextColumns:
    return TextColumns(name, attribute_getter(path), meaning)


def label_columns(name: str, path: str, meaning: StrOrPromise) -> LabelColumns:
    return LabelColumns(name, attribute_getter(path), meaning)


def join_sorted(values: Iterable[Sortable]) -> str:
    """Return codes or numbers as one cell, in sorted order."""
    return "; ".join(str(value) for value in sorted(values))
