"""Two wordings of one text, compared word by word; Chinese, which writes no spaces, character by
character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# What stays whole: a word with its apostrophes and hyphens, a number with its points, a run of
# white space; of the rest each character.
WORD = re.compile(r"\w+(?:[’'.,-]\w+)*|\s+|.", re.DOTALL)
# In Chinese each character, but words of Latin letters and numbers whole.
CHARACTER = re.compile(r"[A-Za-z0-9]+(?:[’'.,-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
TOKENS = {"en": WORD, "zh": CHARACTER}

# Less than this between two changes is read as part of one change.
SHORT = 2


class Part(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """A run of text and what became of it."""

    part: Part
    text: str


@dataclass
class _Run:
    """What stands in one place, before and after."""

    before: str
    after: str
    same: bool
    tokens: int = 0


def compare(before: str, after: str, language: str) -> list[Piece]:
    """The pieces in reading order, what was removed ahead of what came in its place.

    `same` and `removed` joined are `before`, `same` and `added` joined are `after`.
    """
    return [piece for run in _merged(_runs(before, after, language)) for piece in _pieces(run)]


def _runs(before: str, after: str, language: str) -> Iterator[_Run]:
    old, new = (TOKENS[language].findall(text) for text in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        words = [token for token in old[i1:i2] if re.search(r"\w", token)]
        yield _Run("".join(old[i1:i2]), "".join(new[j1:j2]), tag == "equal", len(words))


def _merged(runs: Iterator[_Run]) -> list[_Run]:
    """Changes with next to nothing between them become one: a reader follows phrases."""
    merged: list[_Run] = []
    for run in runs:
        between = merged[-1] if len(merged) > 1 else None
        if between and between.same and between.tokens < SHORT and not run.same:
            first = merged[-2]
            first.before += between.before + run.before
            first.after += between.after + run.after
            merged.pop()
        else:
            merged.append(run)
    return merged


def _pieces(run: _Run) -> Iterator[Piece]:
    if run.same:
        yield Piece(Part.SAME, run.before)
        return
    if run.before:
        yield Piece(Part.REMOVED, run.before)
    if run.after:
        yield Piece(Part.ADDED, run.after)
