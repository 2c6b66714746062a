"""Highlighting of quoted words in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def highlight_spans(text: str, quotes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the text in spans, each with the code that its words quote, or "" for none.

    `quotes` gives the quoted words of each code. Of quotes that overlap, the first one is
    highlighted, of those that begin together the longest. The spans joined are the text.
    """
    matches = sorted(
        (start, -len(words), code)
        for code, words in quotes.items()
        if words
        for start in _positions(text, words)
    )
    end = 0
    for start, negative_length, code in matches:
        if start >= end:
            if start > end:
                yield text[end:start], ""
            end = start - negative_length
            yield text[start:end], code
    if end < len(text):
        yield text[end:], ""


def _positions(text: str, words: str) -> Iterator[int]:
    position = text.find(words)
    while position >= 0:
        yield position
        position = text.find(words, position + 1)
