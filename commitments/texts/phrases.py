"""Phrases that pages and documents share, those around numbers in parts, so that each number can be
a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


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


def last_action_label(*, is_there: bool) -> str:
    """Return the words before the last action at a forum, `is_there`, or at its successors."""
    return _("Last action there") if is_there else _("Last action at a successor")


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
