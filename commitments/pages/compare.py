"""How the status of commitments changed between two dates, in words and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments import rollups
from commitments.choices import Movement
from commitments.pages.headline import CHANGE_PHRASES
from commitments.pages.phrases import CountedPhrase, counted_phrases
from commitments.pages.rows import ListedCommitment
from commitments.rollups.comparison import NET_CHANGES

# In the order of the sentence.
MOVEMENT_PHRASES: Mapping[Movement, Callable[[int], str]] = {
    movement: CHANGE_PHRASES[change] for movement, change in NET_CHANGES.items()
}


def movement_remarks(comparison: rollups.Comparison) -> list[str]:
    """Return what to know of a comparison: that an assessment had lapsed in between, and that the
    criteria have changed."""
    return [
        *([_("after a gap")] if comparison.after_gap else []),
        *([_("by other criteria")] if comparison.criteria_changed else []),
    ]


@dataclass(frozen=True)
class MovedCommitment:
    """A commitment in lists of the two days, with their comparison."""

    before: ListedCommitment
    after: ListedCommitment
    comparison: rollups.Comparison

    @property
    def remarks(self) -> list[str]:
        """What to know of the comparison: that an assessment had lapsed in between, and that the
        criteria have changed."""
        return movement_remarks(self.comparison)


@dataclass(frozen=True)
class MovementGroup:
    """The commitments of one movement."""

    movement: Movement
    rows: list[MovedCommitment]


def comparison_sentence(counts: Mapping[Movement, int]) -> list[CountedPhrase]:
    """Return a phrase for each movement that occurs: “1 improved, none worsened; 2 are unchanged.”

    Where something improved and nothing worsened, the sentence says that too.
    """
    phrases: list[tuple[Movement | None, int | str, str]] = [
        (None if code is Movement.UNCHANGED else code, n, phrase(n))
        for code, phrase in MOVEMENT_PHRASES.items()
        if (n := counts.get(code, 0))
    ]
    if counts.get(Movement.BETTER) and not counts.get(Movement.WORSE):
        phrases.insert(1, (None, "", _("none worsened")))
    comma, semicolon = pgettext("between counts", ", "), pgettext("between clauses", "; ")
    following = [comma if code is Movement.BETTER else semicolon for code, _n, _text in phrases]
    following[-1:] = [pgettext("end of counts", ".")]
    return counted_phrases(
        (*phrase, separator) for phrase, separator in zip(phrases, following, strict=False)
    )


def comparison_remarks(compared: Iterable[rollups.Comparison]) -> list[str]:
    """Return the sentences that count the commitments assessed again after a gap, and those
    assessed by other criteria, where there are any."""
    rows = list(compared)
    gaps = sum(row.after_gap for row in rows)
    criteria = sum(row.criteria_changed for row in rows)
    sentences = {
        ngettext(
            "%(n)s was assessed again after its assessment had lapsed.",
            "%(n)s were assessed again after their assessments had lapsed.",
            gaps,
        ): gaps,
        ngettext(
            "For %(n)s, the criteria have changed in between.",
            "For %(n)s, the criteria have changed in between.",
            criteria,
        ): criteria,
    }
    return [sentence % {"n": n} for sentence, n in sentences.items() if n]


def movement_groups(
    before: Mapping[int, Any], after: Iterable[Any], compared: Iterable[rollups.Comparison]
) -> list[MovementGroup]:
    """Return the commitments by movement, without those that are unchanged. `before` are those of
    the earlier day by id, `after` those of the later day in the order of `compared`."""
    found: dict[Movement, list[MovedCommitment]] = {code: [] for code in Movement}
    for row, comparison in zip(after, compared, strict=True):
        pair = ListedCommitment(before[row.pk]), ListedCommitment(row)
        found[comparison.movement].append(MovedCommitment(*pair, comparison))
    del found[Movement.UNCHANGED]
    return [MovementGroup(code, rows) for code, rows in found.items() if rows]
