"""The status of a set of commitments as a sentence of plain counts that can be quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments.choices import Tone
from commitments.pages.phrases import CountedPhrase, counted_phrases
from commitments.rollups import Group
from commitments.templatetags.tracker import on_day
from commitments.texts.lists import COUNTS, with_separators

# Whole phrases, so that each language has its own order.
TONE_PHRASES: Mapping[Tone, Callable[[int], str]] = {
    Tone.FULFILLED: lambda n: ngettext("%(n)s is fulfilled", "%(n)s are fulfilled", n),
    Tone.PARTIAL: lambda n: ngettext("%(n)s is partly fulfilled", "%(n)s are partly fulfilled", n),
    Tone.NONE: lambda n: ngettext("%(n)s shows no progress", "%(n)s show no progress", n),
    Tone.ADVERSE: lambda n: ngettext(
        "%(n)s has an adverse finding", "%(n)s have an adverse finding", n
    ),
    Tone.UNKNOWN: lambda n: ngettext("%(n)s is unknown", "%(n)s are unknown", n),
    Tone.APART: lambda n: ngettext("%(n)s is excluded", "%(n)s are excluded", n),
}


def summarise(group: Group, day: date) -> list[CountedPhrase]:
    """Return the sentence on a group as of a day: a phrase for each tone that occurs."""
    total = group.commitments
    if not total:
        return [CountedPhrase(None, "", _("No commitments."), "")]
    introduction = ngettext(
        "Of %(n)s commitment, as of %(day)s, ", "Of %(n)s commitments, as of %(day)s, ", total
    )
    first, *others = counted_phrases(_phrases(group))
    before = introduction % {"n": total, "day": on_day(day)} + first.before
    return [replace(first, before=before), *others]


def _phrases(group: Group) -> list[tuple[Tone, int, str, str]]:
    counts = [(tone, n) for tone, n in group.tones.items() if n]
    end = pgettext("end of counts", ".")
    return [
        (tone, n, TONE_PHRASES[tone](n), following)
        for (tone, n), following in with_separators(counts, COUNTS, end)
    ]
