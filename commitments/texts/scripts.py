"""Scripts: which are written without blanks between words, and how texts are split into words and
compared for a search.

The script of a text is recognised by its characters, never by the name of its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, groupby

# Scripts without blanks between words: Thai, Lao, Tibetan, Burmese, Khmer, the syllables of Yi,
# Javanese, the Japanese syllabaries, Bopomofo, and the Han characters of all planes.
UNSPACED = (
    "\u0e01-\u0e7f\u0e80-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua980-\ua9df"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Arabic and Hebrew write the article and some prepositions together with the word that follows.
ATTACHING = "\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"

_UNSPACED_OR_WIDE = re.compile(f"[{UNSPACED}\u3000-\u303f\uff00-\uffef]")
_ATTACHING = re.compile(f"[{ATTACHING}]")
# Accents of Latin, Greek and Cyrillic, and the points of Hebrew and Arabic, which readers leave out
# when they type. The vowel signs of other scripts matter as much as letters.
_OMITTED_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u00ad\u200b-\u200f]"
)
# Signs between letters, and full stops and hyphens also between a letter and a digit. A search also
# finds what follows them: “eau” in “l’eau”, “security” in “cyber-security”, “example.org” in
# “www.example.org”.
_PARTING = re.compile(
    "(?<=[^\\W\\d_])[’'ʼ‘](?=[^\\W\\d_])"
    "|(?<=[^\\W\\d_])[.\u2010-](?=[^\\W_])|(?<=\\d)[.\u2010-](?=[^\\W\\d_])"
)
# Signs that join two parts of one word or number: "well-being", "1,000", "d’État".
_JOINERS = "’'.,-"
# Signs that separate the words of a query: quotation marks, brackets of scripts without blanks, and
# the signs between parts of a sentence. Between two digits they belong to a number or a time.
_QUOTING = '"“”„‟«»‹›「」『』《》〈〉【】〔〕〖〗（）［］'
_PAUSING = ",;，、。；：！？…—،؛؟।｡､"
_PARTING_WORDS = re.compile(f"[{_QUOTING}]|(?<!\\d)[{_PAUSING}]|[{_PAUSING}](?!\\d)")
# Unicode has marks and signs without width in these planes only.
_PLANES_WITH_MARKS = (range(0x20000), range(0xE0000, 0xF0000))


def _marks() -> str:
    """Return the characters that belong to the one before them, as ranges of a pattern: accents,
    vowel signs, and signs without width that join or separate letters."""
    codes = [
        code
        for code in chain(*_PLANES_WITH_MARKS)
        if (category := unicodedata.category(chr(code)))[0] == "M" or category == "Cf"
    ]
    # Consecutive codes differ from their positions in the list by the same number.
    runs = groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])
    spans = ([code for _position, code in run] for _distance, run in runs)
    return "".join(f"\\U{span[0]:08x}-\\U{span[-1]:08x}" for span in spans)


_LETTER = f"[^\\W_{UNSPACED}]"
# The lookahead is an optimisation: it rules out letters and blanks before the long list of marks is
# searched.
_MARK = f"(?![\\w\\s])[{_marks()}]"
_TOKEN = re.compile(
    f"{_LETTER}+(?:(?:[{_JOINERS}](?={_LETTER})|{_MARK}){_LETTER}*)*|\\s+|.(?:{_MARK})*", re.DOTALL
)


def is_unspaced(character: str) -> bool:
    """Return whether a character is of a script that is written without blanks, or full-width
    punctuation: a line may be broken before or after it anywhere."""
    return _UNSPACED_OR_WIDE.match(character) is not None


def tokens(text: str) -> list[str]:
    """Return the text in pieces: words with their apostrophes and hyphens, numbers with their
    separators, runs of blanks, and every other character with its marks."""
    return _TOKEN.findall(text)


def folded(text: str) -> str:
    """Return a text without the differences that a search ignores: capitals, accents, full and half
    width, and the kind of a blank."""
    # Some signs are capitals once they are decomposed, such as ℃.
    folded_case = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded_case)
    plain = unicodedata.normalize("NFKC", _OMITTED_MARKS.sub("", decomposed))
    return " ".join(plain.split())


def indexed_tokens(text: str) -> list[str]:
    """Return the tokens of a text, joined where its index has them as one: a sign between two
    numbers joins them there even if it has a mark, which the index leaves out."""
    pieces: list[str] = []
    joins = False
    for piece in tokens(text):
        if joins and len(tokens(folded("".join([*pieces[-2:], piece])))) == 1:
            pieces[-2:] = ["".join([*pieces[-2:], piece])]
        else:
            pieces.append(piece)
        joins = len(pieces) > 1 and len(pieces[-1]) > 1 and folded(pieces[-1]) in _JOINERS
    return pieces


def parts_letters(before: str, sign: str, after: str) -> bool:
    """Return whether a sign between these pieces of a text separates words of its index."""
    around = folded(before)[-1:] + folded(sign) + folded(after)[:1]
    return _PARTING.search(around) is not None


def search_index(texts: Iterable[str]) -> str:
    """Return what a search looks through: the folded tokens of the texts, with a blank before each,
    so that a word is found by its beginning. A line end, which no word contains, separates the
    texts."""
    parted = (tokens(_PARTING.sub(" ", folded(text))) for text in texts)
    indexes = ("".join(f" {piece}" for piece in pieces if not piece.isspace()) for pieces in parted)
    return " \n".join(filter(None, indexes))


def without_outer_signs(text: str) -> str:
    """Return a text from its first token with a letter or digit to its last, "" without any."""
    pieces = tokens(text)
    worded = [n for n, piece in enumerate(pieces) if _has_letters(piece)]
    return "".join(pieces[worded[0] : worded[-1] + 1]) if worded else ""


def _has_letters(piece: str) -> bool:
    return any(character.isalnum() for character in folded(piece))


def query_words(query: str, max_words: int) -> list[str]:
    """Return the words of a query without the signs around and between them, which nobody searches
    for: a reader quotes a title, or ends a sentence. Signs within a word belong to it, as in
    “79/243” and “5.3”. A query of more than `max_words` words is split at its blanks only."""
    for parts in (_PARTING_WORDS.sub(" ", query).split(), query.split()):
        words = [word for part in parts if (word := without_outer_signs(part))]
        if len(words) <= max_words:
            break
    return words


def without_quotes(name: str) -> str:
    """Return a name without the signs around it that separate the words of a query; if there are
    such signs within it too, return it unchanged."""
    signs = _QUOTING + _PAUSING
    inner = name.strip(signs)
    return name if any(sign in inner for sign in signs) else inner


def search_term(word: str) -> str:
    """Return what a `search_index` contains if its texts have this word.

    A word is found by its beginning: `chin` finds “China”. In a script without blanks between words
    it is found anywhere, and in one that writes the article together with its word also within a
    word: `أمن` finds “الأمن”.
    """
    term = search_index([word])
    return term.lstrip() if _ATTACHING.match(term.lstrip()[:1]) else term
