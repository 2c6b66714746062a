"""Codes of how sound the evidence is: what became of links, and what claims rest on."""

from __future__ import annotations

from commitments.choices import Codes


class LinkOutcome(Codes):
    """What was found at a link when it was looked at."""

    OK = "ok", "Reached", "可访问"
    MOVED = "moved", "Moved", "已迁移"
    CHANGED = "changed", "Something else is there now", "内容已变更"
    GONE = "gone", "Gone", "已失效"
    UNREACHABLE = "unreachable", "Not reached", "无法访问"


# Something was there.
GOOD_OUTCOMES = (LinkOutcome.OK, LinkOutcome.MOVED, LinkOutcome.CHANGED)
# A link that is not reached once may be so the next day: it counts as dead the second time.
DEAD_AFTER = 2
# A site that turns robots away says nothing of what readers find there.
TURNED_AWAY = ("401", "403", "429")


class Coverage(Codes):
    """What a current claim rests on, where that is thin."""

    ONE_SOURCE = "one_source", "Rests on one source", "仅有一项来源"
    STATEMENTS_ONLY = "statements_only", "Rests on statements alone", "仅有当事方陈述"
    DEAD_LINKS = "dead_links", "Rests on dead links", "链接均已失效"
