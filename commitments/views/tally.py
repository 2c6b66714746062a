"""Where a set of commitments stands, as a sentence of plain counts that can be quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.utils.translation import ngettext

from commitments.choices import Tone
from commitments.rollups import Group

# Whole, so that each language has its own order; the number's place is kept for its link.
PHRASES: Mapping[Tone, Callable[[int], str]] = {
    Tone.FULFILLED: lambda n: ngettext("%(n)s is fulfilled", "%(n)s are fulfilled", n),
    Tone.PARTIAL: lambda n: ngettext(
        "%(n)s is fulfilled in part", "%(n)s are fulfilled in part", n
    ),
    Tone.NONE: lambda n: ngettext("%(n)s shows no progress", "%(n)s show no progress", n),
    Tone.ADVERSE: lambda n: ngettext(
        "%(n)s has an adverse finding", "%(n)s have an adverse finding", n
    ),
    Tone.UNKNOWN: lambda n: ngettext("%(n)s is unknown", "%(n)s are unknown", n),
    Tone.APART: lambda n: ngettext("%(n)s is set apart", "%(n)s are set apart", n),
}


class Counted(NamedTuple):
    """One part of the sentence: the words before and after the number."""

    tone: Tone
    n: int
    before: str
    after: str


def tally(group: Group) -> list[Counted]:
    """The tones that there are in a group; what is adverse is told also where there is none."""
    counts = group.tones
    return [_counted(tone, counts[tone]) for tone in Tone if counts[tone] or tone is Tone.ADVERSE]


def _counted(tone: Tone, n: int) -> Counted:
    before, _number, after = PHRASES[tone](n).partition("%(n)s")
    return Counted(tone, n, before, after)
