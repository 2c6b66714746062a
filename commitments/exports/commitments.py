"""The table of commitments, with the status of each under the two clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from commitments.choices import Status
from commitments.exports.columns import Column, Columns, column, join_sorted, language_columns
from commitments.models import Commitment
from commitments.texts.bilingual import Text


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment queried with `at(clock)`, that clock's `known_at` and the URL of its page."""

    commitment: Any
    known_at: datetime | None
    url: str

    @property
    def status(self) -> Status:
        return Status(self.commitment.assessment_status)


def commitment_rows(
    commitments: Iterable[Commitment], known_at: datetime | None, url: Callable[[Commitment], str]
) -> Iterator[CommitmentRow]:
    return (CommitmentRow(commitment, known_at, url(commitment)) for commitment in commitments)


def _codes(field: str, name: str) -> Callable[[CommitmentRow], str]:
    """Return a function that gives the codes or numbers (`name`) of a row's related objects."""
    related, code = attrgetter(f"commitment.{field}"), attrgetter(name)
    return lambda row: join_sorted(code(item) for item in related(row).all())


COMMITMENT_COLUMNS: Columns = (
    column("code", "commitment.code", "Public identifier", "公开编号"),
    column("plan", "commitment.plan.code", "Plan code", "计划代码"),
    column("number", "commitment.number", "Number in the plan", "计划内编号"),
    column("area", "commitment.area.number", "Action area number", "行动领域编号"),
    *language_columns("area_title", "commitment.area.title", "Action area title", "行动领域标题"),
    column("goal", "commitment.goal.number", "Primary goal number", "主要目标编号"),
    *language_columns("goal_title", "commitment.goal.title", "Primary goal title", "主要目标标题"),
    Column(
        "supporting_goals",
        _codes("supporting_goals", "number"),
        Text("Supporting goal numbers", "相关目标编号"),
    ),
    column(
        "kind",
        "commitment.kind",
        "Kind: deliverable or standing",
        "承诺类型代码：deliverable为阶段性承诺，standing为长期性承诺",
    ),
    *language_columns(
        "title", "commitment.title", "Short title, written for the tracker", "短标题（本系统自拟）"
    ),
    *language_columns("text", "commitment.text", "Verbatim text", "承诺原文"),
    column("text_sha256", "commitment.text_sha256", "SHA-256 of the text", "原文的SHA-256摘要值"),
    Column(
        "forums",
        _codes("partnerships", "forum.code"),
        Text("Codes of the partner forums named in the text", "原文提及的合作机制与平台代码"),
    ),
    column("lead_office", "commitment.lead_office.code", "Lead office code", "牵头部门代码"),
    Column(
        "supporting_offices",
        _codes("supporting_offices", "code"),
        Text("Supporting office codes", "协办部门代码"),
    ),
    column("start_on", "commitment.start_on", "Start date", "开始日期"),
    column("due_on", "commitment.due_on", "Due date", "期限"),
    column(
        "schedule",
        "commitment.schedule",
        "Schedule on the as_of date",
        "as_of当日的期限情况代码",
    ),
    column(
        "status", "status.value", "Status code of the current assessment", "当前评估结论的状态代码"
    ),
    *language_columns("status_label", "status.label", "Status label", "状态名称"),
    column(
        "effective_on",
        "commitment.assessment_effective_on",
        "Date to which the commitment was assessed",
        "评估截至日期",
    ),
    column(
        "date_precision",
        "commitment.assessment_precision",
        "Precision of that date: day, month or year",
        "该日期的精度：day（日）、month（月）或year（年）",
    ),
    column(
        "published_at",
        "commitment.assessment_published_at",
        "Time of publication of the assessment, UTC",
        "评估结论发布时间（协调世界时）",
    ),
    column(
        "update",
        "commitment.assessment_id",
        "ID of the update that gives the assessment",
        "作出评估结论的进展记录编号",
    ),
    column(
        "evidence_level", "commitment.assessment_level", "Evidence level, 0 to 3", "佐证等级，0至3"
    ),
    column(
        "freshness",
        "commitment.freshness",
        "Freshness of the assessment: current, due, lapsed or settled",
        "时效代码：current（有效）、due（待复核）、lapsed（已失效）或settled（长期有效）",
    ),
    column(
        "updates",
        "commitment.update_count",
        "Number of published updates counted",
        "计入的已发布进展记录条数",
    ),
    column("as_of", "commitment.day", "Date to which the row refers", "数据截至日期"),
    column(
        "known_at",
        "known_at",
        "Counts only what was public at this time, UTC; if empty, everything on record",
        "仅计入截至该时间已公开的记录（协调世界时）；空白表示计入全部现有记录",
    ),
    column("url", "url", "URL of the commitment's page", "承诺页面网址"),
)
