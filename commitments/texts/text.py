"""Texts in the languages that they have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from django.utils import translation
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

from commitments.texts.languages import (
    UNDETERMINED,
    best_match,
    direction,
    interface_tags,
    reader_tag,
    script,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# From JSON to its value and where it ends. `loads` also skips blanks around it, which takes longer
# than the rest for a short text; what `as_json` returns has none.
_decode = json.JSONDecoder().raw_decode


class Text(Mapping[str, str]):
    """One text in one or more languages: a mapping of BCP 47 tags to words, the original first.

    `str()` is the text in the reader's language or, if it has none, in its first. A language
    without words is not in the mapping, so that a text without words is false. Texts with the same
    words in another order are equal.
    """

    __slots__ = ("_known", "_stored")

    def __init__(self, words: Mapping[str, str] | None = None) -> None:
        given = words or {}
        self._known = {tag: words for tag, words in given.items() if words and words.strip()}
        self._stored = ""

    @classmethod
    def from_json(cls, stored: str) -> Text:
        """Return the text of a JSON object that `as_json` made. It is parsed when it is first used,
        since most texts that a query fetches are not shown."""
        text = cls.__new__(cls)
        text._known, text._stored = {}, stored
        return text

    @property
    def _words(self) -> dict[str, str]:
        if self._stored:
            words, end = _decode(self._stored)
            # What follows is refused with the reason that `loads` gives.
            self._known = words if end == len(self._stored) else json.loads(self._stored)
            self._stored = ""
        return self._known

    def __getitem__(self, tag: str) -> str:
        return self._words[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __hash__(self) -> int:
        return hash(frozenset(self._words.items()))

    def __repr__(self) -> str:
        return f"Text({self._words!r})"

    def __str__(self) -> str:
        return self.for_reader()[1]

    def __html__(self) -> SafeString:
        """Return the text in the reader's language; in another one it is marked as such."""
        _tag, words = self.for_reader()
        marks = self.marks
        return format_html("<span {}>{}</span>", marks, words) if marks else escape(words)

    @property
    def marks(self) -> SafeString:
        """Return `lang` and `dir` for an element with the text as `str` gives it; nothing if that
        is in the reader's own language."""
        tag, _words = self.for_reader()
        reader = reader_tag()
        own = best_match(reader, [tag]) is not None and script(tag) == script(reader)
        return SafeString("") if own or not tag else html_marks(tag)

    def inline(self) -> str:
        """Return the text as `str` does, for use within a line: where it runs the other way than
        the reader's language, between the characters that isolate it."""
        tag, words = self.for_reader()
        same = not tag or direction(tag) == direction(reader_tag())
        return words if same else f"\u2068{words}\u2069"

    def for_reader(self) -> tuple[str, str]:
        """Return (tag, words) in the reader's language or, if there is none, in the first; a pair
        of empty strings for an empty text."""
        return next(iter(self.in_reading_order()), ("", ""))

    def in_reading_order(self) -> list[tuple[str, str]]:
        """Return (tag, words) in each language, the reader's first."""
        first = best_match(reader_tag(), self._words)
        return sorted(self._words.items(), key=lambda pair: pair[0] != first)

    def in_language(self, tag: str) -> str:
        """Return the words in the language that suits a reader of this language best, else those in
        the first; "" for an empty text."""
        match = best_match(tag, self._words) or next(iter(self._words), "")
        return self._words.get(match, "")

    def ordered(self, tags: Iterable[str]) -> Text:
        """Return the text with its languages in this order; others follow as they are."""
        known = {tag: self._words[tag] for tag in tags if tag in self._words}
        return Text(known | {tag: words for tag, words in self.items() if tag not in known})

    def determined(self, tag: str) -> Text:
        """Return the text with the words of an undetermined language as words of this language,
        where they replace any others."""
        if UNDETERMINED not in self._words:
            return self
        others = {key: words for key, words in self.items() if key != UNDETERMINED}
        return Text(others | {tag: self[UNDETERMINED]})

    def as_dict(self) -> dict[str, str]:
        return dict(self._words)

    def as_json(self) -> str:
        """Return the text as a JSON object in its own order, with its characters as they are."""
        return json.dumps(self._words, ensure_ascii=False)


NO_TEXT = Text()


def html_marks(tag: str) -> SafeString:
    """Return the attributes of an element in this language: `lang` and `dir` and, for the style
    sheet, `data-script` if the script is not Latin."""
    marks = format_html('lang="{}" dir="{}"', tag, direction(tag))
    written = script(tag)
    return marks if written == "Latn" else format_html('{} data-script="{}"', marks, written)


def sentence_html(sentence: str, values: Mapping[str, object]) -> SafeString:
    """Return a sentence of the interface as HTML with these values in it; texts in another language
    are marked as such."""
    escaped = {name: conditional_escape(cast("str", value)) for name, value in values.items()}
    return SafeString(escape(sentence) % escaped)


def in_interface_languages(words: StrOrPromise) -> Text:
    """Return words of the interface, such as the label of a code, in all its languages."""
    text = {}
    for tag in interface_tags():
        with translation.override(tag.lower()):
            text[tag] = str(words)
    return Text(text)
