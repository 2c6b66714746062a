"""The table of commitments in the columns of the Open Government Partnership (OGP).

See `docs/ogp-export.md`.
"""

from __future__ import annotations

from commitments.choices import Kind, Status
from commitments.exports.columns import Column, Columns, attribute_getter, column
from commitments.exports.commitments import COMMITMENT_COLUMNS, CommitmentRow
from commitments.texts.bilingual import Text

# OGP measures completion. A status that does not is left empty.
COMPLETION = {
    Status.COMPLETED: "Complete",
    Status.SUBSTANTIAL: "Substantial",
    Status.STARTED: "Limited",
    Status.NOT_STARTED: "Not Started",
    Status.NO_EVIDENCE: "No Evidence Available",
}


def completion(row: CommitmentRow) -> str:
    """Return OGP's completion; "NA" for a standing duty, which is never complete."""
    return "NA" if row.commitment.kind == Kind.STANDING else COMPLETION.get(row.status, "")


def _in_english(text: Text | None) -> str:
    """Return the English, or the Chinese if there is none: OGP's columns have one language."""
    return "" if text is None else text.en or text.zh


def _text_column(name: str, path: str, en: str, zh: str) -> Column:
    text_of = attribute_getter(path)
    return Column(name, lambda row: _in_english(text_of(row)), Text(en, zh))


def _supporting_offices(row: CommitmentRow) -> str:
    names = {office.code: office.name for office in row.commitment.supporting_offices.all()}
    return "; ".join(_in_english(names[code]) for code in sorted(names))


_STANDARD_COLUMNS: Columns = (
    column("Commitment Unique Identifier", "commitment.code", "Public identifier", "公开编号"),
    column(
        "Country/Locality",
        "commitment.plan.locality",
        "Country or locality of the plan, if given",
        "计划所属国家或地区（如已注明）",
    ),
    column(
        "Action Plan Number",
        "commitment.plan.plan_number",
        "Number of the action plan, if given",
        "行动计划编号（如已注明）",
    ),
    column("Commitment Number", "commitment.number", "Number in the plan", "计划内编号"),
    _text_column("Theme", "commitment.area.title", "Action area title", "行动领域标题"),
    _text_column(
        "Commitment Title",
        "commitment.title",
        "Short title, written for the tracker",
        "短标题（本系统自拟）",
    ),
    _text_column(
        "Short Title",
        "commitment.title",
        "Same as Commitment Title; the plan has no short titles",
        "同上（计划原文无短标题）",
    ),
    _text_column("Full Text", "commitment.text", "Verbatim text", "承诺原文"),
    column("Start Date", "commitment.start_on", "Start date", "开始日期"),
    column("End Date", "commitment.due_on", "Due date", "期限"),
    _text_column("Lead Institution", "commitment.lead_office.name", "Lead office", "牵头部门"),
    Column(
        "Supporting Institution(s)", _supporting_offices, Text("Supporting offices", "协办部门")
    ),
    Column(
        "Completion (Progress Report)",
        completion,
        Text("Derived from the status; see the table below", "由状态代码按下表换算"),
    ),
    column("URL", "url", "URL of the commitment's page", "承诺页面网址"),
)

# Our columns that have no equivalent among OGP's; in the file their names begin with "x_".
_EXTRA_COLUMNS = (
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
_BY_NAME = {column.name: column for column in COMMITMENT_COLUMNS}

OGP_COLUMNS: Columns = (
    *_STANDARD_COLUMNS,
    *(Column(f"x_{name}", _BY_NAME[name].value, _BY_NAME[name].meaning) for name in _EXTRA_COLUMNS),
)
