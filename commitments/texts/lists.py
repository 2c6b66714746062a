"""Lists in running text, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

ListItem = TypeVar("ListItem")

# The separator between two items of a list, and the one before its last item.
Separators = tuple[str | Promise, str | Promise]

WORDS: Separators = (
    pgettext_lazy("in a list", ", "),
    pgettext_lazy("before the last item of a list", " and "),
)
# For codes and names: no “and”, because a list can have any number of them.
ITEMS: Separators = (pgettext_lazy("in a list", ", "), pgettext_lazy("in a list", ", "))
COMMAS: Separators = (
    pgettext_lazy("between counts", ", "),
    pgettext_lazy("between counts", ", "),
)
# For facts that are shown side by side.
DOTS: Separators = (" · ", " · ")
COUNTS: Separators = (
    pgettext_lazy("between counts", ", "),
    pgettext_lazy("before the last count", " and "),
)


def with_separators(
    items: Iterable[ListItem], separators: Separators = WORDS, end: str = ""
) -> list[tuple[ListItem, str]]:
    """Return each item with the text that follows it; `end` follows the last one."""
    rows = list(items)
    if len(rows) <= 1:
        return [(row, end) for row in rows]
    between, before_last = (str(separator) for separator in separators)
    following = [between] * (len(rows) - 2) + [before_last, end]
    return list(zip(rows, following, strict=True))


def join_list(items: Iterable[object], separators: Separators = WORDS) -> str:
    """Return the items as one text: “A, B and C”, “A、B、C”."""
    return "".join(f"{item}{following}" for item, following in with_separators(items, separators))


def join_sentences(sentences: Iterable[object]) -> str:
    """Return the sentences as one text, with a blank between them where the language has one."""
    pair = pgettext("two sentences", "%(first)s %(second)s")
    text = ""
    for sentence in sentences:
        text = pair % {"first": text, "second": sentence} if text else str(sentence)
    return text
