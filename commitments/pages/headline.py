"""What changed in the last period of a grid, as a headline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.pages.phrases import commitments_phrase
from commitments.rollups.comparison import NetChange
from commitments.texts.lists import COUNTS, join_list

CHANGE_PHRASES: Mapping[NetChange, Callable[[int], str]] = {
    NetChange.IMPROVED: lambda n: ngettext("%(n)s improved", "%(n)s improved", n),
    NetChange.WORSENED: lambda n: ngettext("%(n)s worsened", "%(n)s worsened", n),
    NetChange.FIRST_ASSESSED: lambda n: ngettext(
        "%(n)s was first assessed", "%(n)s were first assessed", n
    ),
    NetChange.EVIDENCE_FOUND: lambda n: ngettext(
        "%(n)s now has evidence", "%(n)s now have evidence", n
    ),
    NetChange.REASSESSED: lambda n: ngettext(
        "%(n)s was reassessed after a gap", "%(n)s were reassessed after a gap", n
    ),
    NetChange.LAPSED: lambda n: ngettext(
        "%(n)s has lapsed and counts as unknown", "%(n)s have lapsed and count as unknown", n
    ),
    NetChange.NO_EVIDENCE: lambda n: ngettext(
        "%(n)s now has no evidence", "%(n)s now have no evidence", n
    ),
    NetChange.NO_LONGER_ASSESSED: lambda n: ngettext(
        "%(n)s is no longer assessed", "%(n)s are no longer assessed", n
    ),
    NetChange.OTHER: lambda n: ngettext(
        "%(n)s changed in another way", "%(n)s changed in another way", n
    ),
    NetChange.UNCHANGED: lambda n: ngettext("%(n)s is unchanged", "%(n)s are unchanged", n),
}


def change_headline(counts: Mapping[NetChange, int], year: str, *, all_known: bool) -> str:
    """Return the sentence on what changed since the end of a year, "" of no commitments.

    That none worsened is said only where some improved and the status of each is known.
    """
    total = sum(counts.values())
    if not total:
        return ""
    names = {"count": commitments_phrase(total), "year": year}
    if counts.get(NetChange.UNCHANGED, 0) == total:
        return _("%(count)s: no status on record has changed since the end of %(year)s.") % names
    phrases = [
        phrase(n) % {"n": n} for code, phrase in CHANGE_PHRASES.items() if (n := counts.get(code))
    ]
    if counts.get(NetChange.IMPROVED) and not counts.get(NetChange.WORSENED) and all_known:
        phrases.insert(1, _("none worsened"))
    names["changes"] = join_list(phrases, COUNTS)
    return _("%(count)s since the end of %(year)s: %(changes)s.") % names
