"""Every code with its label in both languages, and the table of statuses: docs/methodology.md."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from commitments.bilingual import Text

METHODOLOGY = 1


UNDEFINED = Text()


class Codes(StrEnum):
    """A closed list of codes; each member has a bilingual `label`, and where one is given a
    `definition`."""

    label: Text
    definition: Text

    def __new__(cls, value: str, en: str = "", zh: str = "", definition: Text = UNDEFINED) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = Text(en, zh)
        member.definition = definition
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Text]]:
        """For a model field's `choices`, by reference: a new label needs no migration."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def in_english(cls) -> list[tuple[str, str]]:
        """For descriptions whose language does not change."""
        return [(member.value, member.label.en) for member in cls]

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]


class Kind(Codes):
    """What sort of undertaking a commitment is; each sort has its own scale of statuses."""

    DELIVERABLE = "deliverable", "Deliverable", "成果类"
    STANDING = "standing", "Standing duty", "持续类"


class Tone(Codes):
    """How a status reads on its own scale; bars show them in this order."""

    FULFILLED = "fulfilled", "Fulfilled", "已落实"
    PARTIAL = "partial", "In part", "部分落实"
    NONE = "none", "No progress", "无进展"
    ADVERSE = "adverse", "Adverse", "负面结论"
    UNKNOWN = "unknown", "Unknown", "情况不明"
    APART = "apart", "Set apart", "不纳入评估"


class Status(Codes):
    """Where a commitment stands. What each code means and needs is its `rule`."""

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
    CONTRARY = "contrary", "Contrary action recorded", "出现相悖行动"
    NO_EVIDENCE = "no_evidence", "No evidence found", "未见公开依据"
    NOT_VERIFIABLE = "not_verifiable", "Cannot be assessed as written", "文本不可核验"
    WITHDRAWN = "withdrawn", "No longer pursued", "不再推进"

    @property
    def rule(self) -> StatusRule:
        return STATUS_RULES[self]


