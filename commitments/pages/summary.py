"""The status of a set of commitments as a sentence of plain counts that can be quoted.

Kinds are counted separately, each in its own words, and never added up. “None” is said only if it
is known: if assessments are missing or have lapsed, the sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from commitments.choices import Kind, Status, Tone
from commitments.rollups import Group, KindRollUp
from commitments.templatetags.tracker import on_day
from commitments.texts.lists import COUNTS, with_separators
from commitments.texts.phrases import CountedPhrase, counted_phrases

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class CountWords(NamedTuple):
    """How commitments of a tone or a status are counted, and what is said of a commitment that is
    the only one of its kind."""

    counted: Callable[[int], str]
    alone: StrPromise


class KindWords(NamedTuple):
    """How commitments of a kind are introduced and counted. These are whole phrases, so that each
    language can choose its order. `none` is said if no commitment is fulfilled, `none_known` if in
    addition some are unknown. The words of `statuses` replace those of a tone if all commitments
    counted under the tone have this one status. `alone` is said of a single commitment, in place
    of the introduction."""

    introduction: Callable[[int], str]
    alone: StrPromise
    none: StrPromise
    none_known: StrPromise
    tones: Mapping[Tone, CountWords]
    statuses: Mapping[Status, CountWords]


SHARED_TONES: Mapping[Tone, CountWords] = {
    Tone.UNKNOWN: CountWords(
        lambda n: ngettext("%(n)s is unknown", "%(n)s are unknown", n),
        gettext_lazy("whose status is unknown"),
    ),
    Tone.APART: CountWords(
        lambda n: ngettext("%(n)s is excluded", "%(n)s are excluded", n),
        gettext_lazy("which is excluded"),
    ),
}
UNASSESSED_ALONE = gettext_lazy("which has not been assessed yet")
KIND_WORDS: Mapping[Kind, KindWords] = {
    Kind.DELIVERABLE: KindWords(
        lambda n: ngettext("of %(n)s deliverable ", "of %(n)s deliverables ", n),
        gettext_lazy("%(n)s deliverable, %(what)s"),
        gettext_lazy("none is completed"),
        gettext_lazy("none is known to be completed"),
        {
            Tone.FULFILLED: CountWords(
                lambda n: ngettext("%(n)s is completed", "%(n)s are completed", n),
                gettext_lazy("which is completed"),
            ),
            Tone.PARTIAL: CountWords(
                lambda n: ngettext("%(n)s is under way", "%(n)s are under way", n),
                gettext_lazy("which is under way"),
            ),
            Tone.NONE: CountWords(
                lambda n: ngettext("%(n)s shows no progress", "%(n)s show no progress", n),
                gettext_lazy("which shows no progress"),
            ),
            Tone.ADVERSE: CountWords(
                lambda n: ngettext(
                    "%(n)s was not achieved by its deadline",
                    "%(n)s were not achieved by their deadlines",
                    n,
                ),
                gettext_lazy("which was not achieved by its deadline"),
            ),
            **SHARED_TONES,
        },
        # A stalled deliverable may meet some criteria, so “shows no progress” would be wrong.
        {
            Status.STALLED: CountWords(
                lambda n: ngettext("%(n)s has stalled", "%(n)s have stalled", n),
                gettext_lazy("which has stalled"),
            ),
            Status.NOT_STARTED: CountWords(
                lambda n: ngettext("%(n)s has not been started", "%(n)s have not been started", n),
                gettext_lazy("which has not been started"),
            ),
        },
    ),
    Kind.STANDING: KindWords(
        lambda n: ngettext("of %(n)s standing duty ", "of %(n)s standing duties ", n),
        gettext_lazy("%(n)s standing duty, %(what)s"),
        gettext_lazy("none is active"),
        gettext_lazy("none is known to be active"),
        {
            Tone.FULFILLED: CountWords(
                lambda n: ngettext("%(n)s is active", "%(n)s are active", n),
                gettext_lazy("which is active"),
            ),
            Tone.PARTIAL: CountWords(
                lambda n: ngettext("%(n)s is partly active", "%(n)s are partly active", n),
                gettext_lazy("which is partly active"),
            ),
            Tone.NONE: CountWords(
                lambda n: ngettext("%(n)s is not acted on", "%(n)s are not acted on", n),
                gettext_lazy("which is not acted on"),
            ),
            Tone.ADVERSE: CountWords(
                lambda n: ngettext(
                    "%(n)s has contrary action on record",
                    "%(n)s have contrary action on record",
                    n,
                ),
                gettext_lazy("which has contrary action on record"),
            ),
            **SHARED_TONES,
        },
        {},
    ),
}


def summarise(group: Group, day: date) -> list[CountedPhrase]:
    """Return the sentence on a group as of a day, with a phrase for each kind and each tone that
    occurs. The code of a phrase with a number holds the filters of the commitments that it
    counts."""
    parts = [(kind, part) for kind, part in group.kinds.items() if part.of]
    if not parts:
        return [CountedPhrase(None, "", _("No commitments."), "")]
    semicolon, end = pgettext("between clauses", "; "), pgettext("end of counts", ".")
    sentence = [
        phrase
        for index, (kind, part) in enumerate(parts, 1)
        for phrase in _clause(kind, part, end if index == len(parts) else semicolon)
    ]
    as_of = _("As of %(day)s, ") % {"day": on_day(day)}
    return [replace(sentence[0], before=as_of + sentence[0].before), *sentence[1:]]


def _words_of(words: KindWords, part: KindRollUp, tone: Tone) -> CountWords:
    """Return the words of a status if all commitments with this effective tone have that status and
    it has words of its own, else those of the tone."""
    found = [code for code, n in part.counts.items() if n and Status(code).rule.tone is tone]
    own = words.statuses.get(Status(found[0])) if len(found) == 1 else None
    return own or words.tones[tone]


def _clause(kind: Kind, part: KindRollUp, end: str) -> list[CountedPhrase]:
    """Return the phrases for one kind; `end` is the text after the last one."""
    words = KIND_WORDS[kind]
    if part.of == 1:
        return counted_phrases([(*_alone(kind, part), end)])
    phrases: list[tuple[Mapping[str, str] | None, int | str, str]] = [
        (_filters(kind, tone), n, _words_of(words, part, tone).counted(n))
        for tone in words.tones
        if (n := part.tones[tone])
    ]
    if part.counts[Status.UNASSESSED] == part.of:
        phrases = [(None, "", _("none has been assessed yet"))]
    elif part.assessable and not part.tones[Tone.FULFILLED]:
        none = words.none_known if part.tones[Tone.UNKNOWN] else words.none
        phrases.insert(0, (None, "", str(none)))
    counted = counted_phrases(
        (*phrase, following) for phrase, following in with_separators(phrases, COUNTS, end)
    )
    introduction = words.introduction(part.of) % {"n": part.of}
    return [replace(counted[0], before=introduction + counted[0].before), *counted[1:]]


def _alone(kind: Kind, part: KindRollUp) -> tuple[Mapping[str, str] | None, int | str, str]:
    """Return the filters of the one commitment of a kind, 1 and what is said of it; no filters and
    no number if nobody has assessed it."""
    words = KIND_WORDS[kind]
    if part.counts[Status.UNASSESSED]:
        return None, "", str(words.alone) % {"n": 1, "what": UNASSESSED_ALONE}
    [tone] = [tone for tone in words.tones if part.tones[tone]]
    what = _words_of(words, part, tone).alone
    return _filters(kind, tone), 1, str(words.alone) % {"n": "%(n)s", "what": what}


def _filters(kind: Kind, tone: Tone) -> Mapping[str, str]:
    return {"kind": kind.value, "tone": tone.value}
