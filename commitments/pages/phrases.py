"""Phrases that several pages use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAYS_PER_YEAR = 365


@dataclass(frozen=True)
class CountedPhrase:
    """A phrase around a number, so that the number can be a link.

    `code` is what the number counts; `n` is "" where the phrase has no number.
    """

    code: Any
    n: int | str
    before: str
    after: str


def counted_phrases(phrases: Iterable[tuple[Any, int | str, str, str]]) -> list[CountedPhrase]:
    """Return phrases from (code, number, text with `%(n)s`, separator that follows)."""
    found = []
    for code, n, text, following in phrases:
        before, _number, after = text.partition("%(n)s")
        found.append(CountedPhrase(code, n, before, after + following))
    return found


def commitments_phrase(n: int) -> str:
    """Return “2 commitments”."""
    return ngettext("%(n)s commitment", "%(n)s commitments", n) % {"n": n}


def activity_period(interval: int) -> str:
    """Return the two review intervals, in days, in which activity at a forum counts: “in the past
    …”."""
    if interval == DAYS_PER_YEAR:
        return _("in the past two years")
    return _("in the past %(days)s days") % {"days": 2 * interval}


def renewal_period(interval: int) -> str:
    """Return the two review intervals, in days, after which an assessment lapses: “within …”."""
    if interval == DAYS_PER_YEAR:
        return _("within two years")
    return _("within %(days)s days") % {"days": 2 * interval}
