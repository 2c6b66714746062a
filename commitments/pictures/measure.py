"""How wide text is, and where its lines break. SVG does neither.

Widths are in em and estimated from the fonts of the pictures, rather too wide than too narrow;
where a reader's own fonts take their place they are about right.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
WIDTH_OF = {character: width / 100 for width, group in WIDTHS.items() for character in group}
USUAL_WIDTH = 0.65
FULL_WIDTH = 1.0
# How much wider are the serif titles, and Latin characters of a font that has wide ones.
SERIF, BESIDE_WIDE = 1.15, 1.12

ELLIPSIS = "…"
# Which characters do not begin or end a line, where lines may break between any two.
CLOSING = frozenset("、。，．；：？！）》〉」』】〕〗”’…—～％,.;:?!)]}%")
OPENING = frozenset("（《〈「『【〔〖“‘([{")
# These are wide in East Asian fonts only, which then have the text around them too.
AMBIGUOUS = frozenset("“”‘’…—")


@lru_cache(maxsize=4096)
def character_width(character: str) -> float:
    """Return the width of a character in em: 0 for one without width of its own."""
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


def text_width(text: str) -> float:
    """Return the width of a text in one line, in em."""
    width = sum(map(character_width, text))
    wide = sum(map(is_wide, text))
    return width if not wide else wide + BESIDE_WIDE * (width - wide)


def break_lines(text: str, width: float) -> list[str]:
    """Return a text in lines of at most this width in em, which is at least 1.

    Lines break at white space and beside wide characters; a word that is wider than a line breaks
    anywhere. Only white space is lost.
    """
    lines, line = [], ""
    for piece, follows_space in _pieces(text):
        longer = f"{line} {piece}" if line and follows_space else line + piece
        if text_width(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _chunks(piece, width)
        lines += full
    return [*lines, line] if line else lines


def fit_lines(text: str, width: float, most: int) -> list[str]:
    """Return the first lines of a text, as `break_lines`; the last ends with “…” if there were
    more than `most`."""
    lines = break_lines(text, width)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _with_ellipsis(lines[most - 1], width)]


def shorten(text: str, width: float) -> str:
    """Return a text in one line, cut at a word if it is wider than this."""
    return "".join(fit_lines(text, width, 1))


def _with_ellipsis(line: str, width: float) -> str:
    room = width - character_width(ELLIPSIS)
    shorter = next(iter(break_lines(line, room)), "") if room >= FULL_WIDTH else ""
    return shorter.rstrip(" ,.;:、，；：") + ELLIPSIS


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return the parts between which a line may break, each with whether white space is before
    it."""
    pieces = []
    for word in re.split(r"\s+", text.strip()):
        start = 0
        for place in range(1, len(word)):
            if _may_break(word[place - 1], word[place]):
                pieces.append((word[start:place], start == 0))
                start = place
        pieces.append((word[start:], start == 0))
    return pieces


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
