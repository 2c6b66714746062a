"""Words of a text that name something, found in it so that a page can mark them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def marked(text: str, quotes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the code of what it names, or "" for what names nothing.

    `quotes` gives the words for each code. Of words that overlap the first and longest are marked.
    The pieces joined are the text.
    """
    found = sorted(
        (place, -len(words), code)
        for code, words in quotes.items()
        if words
        for place in _places(text, words)
    )
    end = 0
    for place, length, code in found:
        if place >= end:
            if place > end:
                yield text[end:place], ""
            end = place - length
            yield text[place:end], code
    if end < len(text):
        yield text[end:], ""


def _places(text: str, words: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)
