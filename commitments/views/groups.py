"""Pages of a strategic goal, an action area and a partner forum, each with its roll-up and its
commitments; and the list of forums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404

from commitments import rollups
from commitments.choices import Source
from commitments.clocks import days_before
from commitments.models import Commitment, Evidence, Forum, Partnership, ProgressUpdate
from commitments.views import charts
from commitments.views.base import PUBLIC, PlanPage
from commitments.views.commitments import shown, with_corrections
from commitments.views.tally import tally

# On a forum's page; the API has them all.
LATEST = 10


class GroupPage(PlanPage):
    """A set of commitments and what it amounts to."""

    def members(self) -> Any:
        """Of the plan, at the reader's clock."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        commitments = list(self.members().select_related("goal", "area"))
        total = rollups.total(commitments)
        return super().get_context_data(
            commitments=commitments,
            total=total,
            tally=tally(total),
            bars=charts.bars(total),
            **kwargs,
        )


class GoalPage(GroupPage):
    """Those that the goal is the primary goal of; those that also serve it are listed after."""

    template_name = "commitments/goal.html"

    def members(self) -> Any:
        return self.selected.filter(goal__number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        goal = get_object_or_404(self.plan.goals, number=self.kwargs["number"])
        also = self.selected.filter(supporting_goals=goal).select_related("goal", "area")
        return super().get_context_data(
            goal=goal, also=also, selects={"goal": goal.number}, **kwargs
        )


class AreaPage(GroupPage):
    template_name = "commitments/area.html"

    def members(self) -> Any:
        return self.selected.filter(area__number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        area = get_object_or_404(self.plan.areas, number=self.kwargs["number"])
        return super().get_context_data(area=area, selects={"area": area.number}, **kwargs)


class ForumsPage(PlanPage):
    """The forums that commitments name, parts below their wholes; then those that only updates
    name."""

    template_name = "commitments/forums.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = rollups.report(self.selected, "forum", self.clock)
        named = {str(row.group.key): row for row in charts.rows_of_forums(report.groups)}
        forums = Forum.objects.select_related("parent").in_order()
        ranked = [
            replace(named[code], depth=depth)
            for depth, code in nested({row.code: _parent(row) for row in forums}, named)
        ]
        others = Forum.objects.in_updates(self._updates()).exclude(code__in=named)
        return super().get_context_data(groups=ranked, others=others, page="forums", **kwargs)

    def _updates(self) -> Any:
        return ProgressUpdate.objects.under(self.clock).filter(commitment__plan=self.plan)


def _parent(forum: Forum) -> str | None:
    return forum.parent.code if forum.parent else None


def nested(parents: Mapping[str, str | None], shown: Container[str]) -> Iterator[tuple[int, str]]:
    """Each of the forums shown with its depth, behind the nearest forum shown that it is a part
    of; beside each other in the order of `parents`."""

    def above(code: str) -> str | None:
        parent = parents[code]
        return parent if parent is None or parent in shown else above(parent)

    below: dict[str | None, list[str]] = defaultdict(list)
    for code in parents:
        if code in shown:
            below[above(code)].append(code)

    def walk(code: str | None, depth: int) -> Iterator[tuple[int, str]]:
        for part in below[code]:
            yield depth, part
            yield from walk(part, depth + 1)

    return walk(None, 0)


class ForumPage(GroupPage):
    """Its own commitments, those of its parts, and those of its predecessors."""

    template_name = "commitments/forum.html"

    def members(self) -> Any:
        named = Prefetch("partnerships", Partnership.objects.select_related("forum").order_by("pk"))
        return self.selected.for_forums([self.forum]).prefetch_related(named)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Forum.objects.select_related("parent", "successor_of")
        self.forum = get_object_or_404(rows, code=self.kwargs["code"])
        near = rows.filter(Q(parent=self.forum) | Q(successor_of=self.forum)).in_order()
        return super().get_context_data(
            forum=self.forum,
            parts=[row for row in near if row.parent_id == self.forum.pk],
            successors=[row for row in near if row.successor_of_id == self.forum.pk],
            updates=with_corrections([shown(row) for row in self.latest(self._updates())]),
            selects={"forum": self.forum.code},
            page="forums",
            **kwargs,
        )

    def latest(self, updates: Any) -> Any:
        """Those that the page shows."""
        return updates[:LATEST]

    def _updates(self) -> Any:
        """What was published that names the forum, a part of it or a successor."""
        rows: Any = ProgressUpdate.objects.visible_to(PUBLIC)
        day = self.clock.day(self.plan.time_zone)
        rows = rows.counting(self.clock).filter(
            commitment__in=Commitment.objects.filter(plan=self.plan), effective_on__lte=day
        )
        return (
            rows.at_forums([self.forum], PUBLIC)
            .latest_first()
            .select_related("commitment__plan")
            .prefetch_related("forums", "evidence__link_checks", "decisions")
        )


class BriefPage(ForumPage):
    """The same on one printed page, before a meeting: what does not fit is counted and linked."""

    template_name = "commitments/brief.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows, lately = context["commitments"], context["updates"]
        items = zip(rows, rollups.items_from(rows), strict=True)
        evidence = [item for update in lately for item in update["evidence"]]
        best = sorted(evidence, key=lambda item: -Source(item.source).level)
        return context | {
            "since": self._since(),
            "promised": _some(rows, MOST_PROMISED),
            "lately": _some(lately, MOST_DONE),
            "unanswered": _some([row for row, item in items if item.unanswered], MOST_UNANSWERED),
            "at_hand": _some(list({_same(item): item for item in best}.values()), MOST_AT_HAND),
        }

    def latest(self, updates: Any) -> Any:
        """What happened within two review intervals, as for a forum's activity."""
        return updates.filter(effective_on__gte=self._since())

    def _since(self) -> date:
        day = self.clock.day(self.plan.time_zone)
        return days_before(day, 2 * self.plan.review_interval_days)


MOST_PROMISED, MOST_DONE, MOST_UNANSWERED, MOST_AT_HAND = 14, 6, 6, 6


def _same(item: Evidence) -> str:
    """What two updates have in common that rest on the same piece."""
    return item.url or item.citation or item.file_sha256


def _some(rows: list[Any], most: int) -> dict[str, Any]:
    """As many as there is room for, and how many more there are."""
    return {"rows": rows[:most], "more": max(0, len(rows) - most)}


class MatrixPage(PlanPage):
    """How many commitments serve each goal through each forum; and where nothing is recorded."""

    template_name = "commitments/matrix.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selected: Any = self.selected.select_related("goal", "area")
        items = rollups.items_from(selected)
        goals = list(self.plan.goals.order_by("number"))
        rows = []
        for row in rollups.forum_rows(self.selected, items, self.clock):
            by_goal = Counter(item.goal for item in row.items)
            cells = [(goal.number, by_goal[goal.number]) for goal in goals]
            rows.append(
                {"forum": row.forum, "n": len(row.items), "active": row.active, "cells": cells}
            )
        return super().get_context_data(
            page="matrix",
            goals=goals,
            rows=rows,
            silent=[row["forum"] for row in rows if not row["active"]],
            **kwargs,
        )
