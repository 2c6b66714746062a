"""Columns of an export, and functions that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from commitments.texts.bilingual import Text

# Times are aware; exports write them in UTC.
Cell = str | int | date | datetime | None
Sortable = TypeVar("Sortable", int, str)


@dataclass(frozen=True)
class Column:
    """`value` returns the cell of a row; `meaning` explains the column to readers of the file."""

    name: str
    value: Callable[[Any], Cell]
    meaning: Text


Columns = tuple[Column, ...]

LANGUAGE_LABELS = {"en": Text("in English", "英文"), "zh": Text("in Chinese", "中文")}


def attribute_getter(path: str) -> Callable[[Any], Any]:
    """Return a function that follows a dotted path, to None if an attribute on it is None."""

    def value(row: Any) -> Any:
        for name in path.split("."):
            if row is None:
                return None
            row = getattr(row, name)
        return row

    return value


def column(name: str, path: str, en: str, zh: str) -> Column:
    return Column(name, attribute_getter(path), Text(en, zh))


def language_columns(name: str, path: str, en: str, zh: str) -> Columns:
    """Return the columns `<name>_en` and `<name>_zh` of a bilingual text."""
    return tuple(
        Column(
            f"{name}_{language}",
            attribute_getter(f"{path}.{language}"),
            Text(f"{en}, {label.en}", f"{zh}（{label.zh}）"),
        )
        for language, label in LANGUAGE_LABELS.items()
    )


def join_sorted(values: Iterable[Sortable]) -> str:
    """Return codes or numbers as one cell, in sorted order."""
    return "; ".join(str(value) for value in sorted(values))
