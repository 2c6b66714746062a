"""Phrases that several pages use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.clocks import Clock
from commitments.models.querysets import ACTIVITY_INTERVALS
from commitments.rollups.findings import FindingCounts
from commitments.texts.lists import COMMAS, join_list, join_sentences
from commitments.texts.phrases import CountedPhrase, counted_phrases

DAYS_PER_YEAR = 365


def commitments_phrase(n: int) -> str:
    """Return “2 commitments”."""
    return ngettext("%(n)s commitment", "%(n)s commitments", n) % {"n": n}


def activity_period(interval: int) -> str:
    """Return “in the past …” for the period in which activity at a forum counts: two review
    intervals, which are given in days."""
    if interval == DAYS_PER_YEAR:
        return _("in the past two years")
    return _("in the past %(days)s days") % {"days": ACTIVITY_INTERVALS * interval}


def silence_phrase(active: Sequence[int], interval: int) -> CountedPhrase | None:
    """Return how many of the forums have no activity on record; None if every forum has some.
    `active` has the number of commitments with activity for each forum."""
    silent = sum(not n for n in active)
    if not silent:
        return None
    message = ngettext(
        "No activity on record at %(n)s of %(of)s forum %(period)s.",
        "No activity on record at %(n)s of %(of)s forums %(period)s.",
        len(active),
    )
    values = {"n": "%(n)s", "of": len(active), "period": activity_period(interval)}
    [phrase] = counted_phrases([(None, silent, message % values, "")])
    return phrase


def action_period(interval: int) -> str:
    """Return “in the past …” for the period in which an action counts as recent: one review
    interval, which is given in days."""
    if interval == DAYS_PER_YEAR:
        return _("in the past year")
    return _("in the past %(days)s days") % {"days": interval}


def acted_text(acted: Mapping[str, int], interval: int) -> str:
    """Return how many commitments had an action in the past review interval, and for how many of
    these it was more than a statement. `acted` is counted as in `KindRollUp.acted`; `%(n)s` stands
    for the first number."""
    n, deeds = acted["any"], acted["beyond_statements"]
    values = {"n": "%(n)s", "deeds": deeds, "period": action_period(interval)}
    if n == 0:
        return _("no action recorded %(period)s") % values
    if deeds == n:
        return _("%(n)s with an action %(period)s") % values
    if deeds == 0:
        return _("%(n)s with a statement %(period)s and no other action") % values
    message = _("%(n)s with an action %(period)s, %(deeds)s of them with more than a statement")
    return message % values


def withdrawn_phrase(n: int) -> str:
    """Return how many events counted at the time of the clock and were withdrawn since; "" for
    none."""
    if not n:
        return ""
    message = ngettext(
        "%(n)s event that counted then was withdrawn since; its text is withheld.",
        "%(n)s events that counted then were withdrawn since; their texts are withheld.",
        n,
    )
    return message % {"n": n}


@dataclass(frozen=True)
class ActionWords:
    """What the page of a forum says over its list of actions, instead of an empty one (ever or for
    a period), and of a commitment without an action there. `%(day)s` in `since` stands for the
    first day of the period."""

    latest: str
    since: str
    none: str
    none_in_period: str
    none_there: str


def action_words(clock: Clock, *, has_successors: bool) -> ActionWords:
    """Return the words for actions at a forum; its lists include those at its successors. Under
    `known_at`, events count that were withdrawn since and are not shown."""
    there = ActionWords(
        latest=_("Latest actions there"),
        since=_("Actions there since %(day)s"),
        none=_("No action is on record there."),
        none_in_period=_("No action is on record there for this period."),
        none_there=_("No action is on record there."),
    )
    words = there
    if has_successors:
        words = replace(
            there,
            latest=_("Latest actions there or at its successors"),
            since=_("Actions there or at its successors since %(day)s"),
            none=_("No action is on record there or at its successors."),
            none_in_period=_("No action is on record there or at its successors for this period."),
        )
    if clock.known_at is None:
        return words
    hidden = _("Anything withdrawn since is left out.")
    return replace(
        words,
        none=join_sentences([words.none, hidden]),
        none_in_period=join_sentences([words.none_in_period, hidden]),
        none_there=join_sentences([words.none_there, hidden]),
    )


def criteria_phrase(counts: FindingCounts) -> str:
    """Return how many criteria are shown, in part and against: “3 of 5 criteria shown, 1 in part”,
    or “1 of 4 criteria in part” if none is shown."""
    shown, in_part, against = counts.shown, counts.in_part, counts.against
    if shown or not (in_part or against):
        first = _("%(n)s of %(total)s criteria shown") % {"n": shown, "total": counts.of}
    elif in_part:
        first = _("%(n)s of %(total)s criteria in part") % {"n": in_part, "total": counts.of}
    else:
        first = _("%(n)s of %(total)s criteria against") % {"n": against, "total": counts.of}
    phrases = [first]
    if in_part and shown:
        phrases.append(_("%(n)s in part") % {"n": in_part})
    if against and (shown or in_part):
        phrases.append(_("%(n)s against") % {"n": against})
    return join_list(phrases, COMMAS)
