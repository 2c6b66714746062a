"""Offices that somebody may have meant by words that are neither a code nor a name of one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from commitments.models import Office
from commitments.texts.scripts import folded, is_unspaced

MAX_NEAREST = 5
# In characters. The time of a comparison grows faster than the length.
MAX_COMPARED = 100
# The least similarity of a suggestion, from 0 to 1.
LEAST_LIKENESS = 0.6


def nearest_offices(words: str, offices: Iterable[Office]) -> list[Office]:
    """Return the offices whose code or name is most similar to these words, the most similar first;
    an empty list if none is similar enough, or the words are too long for a name."""
    given = folded(words.strip())
    if len(given) > MAX_COMPARED:
        return []
    likeness = {
        office: max(_likeness(given, folded(name)) for name in (office.code, *office.name.values()))
        for office in offices
    }
    near = [office for office in likeness if likeness[office] >= LEAST_LIKENESS]
    return sorted(near, key=lambda office: (-likeness[office], office.code))[:MAX_NEAREST]


def _likeness(given: str, name: str) -> float:
    """Return how similar two names are, from 0 to 1. A part of a name counts as similar to it; so
    does a name that leaves characters out, as abbreviations do in scripts without spaces between
    words."""
    ratio = SequenceMatcher(None, given, name, autojunk=False).ratio()
    if len(given) > 1 and (given in name or (is_unspaced(given[0]) and _leaves_out(given, name))):
        ratio = max(ratio, LEAST_LIKENESS + ratio / 10)
    return ratio


def _leaves_out(given: str, name: str) -> bool:
    rest = iter(name)
    return all(mark in rest for mark in given)
