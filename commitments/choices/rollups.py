"""Readings of sets of commitments, movements of a commitment between two days, and the lengths of
periods."""

from __future__ import annotations

from datetime import date, timedelta

from commitments.choices.codes import Codes
from commitments.texts.bilingual import Text


class Reading(Codes):
    """The overall result of a set of commitments of one kind."""

    FULFILLED = (
        "fulfilled",
        "All fulfilled",
        "全部落实",
        Text("Every commitment of this kind counts as fulfilled.", "该类承诺全部计为已落实。"),
    )
    SOME = (
        "some",
        "Some progress recorded",
        "有所进展",
        Text(
            (
                "Not all count as fulfilled, but at least one counts as fulfilled or partly "
                "fulfilled."
            ),
            "并非全部计为已落实，但至少有一项计为已落实或部分落实。",
        ),
    )
    NONE = (
        "none",
        "No progress recorded",
        "未见进展",
        Text(
            "None counts as fulfilled or partly fulfilled, and none is unknown.",
            "没有一项计为已落实或部分落实，且没有一项情况不明。",
        ),
    )
    UNKNOWN = (
        "unknown",
        "Unknown",
        "情况不明",
        Text(
            "None counts as fulfilled or partly fulfilled, and at least one is unknown.",
            "没有一项计为已落实或部分落实，且至少有一项情况不明。",
        ),
    )
    EMPTY = (
        "empty",
        "Nothing to assess",
        "无可评估的承诺",
        Text("All are excluded from assessment.", "全部不纳入评估。"),
    )


class Movement(Codes):
    """How a commitment changed between two days; `rollups.movement_between` applies the rule."""

    WORSE = "worse", "Worsened", "退步"
    BETTER = "better", "Improved", "好转"
    BECAME_UNKNOWN = "became_unknown", "Became unknown", "评估失效"
    NEWLY_ASSESSED = "newly_assessed", "Newly assessed", "新作评估"
    OTHER = "other", "Other change", "其他变化"


class PeriodUnit(Codes):
    MONTH = "month", "Month", "月"
    QUARTER = "quarter", "Quarter", "季度"
    YEAR = "year", "Year", "年"

    @property
    def months(self) -> int:
        return {PeriodUnit.MONTH: 1, PeriodUnit.QUARTER: 3, PeriodUnit.YEAR: 12}[self]

    def name_of(self, day: date) -> str:
        """Return the name of the period that contains this day: `2024-05`, `2024-Q2` or `2024`."""
        if self is PeriodUnit.MONTH:
            return f"{day.year:04}-{day.month:02}"
        quarter = f"-Q{(day.month + 2) // 3}" if self is PeriodUnit.QUARTER else ""
        return f"{day.year:04}{quarter}"

    def end_of(self, day: date) -> date:
        """Return the last day of the period that contains this day."""
        last = (day.month - 1) // self.months * self.months + self.months
        if last == 12:  # noqa: PLR2004 - December
            return date(day.year, 12, 31)
        return date(day.year, last + 1, 1) - timedelta(days=1)
