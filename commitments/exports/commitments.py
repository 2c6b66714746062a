"""Commitments as a table: each as it stands under the two clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from commitments.bilingual import Text
from commitments.choices import Status
from commitments.exports.columns import Column, Columns, listed, pair, plain
from commitments.models import Commitment


@dataclass(frozen=True)
class Row:
    """A commitment that was asked for `at` a clock. `url` is that of its page."""

    commitment: Any
    known_at: datetime | None
    url: str

    @property
    def status(self) -> Status:
        return Status(self.commitment.claim_status)


def rows(
    commitments: Iterable[Commitment], known_at: datetime | None, url: Callable[[Commitment], str]
) -> Iterator[Row]:
    return (Row(commitment, known_at, url(commitment)) for commitment in commitments)


def _codes(field: str, name: str) -> Callable[[Row], str]:
    """The codes or numbers of what a commitment is linked to."""
    many, one = attrgetter(f"commitment.{field}"), attrgetter(name)
    return lambda row: listed(one(linked) for linked in many(row).all())


COLUMNS: Columns = (
    plain("code", "commitment.code", "Public identifier", "公开编号"),
    plain("plan", "commitment.plan.code", "Code of the plan", "计划代码"),
    plain("number", "commitment.number", "Number in the plan", "计划内编号"),
    plain("area", "commitment.area.number", "Number of the action area", "行动领域编号"),
    *pair("area_title", "commitment.area.title", "Title of the action area", "行动领域标题"),
    plain("goal", "commitment.goal.number", "Number of the primary goal", "主要目标编号"),
    *pair("goal_title", "commitment.goal.title", "Title of the primary goal", "主要目标标题"),
    Column(
        "supporting_goals",
        _codes("supporting_goals", "number"),
        Text("Numbers of the goals that it also serves", "相关目标编号"),
    ),
    plain("kind", "commitment.kind", "Kind: deliverable or standing", "类型代码"),
    *pair("title", "commitment.title", "Short title, the tracker's own", "短标题（本系统自拟）"),
    *pair("text", "commitment.text", "Text, verbatim", "承诺原文"),
    plain("text_sha256", "commitment.text_sha256", "Digest of the text", "文本摘要值"),
    Column(
        "forums",
        _codes("partnerships", "forum.code"),
        Text("Codes of the forums that the text names", "原文提及的合作平台代码"),
    ),
    plain("lead_office", "commitment.lead_office.code", "Code of the lead office", "牵头部门代码"),
    Column(
        "supporting_offices",
        _codes("supporting_offices", "code"),
        Text("Codes of the supporting offices", "协办部门代码"),
    ),
    plain("start_on", "commitment.start_on", "Start", "开始日期"),
    plain("due_on", "commitment.due_on", "Deadline", "期限"),
    plain(
        "schedule",
        "commitment.schedule",
        "Schedule on the day of as_of",
        "截至as_of当日的期限情况代码",
    ),
    plain("status", "status.value", "Status: the current claim's", "状态代码"),
    *pair("status_label", "status.label", "Status in words", "状态名称"),
    plain(
        "effective_on", "commitment.claim_effective_on", "Day that the claim is about", "所述日期"
    ),
    plain(
        "date_precision",
        "commitment.claim_precision",
        "Whether that day stands for a day, a month or a year",
        "所述日期的精度",
    ),
    plain(
        "published_at",
        "commitment.claim_published_at",
        "When the claim was published, UTC",
        "状态发布时间（协调世界时）",
    ),
    plain(
        "update", "commitment.claim_id", "Id of the update that claims it", "判断出处的进展记录编号"
    ),
    plain("evidence_level", "commitment.claim_level", "Evidence level, 0 to 3", "依据等级，0至3"),
    plain(
        "freshness",
        "commitment.freshness",
        "How old the claim is: current, due, lapsed, or settled",
        "时效代码",
    ),
    plain(
        "updates",
        "commitment.update_count",
        "Published updates that count",
        "计入的已发布进展记录条数",
    ),
    plain("as_of", "commitment.day", "Day that the row is about", "数据截至日期"),
    plain(
        "known_at",
        "known_at",
        "With what was public at this moment, UTC; empty: with all that is recorded",
        "仅计入此时已公开的记录（协调世界时）；空白表示计入全部记录",
    ),
    plain("url", "url", "Page of the commitment", "承诺页面网址"),
)
