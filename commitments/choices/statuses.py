"""Kinds, statuses and their rules, freshness and schedule, as docs/methodology.md defines them."""

from __future__ import annotations

from dataclasses import dataclass

from commitments.choices.codes import Codes
from commitments.texts.bilingual import Text

# The version of the methodology, published with statuses and roll-ups.
METHODOLOGY = 1


class Kind(Codes):
    """The kind of a commitment; each kind has its own scale of statuses."""

    DELIVERABLE = "deliverable", "Deliverable", "阶段性承诺"
    STANDING = "standing", "Standing duty", "长期性承诺"


class Tone(Codes):
    """What a status counts as, whatever its kind; charts use this order."""

    FULFILLED = "fulfilled", "Fulfilled", "已落实"
    PARTIAL = "partial", "Partly fulfilled", "部分落实"
    NONE = "none", "No progress", "无进展"
    ADVERSE = "adverse", "Adverse", "不利"
    UNKNOWN = "unknown", "Unknown", "情况不明"
    APART = "apart", "Excluded", "不纳入评估"


class Status(Codes):
    """The status of a commitment. Its `rule` holds what the code means and requires."""

    UNASSESSED = "unassessed", "Not yet assessed", "尚未评估"
    NOT_STARTED = "not_started", "Not started", "未启动"
    STARTED = "started", "Started", "已启动"
    SUBSTANTIAL = "substantial", "Substantial progress", "取得实质进展"
    COMPLETED = "completed", "Completed", "已完成"
    STALLED = "stalled", "Stalled", "进展停滞"
    NOT_ACHIEVED = "not_achieved", "Deadline passed, not achieved", "到期未完成"
    ACTIVE = "active", "Active", "持续履行"
    PARTLY_ACTIVE = "partly_active", "Partly active", "部分履行"
    INACTIVE = "inactive", "Not acted on", "未履行"
    CONTRARY = "contrary", "Contrary action recorded", "存在与承诺相悖的行为"
    NO_EVIDENCE = "no_evidence", "No evidence of fulfilment found", "未查到公开佐证"
    NOT_VERIFIABLE = "not_verifiable", "Cannot be assessed as written", "原文表述无法核验"
    WITHDRAWN = "withdrawn", "No longer pursued", "不再推进"

    @property
    def rule(self) -> StatusRule:
        return STATUS_RULES[self]


@dataclass(frozen=True)
class StatusRule:
    """The rule of a status: one row of the methodology's table.

    `least_evidence` is the evidence level (0 to 3) that an assessment requires; with `search_note`
    it also requires a note on the search. A `final` status ends the schedule. A `settled` one never
    lapses: time alone does not weaken a final or adverse assessment.
    """

    kinds: tuple[Kind, ...]
    tone: Tone
    definition: Text
    least_evidence: int = 0
    search_note: bool = False
    final: bool = False
    settled: bool = False


_DELIVERABLE = (Kind.DELIVERABLE,)

_STANDING = (Kind.STANDING,)

_BOTH = (Kind.DELIVERABLE, Kind.STANDING)

