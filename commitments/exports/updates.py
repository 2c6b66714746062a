"""Progress updates as a table: each as its reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from commitments import ledger, policies
from commitments.bilingual import Text
from commitments.choices import Action, Status
from commitments.drafts import evidence_level
from commitments.exports.columns import Column, Columns, listed, pair, plain
from commitments.models import Evidence, ProgressUpdate

if TYPE_CHECKING:
    from commitments.roles import Person

NOTHING = Text()


@dataclass(frozen=True)
class Row:
    """An update that was asked for `with_all_shown`; `url` is where its page shows it. What a
    tombstone does not tell is empty."""

    update: ProgressUpdate
    user: Person
    url: str

    @cached_property
    def content(self) -> ProgressUpdate | None:
        """The update where its content is for this reader."""
        return self.update if policies.may_see_content(self.user, self.update) else None

    @property
    def status_label(self) -> Text:
        return Status(self.update.status).label if self.update.status else NOTHING

    @property
    def level(self) -> int | None:
        return evidence_level(self.content.evidence.all()) if self.content else None

    @property
    def forums(self) -> str:
        return listed(forum.code for forum in self.content.forums.all()) if self.content else ""

    @cached_property
    def evidence(self) -> list[Evidence]:
        return policies.shown_evidence(self.user, self.update)

    @property
    def retraction(self) -> str:
        """Its public reason."""
        acts = policies.shown_decisions(self.user, self.update)
        return "".join(act.note for act in acts if act.action == Action.RETRACT)


def rows(
    updates: Iterable[ProgressUpdate], user: Person, url: Callable[[ProgressUpdate], str]
) -> Iterator[Row]:
    return (Row(update, user, url(update)) for update in updates)


def _piece(item: Evidence) -> str:
    where = (item.publisher, item.url or item.citation or item.file_name, item.archived_url)
    return f"[{item.source}] " + " | ".join(part for part in (item.title, *where) if part)


COLUMNS: Columns = (
    plain("id", "update.pk", "Id of the update", "进展记录编号"),
    plain("commitment", "update.commitment.code", "Commitment", "承诺公开编号"),
    plain("plan", "update.commitment.plan.code", "Code of the plan", "计划代码"),
    plain("effective_on", "update.effective_on", "Day that it is about", "所述日期"),
    plain(
        "date_precision",
        "update.date_precision",
        "Whether that day stands for a day, a month or a year",
        "所述日期的精度",
    ),
    plain(
        "status",
        "update.status",
        "Status that it claims; empty: none",
        "所判断的状态代码；空白表示未作判断",
    ),
    *pair("status_label", "status_label", "That status in words", "状态名称"),
    plain("state", "update.state", "State in the workflow", "流程状态代码"),
    *pair("summary", "content.summary", "What happened", "进展概要"),
    *pair(
        "search_note",
        "content.search_note",
        "What was looked for, where, and not found",
        "检索说明",
    ),
    plain("forums", "forums", "Codes of the forums where it happened", "相关合作平台代码"),
    plain("evidence_level", "level", "Evidence level, 0 to 3", "依据等级，0至3"),
    Column(
        "evidence",
        lambda row: "\n".join(_piece(item) for item in row.evidence),
        Text(
            "A line for each piece: its source, title, publisher, and address, citation or file",
            "每项依据一行：来源类别、标题、发布者、网址或引文或文件名",
        ),
    ),
    plain(
        "published_at",
        "update.published_at",
        "When it was published, UTC",
        "发布时间（协调世界时）",
    ),
    plain(
        "corrects",
        "update.corrects_id",
        "Id of the update that it corrects",
        "所更正的进展记录编号",
    ),
    plain(
        "superseded_at",
        "update.superseded_at",
        "When a correction took its place, UTC",
        "被更正时间（协调世界时）",
    ),
    plain(
        "retracted_at",
        "update.retracted_at",
        "When it was retracted, UTC",
        "撤回时间（协调世界时）",
    ),
    plain("retraction", "retraction", "Why it was retracted", "撤回理由"),
    plain("external_ref", "content.external_ref", "Reference of another system", "外部编号"),
    Column(
        "content_sha256",
        lambda row: ledger.published_digest(row.update),
        Text(
            "Digest of the published content, as the ledger holds it", "台账所存已发布内容的摘要值"
        ),
    ),
    Column(
        "loaded_from",
        lambda row: ledger.loaded_from(row.update),
        Text("SHA-256 of the file that it was loaded from", "来源文件的SHA-256"),
    ),
    plain("url", "url", "Where the commitment's page shows it", "所在页面网址"),
)
