"""Where a text may be cut, and texts cut to a length."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from commitments.texts.scripts import tokens

ELLIPSIS = "…"
SENTENCE_MARKS = ".!?。！？"
CLAUSE_MARKS = ",;:，；："
# The characters that are dropped before an ellipsis.
TRAILING_MARKS = f" {CLAUSE_MARKS}、"
BRACKETS = {"“": "”", "《": "》", "（": "）", "(": ")", "「": "」", "『": "』", "«": "»"}
JOINED = {*CLAUSE_MARKS, *SENTENCE_MARKS, "、", *BRACKETS.values()}


class Cut(IntEnum):
    """What a cut in a text separates; the higher the value, the better the place."""

    INSIDE = 0  # A quotation, a title, brackets, or a number and its unit.
    WORDS = 1
    CLAUSES = 2
    SENTENCES = 3


def cuts_after(pieces: Sequence[str]) -> list[Cut]:
    """Return for each of the `tokens` of a text what a cut after it separates."""
    cuts: list[Cut] = []
    closing: list[str] = []
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else " "
        if piece in BRACKETS:
            closing.append(BRACKETS[piece])
        elif closing and piece == closing[-1]:
            closing.pop()
        # A mark stays with what is before it, and one within a time or an address ends nothing.
        joins = piece[-1].isdigit() or (piece.isascii() and not piece.isalnum())
        if closing or following in JOINED or (joins and not following.isspace()):
            cuts.append(Cut.INSIDE)
        else:
            cuts.append(_cut_after(piece, pieces[index - 1] if index else ""))
    return cuts


def _cut_after(piece: str, before: str) -> Cut:
    """Return what a cut outside brackets separates; `before` is the previous piece, which is used
    if a quotation has just ended."""
    mark = before if piece in BRACKETS.values() else piece
    if mark in SENTENCE_MARKS:
        return Cut.SENTENCES
    return Cut.CLAUSES if mark in CLAUSE_MARKS else Cut.WORDS


def abridge(text: str, length: int) -> str:
    """Return a text of at most `length` characters, with “…” at its end if it was cut.

    It is cut at the end of a sentence or a clause if one is near, else between words, or between
    the characters of a script without blanks; within quotation marks or brackets only if they take
    up all of it.
    """
    if len(text) <= length:
        return text
    pieces = tokens(text)
    places, end = [], 0
    for piece, cut in zip(pieces, cuts_after(pieces), strict=True):
        end += len(piece)
        # Room for a blank and the ellipsis.
        if end + 2 <= length:
            places.append((cut, end))
    near = [place for place in places if place[0] and 2 * place[1] > length]
    outside = [(Cut.WORDS, end) for cut, end in places if cut]
    cut, end = max(near or outside or places, default=(Cut.INSIDE, length - 1))
    kept = text[:end].rstrip(TRAILING_MARKS)
    # A sentence that is whole keeps its full stop, set apart from the ellipsis.
    return f"{kept} {ELLIPSIS}" if kept.endswith((".", "!", "?")) else f"{kept}{ELLIPSIS}"
