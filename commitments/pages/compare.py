"""The comparison of two dates: how the status of each commitment changed between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments import rollups
from commitments.choices import Movement
from commitments.clocks import one_year_before
from commitments.form_fields import IsoDateField
from commitments.pages.base import CLOCKS, PlanPage, ignored_notice
from commitments.pages.phrases import CountedPhrase, counted_phrases
from commitments.pages.rows import ListedCommitment

# In the order of the sentence.
MOVEMENT_PHRASES: Mapping[Movement, Callable[[int], str]] = {
    Movement.BETTER: lambda n: ngettext("%(n)s improved", "%(n)s improved", n),
    Movement.WORSE: lambda n: ngettext("%(n)s worsened", "%(n)s worsened", n),
    Movement.FIRST_ASSESSED: lambda n: ngettext(
        "%(n)s was first assessed", "%(n)s were first assessed", n
    ),
    Movement.NO_LONGER_ASSESSED: lambda n: ngettext(
        "%(n)s is no longer assessed", "%(n)s are no longer assessed", n
    ),
    Movement.OTHER: lambda n: ngettext(
        "%(n)s changed in another way", "%(n)s changed in another way", n
    ),
    Movement.UNCHANGED: lambda n: ngettext("%(n)s is unchanged", "%(n)s are unchanged", n),
}


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
        after_gap, criteria = self.comparison.after_gap, self.comparison.criteria_changed
        return [
            *([_("after a gap")] if after_gap else []),
            *([_("by other criteria")] if criteria else []),
        ]


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


class ComparePage(PlanPage):
    """The comparison from `since` to the date shown, both with the record of the reader's clock."""

    template_name = "commitments/compare.html"
    parameters = (*CLOCKS, "since")

    @cached_property
    def since(self) -> date:
        """The date of the query, or else a year before the date shown."""
        given = self.query.get("since")
        if given:
            try:
                since: date = IsoDateField().clean(given)
            except forms.ValidationError as error:
                self.notices += [ignored_notice("since", message) for message in error.messages]
            else:
                if since <= self.day:
                    return since
                message = _("This date is after the date shown.")
                self.notices.append(ignored_notice("since", message))
        return one_year_before(self.day)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        now: list[Any] = list(self.listed)
        clock = replace(self.clock, as_of=self.since)
        rows = self.plan.commitments.select_related("goal", "area", "lead_office")
        then = {row.pk: row for row in rows.at(clock, self.plan.review_periods(clock))}
        record = self.read_record([row.pk for row in now])
        compared = rollups.compare(record, record, self.since, self.day)
        found: dict[Movement, list[MovedCommitment]] = {code: [] for code in Movement}
        for row, comparison in zip(now, compared, strict=True):
            pair = ListedCommitment(then[row.pk]), ListedCommitment(row)
            found[comparison.movement].append(MovedCommitment(*pair, comparison))
        return super().get_context_data(
            since=self.since,
            phrases=comparison_sentence({code: len(pairs) for code, pairs in found.items()}),
            remarks=comparison_remarks(compared),
            movements=[
                MovementGroup(code, found[code])
                for code in Movement
                if found[code] and code is not Movement.UNCHANGED
            ],
            **kwargs,
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
