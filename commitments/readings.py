"""Codes of what a set of commitments amounts to, and of what became of one between two days."""

from __future__ import annotations

from commitments.bilingual import Text
from commitments.choices import Codes


class Reading(Codes):
    """What a set of commitments of one kind amounts to, in a word."""

    FULFILLED = (
        "fulfilled",
        "Fulfilled",
        "全部落实",
        Text("Every commitment of the kind counts as fulfilled.", "该类承诺全部计为已落实。"),
    )
    SOME = (
        "some",
        "Some progress recorded",
        "有所进展",
        Text(
            "Not all, but at least one counts as fulfilled or in part.",
            "并非全部已落实，但至少有一项计为已落实或部分落实。",
        ),
    )
    NONE = (
        "none",
        "No progress recorded",
        "未见进展",
        Text(
            "None counts as fulfilled or in part, and none is unknown.",
            "没有一项计为已落实或部分落实，也没有一项情况不明。",
        ),
    )
    UNKNOWN = (
        "unknown",
        "Unknown",
        "情况不明",
        Text(
            "None counts as fulfilled or in part, and at least one is unknown.",
            "没有一项计为已落实或部分落实，且至少有一项情况不明。",
        ),
    )
    EMPTY = (
        "empty",
        "Nothing to assess",
        "没有可评估的承诺",
        Text("All are set apart.", "全部不纳入评估。"),
    )


class Turn(Codes):
    """What became of a commitment between two days, by what it counts as: `rollups.turn`."""

    WORSE = "worse", "Worse", "变差"
    BETTER = "better", "Better", "变好"
    LOST = "lost", "No longer known", "转为情况不明"
    FOUND = "found", "Known by now", "由情况不明转为已知"
    OTHER = "other", "Otherwise changed", "其他变化"
