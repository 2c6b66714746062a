"""Kinds, sources and levels of evidence, results of link checks, and gaps in coverage."""

from __future__ import annotations

from commitments.choices.codes import Codes
from commitments.texts.bilingual import Text


class Source(Codes):
    """The type of source of a piece of evidence; its place in the list, from 1, is the level."""

    STATEMENT = (
        "statement",
        "Statement by a party",
        "当事方表态",
        Text(
            (
                "A statement by the plan's owner about its own conduct, or an accusation by a "
                "party to a dispute."
            ),
            "计划制定方对自身情况的表态，或争议一方的指控。",
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
        "Third-party source",
        "第三方来源",
        Text("A source that the plan's owner does not control.", "不受计划制定方控制的来源。"),
    )

    @property
    def level(self) -> int:
        return list(Source).index(self) + 1


EVIDENCE_LEVELS = (Text("No public evidence", "无公开佐证"), *(source.label for source in Source))


class EvidenceKind(Codes):
    RESOLUTION = "resolution", "Resolution", "决议"
    DECLARATION = "declaration", "Declaration", "宣言"
    AGREEMENT = "agreement", "Agreement", "条约、协定"
    LAW = "law", "Law or regulation", "法律法规"
    MEETING_RECORD = "meeting_record", "Meeting record", "会议记录"
    REPORT = "report", "Report", "报告"
    STATEMENT = "statement", "Statement", "声明、发言"
    NEWS = "news", "News", "新闻报道"


class LinkStatus(Codes):
    """The result of checking a link."""

    OK = "ok", "Reachable", "可访问"
    MOVED = "moved", "Moved", "已迁移"
    CHANGED = "changed", "Content changed", "内容已变更"
    GONE = "gone", "Gone", "已不存在"
    UNREACHABLE = "unreachable", "Unreachable", "无法访问"


# The server sent the linked document.
REACHED_STATUSES = (LinkStatus.OK, LinkStatus.MOVED, LinkStatus.CHANGED)

# A link counts as dead once it is unreachable in this many checks in a row.
DEAD_AFTER_CHECKS = 2

# HTTP status codes by which sites refuse robots. Readers may still reach such a link.
ROBOT_REFUSALS = ("401", "403", "429")


class CoverageGap(Codes):
    """A weakness in the evidence of a current assessment."""

    ONE_SOURCE = "one_source", "One source only", "单一来源"
    STATEMENTS_ONLY = "statements_only", "Statements by a party only", "仅有当事方表态"
    DEAD_LINKS = "dead_links", "Dead links only", "链接均已失效"