@dataclass(frozen=True)
class StatusRule:
    """One row of the methodology's table.

    `least_evidence` is the evidence level (0 to 3) that a claim needs; `search_note` says that it
    needs a note of what was looked for as well. A `final` status closes a schedule; a `settled`
    one does not age, since waiting does not fade a final or adverse finding.
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
        Text("No published update claims a status yet.", "尚未发布任何状态判断。"),
    ),
    Status.NOT_STARTED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        Text("Sources show that work has not begun.", "来源表明工作尚未开始。"),
        least_evidence=1,
    ),
    Status.STARTED: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        Text(
            "Work has begun; the greater part of the end state is still to be reached.",
            "工作已经开始，预期成果大部分尚待实现。",
        ),
        least_evidence=1,
    ),
    Status.SUBSTANTIAL: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        Text(
            "The greater part of the end state is reached, shown by an adopted record or an "
            "independent source.",
            "预期成果大部分已经实现，并有正式文件或独立来源佐证。",
        ),
        least_evidence=2,
    ),
    Status.COMPLETED: StatusRule(
        _DELIVERABLE,
        Tone.FULFILLED,
        Text(
            "The end state is reached, shown by an adopted record or an independent source.",
            "预期成果已经实现，并有正式文件或独立来源佐证。",
        ),
        least_evidence=2,
        final=True,
        settled=True,
    ),
    Status.STALLED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        Text(
            "Work had begun, and sources show that it no longer moves.",
            "工作曾经开始，来源表明现已停滞。",
        ),
        least_evidence=1,
    ),
    Status.NOT_ACHIEVED: StatusRule(
        _DELIVERABLE,
        Tone.ADVERSE,
        Text(
            "The commitment's due date has passed without the end state being reached.",
            "承诺的期限已过，预期成果未实现。",
        ),
        least_evidence=1,
        final=True,
        settled=True,
    ),
    Status.ACTIVE: StatusRule(
        _STANDING,
        Tone.FULFILLED,
        Text(
            "The duty as a whole was acted on in the period, shown by an adopted record or an "
            "independent source.",
            "本期内该项承诺整体得到履行，并有正式文件或独立来源佐证。",
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
            "来源表明本期内该项承诺未得到履行。",
        ),
        least_evidence=1,
    ),
    Status.CONTRARY: StatusRule(
        _STANDING,
        Tone.ADVERSE,
        Text(
            "Action against the duty is shown by an adopted record or an independent source.",
            "正式文件或独立来源显示出现与该项承诺相悖的行动。",
        ),
        least_evidence=2,
        settled=True,
    ),
    Status.NO_EVIDENCE: StatusRule(
        _BOTH,
        Tone.UNKNOWN,
        Text(
            "It was looked for, and nothing was found; the search note says where.",
            "经检索未见公开依据；检索范围见检索说明。",
        ),
        search_note=True,
    ),
    Status.NOT_VERIFIABLE: StatusRule(
        _BOTH,
        Tone.APART,
        Text(
            "As worded, no source could show whether it is fulfilled; the search note says why.",
            "按现有表述，任何来源都无法证明是否履行；理由见检索说明。",
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
            "来源表明该项承诺不再推进。",
        ),
        least_evidence=1,
        final=True,
        settled=True,
    ),
}


def statuses_for(kind: str) -> list[Status]:
    """The statuses that an update may claim for a commitment of this kind."""
    return [
        status
        for status, rule in STATUS_RULES.items()
        if kind in rule.kinds and status is not Status.UNASSESSED
    ]


def statuses_where(**facts: object) -> list[str]:
    """Codes of the statuses whose rule has these facts, e.g. `statuses_where(tone=Tone.APART)`."""
    return [
        status.value
        for status, rule in STATUS_RULES.items()
        if all(getattr(rule, fact) == value for fact, value in facts.items())
    ]


class Source(Codes):
    """What stands behind a piece of evidence; its place in the list is its evidence level."""

    STATEMENT = (
        "statement",
        "Statement by a party concerned",
        "当事方陈述",
        Text(
            "What the plan's owner says of itself, or an accusation by one party to a dispute.",
            "计划制定方对自身情况的陈述，或争议一方的指控。",
        ),
    )
    OFFICIAL = (
        "official",
        "Formally adopted record",
        "正式通过的文件",
        Text(
            "A legally or formally adopted record: a law, treaty, resolution or jointly adopted "
            "declaration.",
            "依法或正式通过的文件：法律、条约、决议或共同通过的宣言。",
        ),
    )
    INDEPENDENT = (
        "independent",
        "Independent source",
        "独立来源",
        Text("A source that the plan's owner does not control.", "不受计划制定方控制的来源。"),
    )

    @property
    def level(self) -> int:
        return list(Source).index(self) + 1


EVIDENCE_LEVELS = (Text("No public evidence", "无公开依据"), *(source.label for source in Source))


class EvidenceKind(Codes):
    RESOLUTION = "resolution", "Resolution", "决议"
    DECLARATION = "declaration", "Declaration", "宣言"
    AGREEMENT = "agreement", "Agreement", "条约、协定"
    LAW = "law", "Law or regulation", "法律法规"
    MEETING_RECORD = "meeting_record", "Meeting record", "会议记录"
    REPORT = "report", "Report", "报告"
    STATEMENT = "statement", "Statement", "声明、发言"
    NEWS = "news", "News", "新闻报道"


class ForumKind(Codes):
    UN_BODY = "un_body", "United Nations body", "联合国机构"
    REGIONAL_ORGANISATION = "regional_organisation", "Regional organisation", "区域组织和机制"
    DIALOGUE = "dialogue", "Dialogue", "对话机制"
    MULTISTAKEHOLDER = "multistakeholder", "Multistakeholder body", "多利益攸关方平台"
    SUMMIT_OR_CONFERENCE = "summit_or_conference", "Summit or conference", "峰会或会议"
    INITIATIVE = "initiative", "Initiative", "倡议"
    BILATERAL = "bilateral", "Bilateral channel", "双边渠道"


class DatePrecision(Codes):
    DAY = "day", "Day", "日"
    MONTH = "month", "Month", "月"
    YEAR = "year", "Year", "年"


class State(Codes):
    """Where a progress update is in the workflow."""

    DRAFT = "draft", "Draft", "草稿"
    SUBMITTED = "submitted", "Submitted", "待审核"
    RETURNED = "returned", "Returned", "已退回"
    DISCARDED = "discarded", "Discarded", "已作废"
    PUBLISHED = "published", "Published", "已发布"
    SUPERSEDED = "superseded", "Superseded", "已被更正"
    RETRACTED = "retracted", "Retracted", "已撤回"


EDITABLE_STATES = (State.DRAFT, State.RETURNED)
PUBLIC_STATES = (State.PUBLISHED, State.SUPERSEDED, State.RETRACTED)


class Action(Codes):
    """An act that the ledger records."""

    SUBMIT = "submit", "Submit for review", "提交审核"
    RECALL = "recall", "Recall", "收回"
    DISCARD = "discard", "Discard", "作废"
    RETURN = "return", "Return to author", "退回"
    PUBLISH = "publish", "Publish", "发布"
    SUPERSEDE = "supersede", "Superseded by a correction", "被更正取代"
    RETRACT = "retract", "Retract", "撤回"
    ARCHIVE = "archive", "Add an archived address", "添加存档地址"
    REASSIGN = "reassign", "Hand over to another author", "移交"
    LOAD = "load", "Plan loaded", "导入计划"
    AMEND = "amend", "Plan amended", "修订计划"


PUBLIC_ACTIONS = (
    Action.PUBLISH,
    Action.SUPERSEDE,
    Action.RETRACT,
    Action.ARCHIVE,
    Action.AMEND,
    Action.LOAD,
)
# A published update's note to its author is internal; the other public acts give their reason.
PUBLIC_NOTE_ACTIONS = tuple(action for action in PUBLIC_ACTIONS if action is not Action.PUBLISH)


class Role(Codes):
    """What a person may do; each is a Django group named by its English label."""

    REPORTER = "reporter", "Reporter", "填报人"
    REVIEWER = "reviewer", "Reviewer", "审核人"
    CURATOR = "curator", "Curator", "计划管理员"

    @property
    def group(self) -> str:
        return self.label.en


SYSTEM_ROLE = "system"


class Freshness(Codes):
    """How old a claim is, at a day."""

    CURRENT = "current", "Current", "有效"
    DUE = "due", "Due for review", "待复核"
    LAPSED = "lapsed", "Lapsed", "已过期"
    SETTLED = "settled", "Settled", "已定论"


class Schedule(Codes):
    """Whether a commitment keeps its dates, at a day."""

    NONE = "none", "No dates set", "未设期限"
    ON_SCHEDULE = "on_schedule", "On schedule", "按期"
    OVERDUE = "overdue", "Overdue", "逾期"
