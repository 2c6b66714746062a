"""Phrases around numbers, so that pages can make each number a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CountedPhrase:
    """A phrase around a number.

    `code` is what the number counts: the filters of its list, or a code; None where it has no list.
    `n` is "" if the phrase has no number.
    """

    code: Any
    n: int | str
    before: str
    after: str


def counted_phrases(phrases: Iterable[tuple[Any, int | str, str, str]]) -> list[CountedPhrase]:
    """Return phrases from (code, number, text with `%(n)s`, separator that follows)."""
    found = []
    for code, n, text, following in phrases:
        before, _number, after = text.partition("%(n)s")
        found.append(CountedPhrase(code, n, before, after + following))
    return found


def sentence_of(phrases: Iterable[CountedPhrase]) -> str:
    """Return phrases as one text without links."""
    return "".join(f"{phrase.before}{phrase.n}{phrase.after}" for phrase in phrases)
