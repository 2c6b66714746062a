"""Scripts: which are written without blanks between words, and how texts are cut and compared for
a search.

What a text is written in is told by its characters, never by the name of its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# Scripts without blanks between words: Thai, Lao, Tibetan, Burmese, Khmer, the syllables of Yi,
# Javanese, the Japanese syllabaries, Bopomofo, and the Han characters of all planes.
UNSPACED = (
    "\u0e01-\u0e7f\u0e80-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua980-\ua9df"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Arabic and Hebrew write the article and some prepositions together with the word that follows.
ATTACHING = "\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"

_UNSPACED = re.compile(f"[{UNSPACED}]")
_UNSPACED_OR_WIDE = re.compile(f"[{UNSPACED}\u3000-\u303f\uff00-\uffef]")
_ATTACHING = re.compile(f"[{ATTACHING}]")
# Accents of Latin, Greek and Cyrillic, and the points of Hebrew and Arabic, which readers leave
# out when they type. The vowel signs of other scripts are no less than letters.
_OMITTED_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u00ad\u200b-\u200f]"
)
# Between letters. A search finds what follows them too: “eau” in “l’eau”, “security” in
# “cyber-security”.
_PARTING = re.compile("(?<=[^\\W\\d_])[’'ʼ‘\u2010-](?=[^\\W\\d_])")
# Signs that join two parts of one word or number: "well-being", "1,000", "d’État".
_JOINERS = frozenset("’'.,-")


def _is_mark(character: str) -> bool:
    """Return whether a character belongs to the one before it: an accent, a vowel sign, or a sign
    without width that joins or parts letters."""
    category = unicodedata.category(character)
    return category[0] == "M" or category == "Cf"


def _is_letter(character: str) -> bool:
    return character.isalnum() and not _UNSPACED.match(character)


def is_unspaced(character: str) -> bool:
    """Return whether a character is of a script that is written without blanks, or full-width
    punctuation: a line may be broken before or after it anywhere."""
    return _UNSPACED_OR_WIDE.match(character) is not None


def tokens(text: str) -> Iterator[str]:
    """Yield the text in pieces: words with their apostrophes and hyphens, numbers with their
    separators, runs of blanks, and every other character with its marks."""
    start, end = 0, len(text)
    while start < end:
        position = start + 1
        if text[start].isspace():
            while position < end and text[position].isspace():
                position += 1
        elif _is_letter(text[start]):
            position = _end_of_word(text, position)
        else:
            while position < end and _is_mark(text[position]):
                position += 1
        yield text[start:position]
        start = position


def _end_of_word(text: str, position: int) -> int:
    end = len(text)
    while position < end:
        character = text[position]
        joins = character in _JOINERS and position + 1 < end and _is_letter(text[position + 1])
        if not (_is_letter(character) or _is_mark(character) or joins):
            break
        position += 1
    return position


def folded(text: str) -> str:
    """Return a text without the differences that a search ignores: capitals, accents, full and half
    width, and the kind of a blank."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = unicodedata.normalize("NFKC", _OMITTED_MARKS.sub("", decomposed))
    return " ".join(plain.split())


def search_index(texts: Iterable[str]) -> str:
    """Return what a search looks through: the folded tokens of the texts, with a blank before each,
    so that a word is found by its beginning."""
    parted = (_PARTING.sub(" ", folded(text)) for text in texts)
    pieces = (piece for text in parted for piece in tokens(text) if not piece.isspace())
    return "".join(f" {piece}" for piece in pieces)


def search_term(word: str) -> str:
    """Return what a `search_index` contains if its texts have this word.

    A word is found by its beginning: `chin` finds “China”. In a script without blanks between words
    it is found anywhere, and in one that writes the article together with its word also within a
    word: `أمن` finds “الأمن”.
    """
    term = search_index([word])
    return term.lstrip() if _ATTACHING.match(term.lstrip()[:1]) else term
