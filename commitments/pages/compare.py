"""How the status of commitments changed between two dates, in words and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments import rollups
from commitments.choices import Movement
from commitments.pages.headline import movement_phrases
from commitments.pages.rows import ListedCommitment
from commitments.texts.phrases import CountedPhrase, counted_phrases


def movement_remarks(comparison: rollups.Comparison) -> list[str]:
    """Return remarks on a comparison in addition to its movement: that an assessment had lapsed in
    between, and that the criteria have changed."""
    return [
        *([_("after a gap")] if _gap_is_news(comparison) else []),
        *([_("by other criteria")] if comparison.criteria_changed else []),
    ]


def _gap_is_news(comparison: rollups.Comparison) -> bool:
    """Return whether there was a gap that the movement does not already imply."""
    return comparison.after_gap and comparison.movement is not Movement.REASSESSED


@dataclass(frozen=True)
class MovedCommitment:
    """A commitment in a list of movements, with the comparison of the two days."""

    before: ListedCommitment
    after: ListedCommitment
    comparison: rollups.Comparison

    @property
    def remarks(self) -> list[str]:
        """The remarks on the comparison in addition to its movement."""
        return movement_remarks(self.comparison)


@dataclass(frozen=True)
class MovementGroup:
    """The commitments that share a movement."""

    movement: Movement
    rows: list[MovedCommitment]


def comparison_sentence(counts: Mapping[Movement, int], *, all_known: bool) -> list[CountedPhrase]:
    """Return a phrase for each movement that occurs: “1 improved, none worsened; 2 are unchanged.”
    For `all_known` see `movement_phrases`."""
    phrases = movement_phrases(counts, all_known=all_known)
    comma, semicolon = pgettext("between counts", ", "), pgettext("between clauses", "; ")
    # “Improved” and “worsened” are a pair, with a comma between them.
    is_pair = bool(counts.get(Movement.WORSE)) or all_known
    following = [
        comma if code is Movement.BETTER and is_pair else semicolon for code, _n, _text in phrases
    ]
    following[-1:] = [pgettext("end of counts", ".")]
    return counted_phrases(
        (None if code is Movement.UNCHANGED else code, n, text, separator)
        for (code, n, text), separator in zip(phrases, following, strict=False)
    )


def comparison_remarks(compared: Iterable[rollups.Comparison]) -> list[str]:
    """Return sentences that count the commitments assessed again after a gap that their movement
    does not imply, and those assessed by other criteria; none if there are no such commitments."""
    rows = list(compared)
    gaps = sum(_gap_is_news(row) for row in rows)
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
    """Return the commitments grouped by movement, without unchanged ones. `before` are the
    commitments on the earlier day, by id; `after` those on the later day, in the order of
    `compared`."""
    found: dict[Movement, list[MovedCommitment]] = {code: [] for code in Movement}
    for row, comparison in zip(after, compared, strict=True):
        pair = ListedCommitment(before[row.pk]), ListedCommitment(row)
        found[comparison.movement].append(MovedCommitment(*pair, comparison))
    del found[Movement.UNCHANGED]
    return [MovementGroup(code, rows) for code, rows in found.items() if rows]
