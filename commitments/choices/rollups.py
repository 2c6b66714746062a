"""Readings of sets of commitments, movements of a commitment between two days, and the lengths of
periods."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class Reading(Codes):
    """The overall result of a set of commitments of one kind."""

    FULFILLED = (
        "fulfilled",
        _("All fulfilled"),
        _("Every commitment of this kind counts as fulfilled."),
    )
    SOME = (
        "some",
        _("Some progress recorded"),
        _("Not all count as fulfilled, but at least one counts as fulfilled or partly fulfilled."),
    )
    NONE = (
        "none",
        _("No progress recorded"),
        _("None counts as fulfilled or partly fulfilled, and none is unknown."),
    )
    UNKNOWN = (
        "unknown",
        _("Unknown"),
        _("None counts as fulfilled or partly fulfilled, and at least one is unknown."),
    )
    EMPTY = ("empty", _("Nothing to assess"), _("All are excluded from assessment."))


class Movement(Codes):
    """How a commitment changed between two days; `rollups.movement_between` applies the rule."""

    WORSE = "worse", _("Worsened"), _("Its status is lower on the scale of its kind.")
    BETTER = (
        "better",
        _("Improved"),
        _("Its status is higher on the scale of its kind, and no assessment had lapsed."),
    )
    FIRST_ASSESSED = (
        "first_assessed",
        _("First assessed"),
        _("It has an assessment on the later day only."),
    )
    EVIDENCE_FOUND = (
        "evidence_found",
        _("Now with evidence"),
        _("No evidence had been found on the earlier day; its status is now on the scale."),
    )
    REASSESSED = (
        "reassessed",
        _("Reassessed after a gap"),
        _("An assessment had lapsed before the one of the later day; the status is not lower."),
    )
    LAPSED = (
        "lapsed",
        _("Lapsed"),
        _("Its assessment has lapsed since the earlier day: it counts as unknown."),
    )
    NO_LONGER_EVIDENCED = (
        "no_longer_evidenced",
        _("No longer with evidence"),
        _("Its status was on the scale on the earlier day; no evidence was found for the later."),
    )
    NO_LONGER_ASSESSED = (
        "no_longer_assessed",
        _("No longer assessed"),
        _("It has an assessment on the earlier day only."),
    )
    OTHER = (
        "other",
        _("Changed otherwise"),
        _("Its status changed in another way from or to one that is not on the scale."),
    )
    UNCHANGED = (
        "unchanged",
        _("Unchanged"),
        _("Its status is as high on the scale of its kind, or had lapsed and was not renewed."),
    )


class UndefinedAlpha(Codes):
    """Why Krippendorff's alpha cannot be computed."""

    TOO_FEW = "too_few", _("Fewer than two were rated by a second person.")
    NO_VARIATION = "no_variation", _("All judgements are the same.")


class PeriodUnit(Codes):
    MONTH = "month", pgettext_lazy("period", "Month")
    QUARTER = "quarter", pgettext_lazy("period", "Quarter")
    YEAR = "year", pgettext_lazy("period", "Year")

    @property
    def months(self) -> int:
        return {PeriodUnit.MONTH: 1, PeriodUnit.QUARTER: 3, PeriodUnit.YEAR: 12}[self]

    def name_of(self, day: date) -> str:
        """Return the name of the period that contains this day: `2024-05`, `2024-Q2` or `2024`."""
        if self is PeriodUnit.MONTH:
            return f"{day.year:04}-{day.month:02}"
        quarter = f"-Q{(day.month + 2) // 3}" if self is PeriodUnit.QUARTER else ""
        return f"{day.year:04}{quarter}"

    def start_of(self, day: date) -> date:
        """Return the first day of the period that contains this day."""
        return date(day.year, (day.month - 1) // self.months * self.months + 1, 1)

    def end_of(self, day: date) -> date:
        """Return the last day of the period that contains this day."""
        last = (day.month - 1) // self.months * self.months + self.months
        if last == 12:  # noqa: PLR2004 - December
            return date(day.year, 12, 31)
        return date(day.year, last + 1, 1) - timedelta(days=1)
