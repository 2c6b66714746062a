"""Commitments in the columns of the Open Government Partnership's data: `docs/ogp-export.md`."""

from __future__ import annotations

from commitments.bilingual import Text
from commitments.choices import Kind, Status
from commitments.exports.columns import Column, Columns, at, plain
from commitments.exports.commitments import COLUMNS as OURS
from commitments.exports.commitments import Row

# The scale of its progress reports measures completion; what says nothing of that stays empty.
COMPLETION = {
    Status.COMPLETED: "Complete",
    Status.SUBSTANTIAL: "Substantial",
    Status.STARTED: "Limited",
    Status.NOT_STARTED: "Not Started",
    Status.NO_EVIDENCE: "No Evidence Available",
}


def completion(row: Row) -> str:
    """A standing duty has no end to be complete at."""
    return "NA" if row.commitment.kind == Kind.STANDING else COMPLETION.get(row.status, "")


def _in_english(text: Text | None) -> str:
    """Its columns have one language; Chinese stands in where a plan has no English."""
    return "" if text is None else text.en or text.zh


def _words(name: str, path: str, en: str, zh: str) -> Column:
    follow = at(path)
    return Column(name, lambda row: _in_english(follow(row)), Text(en, zh))


def _supporting(row: Row) -> str:
    names = {office.code: office.name for office in row.commitment.supporting_offices.all()}
    return "; ".join(_in_english(names[code]) for code in sorted(names))


_THEIRS: Columns = (
    plain("Commitment Unique Identifier", "commitment.code", "Public identifier", "公开编号"),
    plain(
        "Country/Locality",
        "commitment.plan.locality",
        "Of the plan, if it says so",
        "国家或地区（计划有说明时）",
    ),
    plain(
        "Action Plan Number",
        "commitment.plan.plan_number",
        "Of the plan, if it says so",
        "行动计划编号（计划有说明时）",
    ),
    plain("Commitment Number", "commitment.number", "Number in the plan", "计划内编号"),
    _words("Theme", "commitment.area.title", "Title of the action area", "行动领域标题"),
    _words(
        "Commitment Title",
        "commitment.title",
        "Short title, the tracker's own",
        "短标题（本系统自拟）",
    ),
    _words("Short Title", "commitment.title", "The same: the plan prints none", "同上"),
    _words("Full Text", "commitment.text", "Text, verbatim", "承诺原文"),
    plain("Start Date", "commitment.start_on", "Start", "开始日期"),
    plain("End Date", "commitment.due_on", "Deadline", "期限"),
    _words("Lead Institution", "commitment.lead_office.name", "Lead office", "牵头部门"),
    Column("Supporting Institution(s)", _supporting, Text("Supporting offices", "协办部门")),
    Column(
        "Completion (Progress Report)",
        completion,
        Text("From the status, by the table below", "由状态代码按下表换算"),
    ),
    plain("URL", "url", "Page of the commitment", "承诺页面网址"),
)

# What its columns have no place for.
_KEPT = (
    "plan",
    "kind",
    "status",
    "status_label_en",
    "status_label_zh",
    "effective_on",
    "date_precision",
    "published_at",
    "update",
    "evidence_level",
    "freshness",
    "schedule",
    "area",
    "area_title_zh",
    "goal",
    "supporting_goals",
    "title_zh",
    "text_zh",
    "forums",
    "as_of",
    "known_at",
)
_BY_NAME = {column.name: column for column in OURS}

COLUMNS: Columns = (
    *_THEIRS,
    *(Column(f"x_{name}", _BY_NAME[name].value, _BY_NAME[name].meaning) for name in _KEPT),
)