STATUS_RULES: dict[Status, StatusRule] = {
    Status.UNASSESSED: StatusRule(
        _BOTH,
        Tone.UNKNOWN,
        Text("No assessment has been published yet.", "尚未发布评估结论。"),
    ),
    Status.NOT_STARTED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        Text("Sources show that work has not begun.", "有来源表明工作尚未启动。"),
        least_evidence=1,
    ),
    Status.STARTED: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        Text(
            "Work has begun, but most of the end state has yet to be reached.",
            "工作已经启动，但预期成果大部分尚未实现。",
        ),
        least_evidence=1,
    ),
    Status.SUBSTANTIAL: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        Text(
            (
                "Most of the end state has been reached, as shown by a formally adopted record "
                "or a third-party source."
            ),
            "预期成果大部分已经实现，并有正式通过的文件或第三方来源佐证。",
        ),
        least_evidence=2,
    ),
    Status.COMPLETED: StatusRule(
        _DELIVERABLE,
        Tone.FULFILLED,
        Text(
            (
                "The end state has been reached, as shown by a formally adopted record or a "
                "third-party source."
            ),
            "预期成果已经实现，并有正式通过的文件或第三方来源佐证。",
        ),
        least_evidence=2,
        final=True,
        settled=True,
    ),
    Status.STALLED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        Text(
            "Work had begun, but sources show that it has stalled.",
            "工作曾经启动，但有来源表明现已停滞。",
        ),
        least_evidence=1,
    ),
    Status.NOT_ACHIEVED: StatusRule(
        _DELIVERABLE,
        Tone.ADVERSE,
        Text(
            "The due date has passed and the end state has not been reached.",
            "承诺期限已过，预期成果尚未实现。",
        ),
        least_evidence=1,
        final=True,
        settled=True,
    ),
    Status.ACTIVE: StatusRule(
        _STANDING,
        Tone.FULFILLED,
        Text(
            (
                "The duty as a whole was acted on in the period, as shown by a formally adopted "
                "record or a third-party source."
            ),
            "本期内该项承诺整体得到履行，并有正式通过的文件或第三方来源佐证。",
        ),
        least_evidence=2,
    ),
    Status.PARTLY_ACTIVE: StatusRule(
        _STANDING,
        Tone.PARTIAL,
        Text(
            "Part of the duty was acted on in the period.",
            "本期内该项承诺部分得到履行。",
        ),
        least_evidence=1,
    ),
    Status.INACTIVE: StatusRule(
        _STANDING,
        Tone.NONE,
        Text(
            "Sources show that the duty was not acted on in the period.",
            "有来源表明本期内该项承诺未得到履行。",
        ),
        least_evidence=1,
    ),
    Status.CONTRARY: StatusRule(
        _STANDING,
        Tone.ADVERSE,
        Text(
            (
                "A formally adopted record or a third-party source shows action contrary to the "
                "duty."
            ),
            "正式通过的文件或第三方来源表明存在与该项承诺相悖的行为。",
        ),
        least_evidence=2,
        settled=True,
    ),
    Status.NO_EVIDENCE: StatusRule(
        _BOTH,
        Tone.UNKNOWN,
        Text(
            "A search found no public evidence; the search note gives its scope.",
            "经检索未查到公开佐证；检索范围见检索说明。",
        ),
        search_note=True,
    ),
    Status.NOT_VERIFIABLE: StatusRule(
        _BOTH,
        Tone.APART,
        Text(
            (
                "No source could show whether the commitment, as worded, is fulfilled; the "
                "search note gives the reason."
            ),
            "按原文表述，任何来源都无法证明该项承诺是否得到落实；理由见检索说明。",
        ),
        search_note=True,
        final=True,
        settled=True,
    ),
    Status.WITHDRAWN: StatusRule(
        _BOTH,
        Tone.APART,
        Text(
            "Sources show that the commitment is no longer pursued.",
            "有来源表明该项承诺已不再推进。",
        ),
        least_evidence=1,
        final=True,
        settled=True,
    ),
}


def statuses_for(kind: str) -> list[Status]:
    """Return the statuses that an update may give to a commitment of this kind."""
    return [
        status
        for status, rule in STATUS_RULES.items()
        if kind in rule.kinds and status is not Status.UNASSESSED
    ]


def statuses_where(**values: object) -> list[str]:
    """Return the codes of the statuses whose rules have these values.

    For example `statuses_where(tone=Tone.APART)`.
    """
    return [
        status.value
        for status, rule in STATUS_RULES.items()
        if all(getattr(rule, name) == value for name, value in values.items())
    ]


class Freshness(Codes):
    """The age of an assessment on a day, in review intervals of the plan."""

    CURRENT = "current", "Current", "有效"
    DUE = "due", "Due for review", "待复核"
    LAPSED = "lapsed", "Lapsed", "已失效"
    SETTLED = "settled", "Final", "长期有效"


class Schedule(Codes):
    """Whether a commitment meets its due dates on a day."""

    NONE = "none", "No dates set", "未设期限"
    ON_SCHEDULE = "on_schedule", "On schedule", "按期"
    OVERDUE = "overdue", "Overdue", "逾期"
