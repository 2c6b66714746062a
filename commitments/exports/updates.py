"""The table of updates, each with the content that the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commitments.choices import Status
from commitments.exports.columns import Columns, column, join_sorted, language_columns
from commitments.models import Evidence, ProgressUpdate
from commitments.texts.bilingual import NO_TEXT, Text
from commitments.workflow import PublicView, public_view

if TYPE_CHECKING:
    from commitments.roles import Person


@dataclass(frozen=True)
class UpdateRow:
    """The content of an update that the reader may see, and its URL on the commitment's page."""

    update: PublicView
    url: str

    @property
    def status_label(self) -> Text:
        return Status(self.update.status).label if self.update.status else NO_TEXT

    @property
    def forums(self) -> str:
        return join_sorted(forum.code for forum in self.update.forums)

    @property
    def evidence(self) -> str:
        return "\n".join(_evidence_line(item) for item in self.update.evidence)


def update_rows(
    updates: Iterable[ProgressUpdate], user: Person, url: Callable[[ProgressUpdate], str]
) -> Iterator[UpdateRow]:
    """Return the rows of updates that were read `with_related_content`."""
    return (UpdateRow(public_view(update, user), url(update)) for update in updates)


def _evidence_line(item: Evidence) -> str:
    place = item.url or item.citation or item.file_name
    parts = (item.title, item.publisher, place, item.archived_url)
    return f"[{item.source}] " + " | ".join(part for part in parts if part)


UPDATE_COLUMNS: Columns = (
    column("id", "update.id", "ID of the update", "进展记录编号"),
    column(
        "commitment",
        "update.commitment.code",
        "Public identifier of the commitment",
        "承诺公开编号",
    ),
    column("plan", "update.commitment.plan.code", "Plan code", "计划代码"),
    column(
        "effective_on",
        "update.effective_on",
        "Date of the event, or date to which the commitment was assessed",
        "事件日期或评估截至日期",
    ),
    column(
        "date_precision",
        "update.date_precision",
        "Precision of that date: day, month or year",
        "该日期的精度：day（日）、month（月）或year（年）",
    ),
    column(
        "status",
        "update.status",
        "Status code given by the assessment; empty for an event without an assessment",
        "所评定的状态代码；空白表示仅记录事件、未作评估",
    ),
    *language_columns("status_label", "status_label", "Status label", "状态名称"),
    column("state", "update.state", "Workflow state", "办理状态代码"),
    *language_columns("summary", "update.summary", "Summary", "概要"),
    *language_columns(
        "search_note",
        "update.search_note",
        "Search note",
        "检索说明",
    ),
    column(
        "forums",
        "forums",
        "Codes of the partner forums where it took place",
        "相关合作机制与平台代码",
    ),
    column("evidence_level", "update.evidence_level", "Evidence level, 0 to 3", "佐证等级，0至3"),
    column(
        "evidence",
        "evidence",
        "One line per source: type, title, publisher, and address, citation or file, and the "
        "archived address if there is one",
        "每项佐证材料一行：来源类别、标题、发布机构、网址或引文或文件名，另附存档网址（如有）",
    ),
    column(
        "published_at",
        "update.published_at",
        "Time of publication, UTC",
        "发布时间（协调世界时）",
    ),
    column(
        "corrects",
        "update.corrects",
        "ID of the update that this one corrects",
        "所更正的进展记录编号",
    ),
    column(
        "superseded_at",
        "update.superseded_at",
        "Time at which a correction replaced it, UTC",
        "被更正时间（协调世界时）",
    ),
    column(
        "retracted_at",
        "update.retracted_at",
        "Time of withdrawal, UTC",
        "撤回时间（协调世界时）",
    ),
    column("retraction", "update.retraction.note", "Reason for withdrawal", "撤回理由"),
    column("external_ref", "update.external_ref", "Reference in another system", "外部编号"),
    column(
        "content_sha256",
        "update.content_sha256",
        "SHA-256 of the published content, as recorded in the ledger",
        "存证台账所载已发布内容的SHA-256摘要值",
    ),
    column(
        "loaded_from",
        "update.loaded_from",
        "SHA-256 of the file from which it was loaded",
        "导入文件的SHA-256摘要值",
    ),
    column(
        "url", "url", "URL of the update on the commitment's page", "进展记录在承诺页面上的网址"
    ),
)
