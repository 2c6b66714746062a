"""How wide text is, and where its lines break: SVG provides neither.

Widths are in em. They are estimated from the fonts of the pages, too wide rather than too narrow.
Readers' own fonts may be wider.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from commitments.texts.abridge import ELLIPSIS

# Advance widths of Source Sans 3 semi-bold, in hundredths of an em, rounded up: the characters of
# each width.
WIDTHS = {
    20: " ",
    30: "',.:;Iijl|",
    35: "!()-/[\\]f{}",
    40: "rt",
    45: "*?sz",
    50: '"J_cvxy',
    55: "#$+0123456789<=>EFLSTVXYZ^`aegko~",
    60: "ABCKPRbdhnpqu",
    65: "&DG",
    70: "HNOQU",
    75: "Mw",
    80: "W",
    85: "%m",
    90: "@",
}
WIDTH_OF = {character: width for width, group in WIDTHS.items() for character in group}
USUAL_WIDTH, FULL_WIDTH = 65, 100
# How much wider serif titles are, and Latin characters in fonts with wide characters.
SERIF, BESIDE_WIDE = 1.15, 1.12

# The width of Latin text in our fonts, and that in the widest fonts that readers may have instead,
# as shares of its estimated width.
OWN_SHARE, WIDEST_SHARE = 0.92, 1.27
LAST_LATIN = "\u024f"

# Characters that must not begin or end a line, where lines may break between any two characters.
CLOSING = frozenset("、。，．；：？！）》〉」』】〕〗”’…—～％,.;:?!)]}%")
OPENING = frozenset("（《〈「『【〔〖“‘([{")
# These are wide in East Asian fonts only, which are used if the text around them is wide.
AMBIGUOUS = frozenset("“”‘’…—")


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    """Return the width of a character in hundredths of an em; 0 if it has no width of its own."""
    if character in WIDTH_OF:
        return WIDTH_OF[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if is_wide(character) or character in AMBIGUOUS:
        return FULL_WIDTH
    base = unicodedata.normalize("NFD", character)[0]
    return WIDTH_OF.get(base, USUAL_WIDTH)


def is_wide(character: str) -> bool:
    """Return whether a character fills a whole em, as Han characters do."""
    return unicodedata.east_asian_width(character) in ("W", "F")


class _Measures(NamedTuple):
    """The total width of a text's characters in hundredths of an em, and how many of them are
    wide."""

    hundredths: int
    wide: int

    def followed_by(self, other: _Measures) -> _Measures:
        return _Measures(self.hundredths + other.hundredths, self.wide + other.wide)

    @property
    def width(self) -> float:
        """The width of the text on one line, in em."""
        wide = self.wide * FULL_WIDTH
        beside = BESIDE_WIDE if wide else 1
        return (wide + beside * (self.hundredths - wide)) / 100


def _measures(text: str) -> _Measures:
    return _Measures(sum(map(_character_width, text)), sum(map(is_wide, text)))


_NOTHING, _SPACE = _measures(""), _measures(" ")


class _Piece(NamedTuple):
    """A part of a text. Lines may break before and after it."""

    text: str
    follows_space: bool
    measures: _Measures


def text_width(text: str) -> float:
    """Return the width of a text on one line, in em."""
    return _measures(text).width


def fixed_widths(lines: Sequence[str], width: float) -> list[float | None]:
    """Return the widths to which the lines of a text must be set so that none exceeds `width`, into
    which they were fitted, in wider fonts than ours: all of them, so that their letters look alike.
    Return None for each if none ever exceeds it, or if they have letters other than Latin, whose
    widths are estimated too roughly."""
    estimated = [text_width(line) for line in lines]
    characters = (character for line in lines for character in line)
    if max(estimated, default=0) * WIDEST_SHARE <= width:
        return [None] * len(lines)
    if any(character > LAST_LATIN and character.isalpha() for character in characters):
        return [None] * len(lines)
    return [OWN_SHARE * each for each in estimated]


def break_lines(text: str, width: float) -> list[str]:
    """Break a text into lines of at most this width in em, which must be at least 1.

    Lines break at white space and beside wide characters; a word that is wider than a line breaks
    anywhere. Only white space is lost.
    """
    lines, line, taken = [], "", _NOTHING
    for piece in _pieces(text):
        space = " " if line and piece.follows_space else ""
        longer = taken.followed_by(_SPACE if space else _NOTHING).followed_by(piece.measures)
        if longer.width <= width:
            line, taken = f"{line}{space}{piece.text}", longer
            continue
        if line:
            lines.append(line)
        *full, line = _chunks(piece.text, width)
        lines += full
        taken = _measures(line)
    return [*lines, line] if line else lines


def fit_lines(text: str, width: float, max_lines: int) -> list[str]:
    """Return at most `max_lines` lines of a text, broken as by `break_lines`. If there were more,
    the last line ends with “…”."""
    lines = break_lines(text, width)
    if len(lines) <= max_lines:
        return lines
    return [*lines[: max_lines - 1], _with_ellipsis(lines[max_lines - 1], width)]


def shorten(text: str, width: float) -> str:
    """Return a text as one line, cut at a word if it is wider than `width` in em."""
    return "".join(fit_lines(text, width, 1))


def _with_ellipsis(line: str, width: float) -> str:
    room = width - text_width(ELLIPSIS)
    shorter = next(iter(break_lines(line, room)), "") if room >= 1 else ""
    return shorter.rstrip(" ,.;:、，；：") + ELLIPSIS


# Cached, because the layout of a brief breaks each text into lines of many widths.
@lru_cache(maxsize=512)
def _pieces(text: str) -> tuple[_Piece, ...]:
    pieces = []
    for word in re.split(r"\s+", text.strip()):
        starts = [0, *(n for n in range(1, len(word)) if _may_break(word[n - 1], word[n]))]
        for start, end in zip(starts, [*starts[1:], len(word)], strict=True):
            part = word[start:end]
            pieces.append(_Piece(part, start == 0, _measures(part)))
    return tuple(pieces)


def _may_break(before: str, after: str) -> bool:
    beside_wide = is_wide(before) or is_wide(after)
    return beside_wide and before not in OPENING and after not in CLOSING


def _chunks(word: str, width: float) -> list[str]:
    """Return a word in parts of at most this width; a word that fits is the only part."""
    chunks = [""]
    for character in word:
        if chunks[-1] and text_width(chunks[-1] + character) > width:
            chunks.append("")
        chunks[-1] += character
    return chunks
