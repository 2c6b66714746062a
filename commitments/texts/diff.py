"""Differences between two wordings of a text: by words, and by characters where a script has no
blanks between words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile

from commitments.texts.scripts import tokens
from commitments.texts.text import Text

# A wording longer than EXCERPT_LENGTH is shortened to what differs and EXCERPT_MARGIN characters on
# either side.
EXCERPT_MARGIN, EXCERPT_LENGTH = 24, 80
# The most characters of a wording that a line of a report shows.
MAX_WORDING_LENGTH = 200
# With fewer unchanged words between them, two changes become one.
MIN_WORDS_BETWEEN = 2
# Two wordings that differ in fewer words than this are shown in one line, however little they
# share.
MIN_WORDS_APART = 8


class DiffOperation(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class DiffSpan:
    """A piece of text that is the same in both wordings, removed or added."""

    part: DiffOperation
    text: str


@dataclass
class _Run:
    """A passage in both wordings. `tokens` counts the words of the first one."""

    before: str
    after: str
    same: bool
    tokens: int = 0


def compare_texts(before: Text, after: Text) -> dict[str, list[DiffSpan]]:
    """Return the differences by language, for each language in which two texts differ."""
    tags = dict.fromkeys((*after, *before))
    return {
        tag: diff_texts(before.get(tag, ""), after.get(tag, ""))
        for tag in tags
        if before.get(tag) != after.get(tag)
    }


def diff_texts(before: str, after: str) -> list[DiffSpan]:
    """Return the differences as spans in reading order, removed text before its replacement.

    The spans `same` and `removed` joined are `before`; `same` and `added` joined are `after`."""
    return [span for run in _merged(_runs(before, after)) for span in _spans(run)]


def shares_little(spans: Sequence[DiffSpan]) -> bool:
    """Return whether a wording of some length was replaced by one that has hardly a word in common
    with it: then both are easier to read one after the other."""
    words: Counter[DiffOperation] = Counter()
    for span in spans:
        words[span.part] += sum(bool(re.search(r"\w", token)) for token in tokens(span.text))
    changed = min(words[DiffOperation.REMOVED], words[DiffOperation.ADDED])
    return changed >= MIN_WORDS_APART and words[DiffOperation.SAME] * 2 < changed


def wordings(spans: Iterable[DiffSpan]) -> tuple[str, str]:
    """Return the two wordings that these spans compare: before and after."""
    rows = list(spans)
    before, after = (
        "".join(span.text for span in rows if span.part is not left_out)
        for left_out in (DiffOperation.ADDED, DiffOperation.REMOVED)
    )
    return before, after


def _runs(before: str, after: str) -> Iterator[_Run]:
    old, new = (list(tokens(text)) for text in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        words = [token for token in old[i1:i2] if re.search(r"\w", token)]
        yield _Run("".join(old[i1:i2]), "".join(new[j1:j2]), tag == "equal", len(words))


def _merged(runs: Iterator[_Run]) -> list[_Run]:
    """Merge changes with hardly any words between them: whole phrases are easier to read."""
    merged: list[_Run] = []
    for run in runs:
        between = merged[-1] if len(merged) > 1 else None
        if between and between.same and between.tokens < MIN_WORDS_BETWEEN and not run.same:
            first = merged[-2]
            first.before += between.before + run.before
            first.after += between.after + run.after
            merged.pop()
        else:
            merged.append(run)
    return merged


def _spans(run: _Run) -> Iterator[DiffSpan]:
    if run.same:
        yield DiffSpan(DiffOperation.SAME, run.before)
        return
    if run.before:
        yield DiffSpan(DiffOperation.REMOVED, run.before)
    if run.after:
        yield DiffSpan(DiffOperation.ADDED, run.after)


def excerpts(*wordings: str) -> list[str]:
    """Return wordings of one text, long ones without most of what all of them begin and end with,
    which “…” replaces."""
    if max(map(len, wordings), default=0) <= EXCERPT_LENGTH or len(set(wordings)) == 1:
        return list(wordings)
    start = max(0, _alike(wordings) - EXCERPT_MARGIN)
    rest = [words[start:] for words in wordings]
    end = max(0, _alike([words[::-1] for words in rest]) - EXCERPT_MARGIN)
    before, after = "…" if start else "", "…" if end else ""
    return [f"{before}{words[: len(words) - end]}{after}" for words in rest]


def _alike(wordings: Sequence[str]) -> int:
    """Return the number of characters with which all of them begin."""
    columns = zip(*wordings, strict=False)
    return sum(1 for _column in takewhile(lambda column: len(set(column)) == 1, columns))
