"""What changed between two days, in words: phrases, and the headline of a grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.choices import Movement
from commitments.pages.phrases import commitments_phrase
from commitments.texts.lists import COUNTS, with_separators
from commitments.texts.phrases import CountedPhrase, counted_phrases

# In the order in which the sentence has them.
MOVEMENT_PHRASES: Mapping[Movement, Callable[[int], str]] = {
    Movement.BETTER: lambda n: ngettext("%(n)s improved", "%(n)s improved", n),
    Movement.WORSE: lambda n: ngettext("%(n)s worsened", "%(n)s worsened", n),
    Movement.FIRST_ASSESSED: lambda n: ngettext(
        "%(n)s was first assessed", "%(n)s were first assessed", n
    ),
    Movement.EVIDENCE_FOUND: lambda n: ngettext(
        "%(n)s now has evidence", "%(n)s now have evidence", n
    ),
    Movement.REASSESSED: lambda n: ngettext(
        "%(n)s was reassessed after a gap", "%(n)s were reassessed after a gap", n
    ),
    Movement.LAPSED: lambda n: ngettext(
        "%(n)s has lapsed and counts as unknown", "%(n)s have lapsed and count as unknown", n
    ),
    Movement.NO_LONGER_EVIDENCED: lambda n: ngettext(
        "%(n)s no longer has evidence", "%(n)s no longer have evidence", n
    ),
    Movement.NO_LONGER_ASSESSED: lambda n: ngettext(
        "%(n)s is no longer assessed", "%(n)s are no longer assessed", n
    ),
    Movement.OTHER: lambda n: ngettext(
        "%(n)s changed in another way", "%(n)s changed in another way", n
    ),
    Movement.UNCHANGED: lambda n: ngettext("%(n)s is unchanged", "%(n)s are unchanged", n),
}


def movement_phrases(
    counts: Mapping[Movement, int], *, all_known: bool
) -> list[tuple[Movement | None, int | str, str]]:
    """Return (movement, number, text with `%(n)s`) for each movement that occurs.

    “None worsened”, a phrase without a number, is included only if some improved and the status of
    every commitment is known.
    """
    phrases: list[tuple[Movement | None, int | str, str]] = [
        (code, n, phrase(n)) for code, phrase in MOVEMENT_PHRASES.items() if (n := counts.get(code))
    ]
    if all_known and counts.get(Movement.BETTER) and not counts.get(Movement.WORSE):
        phrases.insert(1, (None, "", _("none worsened")))
    return phrases


def change_headline(
    counts: Mapping[Movement, int], year: str, *, all_known: bool, any_assessed: bool
) -> list[CountedPhrase]:
    """Return the sentence on what changed since the end of a year, as one phrase for each movement
    that occurs. Return no phrases if there are no commitments, or if none was ever assessed.
    `all_known` says whether the status of every commitment is known; `any_assessed` whether any
    commitment had an assessment on either day."""
    total = sum(counts.values())
    if not total or not any_assessed:
        return []
    names = {"count": commitments_phrase(total), "year": year, "changes": "%(changes)s"}
    if counts.get(Movement.UNCHANGED, 0) == total:
        text = _("%(count)s: no status on record has changed since the end of %(year)s.") % names
        return [CountedPhrase(None, "", text, "")]
    sentence = _("%(count)s since the end of %(year)s: %(changes)s.") % names
    before, _changes, after = sentence.partition("%(changes)s")
    phrases = with_separators(movement_phrases(counts, all_known=all_known), COUNTS, after)
    counted = counted_phrases(
        # The pages do not list unchanged commitments.
        (None if code is Movement.UNCHANGED else code, n, text, following)
        for (code, n, text), following in phrases
    )
    return [replace(counted[0], before=before + counted[0].before), *counted[1:]]
