"""How wide text is, and where its lines break. SVG does neither.

Widths are in em and estimated from the fonts of the pictures, rather too wide than too narrow;
where a reader's own fonts take their place they are about right.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from commitments.texts.abridge import ELLIPSIS

# Advance widths of Source Sans 3 semi-bold, in hundredths of an em, rounded up.
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
# How much wider are the serif titles, and Latin characters of a font that has wide ones.
SERIF, BESIDE_WIDE = 1.15, 1.12

# Which characters do not begin or end a line, where lines may break between any two.
CLOSING = frozenset("、。，．；：？！）》〉」』】〕〗”’…—～％,.;:?!)]}%")
OPENING = frozenset("（《〈「『【〔〖“‘([{")
# These are wide in East Asian fonts only, which then have the text around them too.
AMBIGUOUS = frozenset("“”‘’…—")


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    """Return the width of a character in hundredths of an em, 0 if it has none of its own."""
    if character in WIDTH_OF:
        return WIDTH_OF[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if is_wide(character) or character in AMBIGUOUS:
        return FULL_WIDTH
    base = unicodedata.normalize("NFD", character)[0]
    return WIDTH_OF.get(base, USUAL_WIDTH)


def is_wide(character: str) -> bool:
    """Return whether a character takes the whole em, as Han ones do."""
    return unicodedata.east_asian_width(character) in ("W", "F")


class _Measures(NamedTuple):
    """The widths of the characters of a text in hundredths of an em, and how many are wide."""

    hundredths: int
    wide: int

    def followed_by(self, other: _Measures) -> _Measures:
        return _Measures(self.hundredths + other.hundredths, self.wide + other.wide)

    @property
    def width(self) -> float:
        """The width of the text in one line, in em."""
        wide = self.wide * FULL_WIDTH
        beside = BESIDE_WIDE if wide else 1
        return (wide + beside * (self.hundredths - wide)) / 100


def _measures(text: str) -> _Measures:
    return _Measures(sum(map(_character_width, text)), sum(map(is_wide, text)))


_NOTHING, _SPACE = _measures(""), _measures(" ")


class _Piece(NamedTuple):
    """A part of a text, before and after which a line may break."""

    text: str
    follows_space: bool
    measures: _Measures


def text_width(text: str) -> float:
    """Return the width of a text in one line, in em."""
    return _measures(text).width


def break_lines(text: str, width: float) -> list[str]:
    """Return a text in lines of at most this width in em, which is at least 1.

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
    """Return the first lines of a text, as `break_lines`; the last ends with “…” if there were
    more than `max_lines`."""
    lines = break_lines(text, width)
    if len(lines) <= max_lines:
        return lines
    return [*lines[: max_lines - 1], _with_ellipsis(lines[max_lines - 1], width)]


def shorten(text: str, width: float) -> str:
    """Return a text in one line, cut at a word if it is wider than this."""
    return "".join(fit_lines(text, width, 1))


def _with_ellipsis(line: str, width: float) -> str:
    room = width - text_width(ELLIPSIS)
    shorter = next(iter(break_lines(line, room)), "") if room >= 1 else ""
    return shorter.rstrip(" ,.;:、，；：") + ELLIPSIS


# Cached, because a brief breaks each text into lines of many widths.
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
    """Return a word in parts of at most this width; one that fits is the only part."""
    chunks = [""]
    for character in word:
        if chunks[-1] and text_width(chunks[-1] + character) > width:
            chunks.append("")
        chunks[-1] += character
    return chunks
