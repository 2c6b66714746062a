"""Quoted words in a text: whether they occur, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from commitments.texts.scripts import is_unspaced

# A full stop ends a sentence if a blank and a capital or the end of the text follow; that of “No.
# 5” and of “e.g. this” does not. In scripts without blanks the mark alone ends it. So does the end
# of a line.
_SENTENCE_END = re.compile(
    r"""(?<!\b[A-Z])(?<!\bNo)[.!?؟۔।]["”’)]*(?:\s+(?=["“‘(]*[^\W\d_a-zà-ÿ])|\s*$)|[。！？；]["”’）]*|\n+""",
    re.VERBOSE,
)


def same_words_in(quote: str, text: str) -> bool:
    """Return whether a text contains these words, wherever its lines are broken."""
    # Most quotes are there letter for letter, and a pattern takes long to make.
    return quote in text or _pattern(quote).search(text) is not None


def highlight_spans(text: str, quotes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the text in spans, each with the code that its words quote, or "" for none.

    `quotes` gives the quoted words of each code. Of quotes that overlap, the first one is
    highlighted, of those that begin together the longest. The spans joined are the text.
    """
    matches = sorted(
        (found.start(), -found.end(), code)
        for code, words in quotes.items()
        if words
        for found in _pattern(words).finditer(text)
    )
    end = 0
    for start, negative_end, code in matches:
        if start >= end:
            if start > end:
                yield text[end:start], ""
            end = -negative_end
            yield text[start:end], code
    if end < len(text):
        yield text[end:], ""


def sentence_with(quote: str, text: str) -> str:
    """Return the sentence of a text that contains these words, or the sentences that they span; ""
    if they are not there."""
    found = _pattern(quote).search(text) if quote.strip() else None
    if found is None:
        return ""
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    start = max(end for end in ends if end <= found.start())
    end = min(end for end in ends if end >= found.end())
    return text[start:end].strip()


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """Return a pattern of words with any blanks between them; in scripts without blanks, a line may
    be broken between any two characters."""
    parts = ["".join(map(_character, part)) for part in words.split()]
    return re.compile(r"\s+".join(parts).removesuffix(r"\s*"))


def _character(character: str) -> str:
    return re.escape(character) + (r"\s*" if is_unspaced(character) else "")
