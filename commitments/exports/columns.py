"""A column of an export: its name, what it means, and how a row gives its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from commitments.bilingual import LANGUAGES, Text

# A moment is aware; tables write it in UTC.
Cell = str | int | date | datetime | None


@dataclass(frozen=True)
class Column:
    """`value` takes what one row is about. `meaning` is for readers of the file."""

    name: str
    value: Callable[[Any], Cell]
    meaning: Text


Columns = tuple[Column, ...]

IN_WORDS = {"en": Text("in English", "英文"), "zh": Text("in Chinese", "中文")}


def at(path: str) -> Callable[[Any], Any]:
    """Follows the dots; what is missing on the way makes an empty cell."""

    def value(row: Any) -> Any:
        for name in path.split("."):
            if row is None:
                return None
            row = getattr(row, name)
        return row

    return value


def plain(name: str, path: str, en: str, zh: str) -> Column:
    return Column(name, at(path), Text(en, zh))


def pair(name: str, path: str, en: str, zh: str) -> Columns:
    """A text's two languages, `<name>_en` and `<name>_zh`."""
    return tuple(
        Column(
            f"{name}_{language}",
            at(f"{path}.{language}"),
            Text(f"{en}, {IN_WORDS[language].en}", f"{zh}（{IN_WORDS[language].zh}）"),
        )
        for language in LANGUAGES
    )


def listed(values: Iterable[Any]) -> str:
    """Several codes or numbers in one cell, sorted."""
    return "; ".join(str(value) for value in sorted(values))
