"""Pages of a strategic goal, an action area and a partner forum, each with its roll-up and its
commitments; the list of forums, the brief before a meeting, the matrix of goals and forums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.clocks import days_before
from commitments.models import (
    Commitment,
    Forum,
    Partnership,
    Plan,
    ProgressUpdate,
    StrategicGoal,
)
from commitments.models.querysets import CommitmentQuerySet, ProgressUpdateQuerySet
from commitments.pages import charts
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.grid import Heading
from commitments.pages.rows import ListedCommitment
from commitments.pages.sharing import group_sharing
from commitments.pages.summary import summarise
from commitments.pages.terms import terms_of
from commitments.pages.updates import evidence_item, page_updates
from commitments.pages.verdict import strongest_sources
from commitments.roles import ANONYMOUS
from commitments.texts.text import sentence_html

# Of commitments; the list of commitments, which has pages, has them all.
MAX_LISTED = 100
# The API has all updates.
MAX_FORUM_UPDATES = 10
# A brief is one printed page.
MAX_BRIEF_COMMITMENTS = 12
MAX_BRIEF_UPDATES = 5
MAX_BRIEF_QUESTIONS = 5
MAX_BRIEF_SOURCES = 5


class GroupPage(PlanPage):
    """A page of a set of commitments and their roll-up.

    `forum` is the one whose commitments they are.
    """

    forum: Forum | None = None
    has_grid = True

    def members(self) -> CommitmentQuerySet:
        """Return the set as a queryset."""
        raise NotImplementedError

    def others(self) -> list[Any]:
        """Return the commitments that the grid shows below, which do not count."""
        return []

    def heading(self, commitment: Any) -> Heading | None:
        """Return the heading of a row of the grid."""
        return None

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.rows: list[Any] = list(self.members())
        total = rollups.total(self.rows)
        shown = (self.rows + self.others())[:MAX_LISTED]
        return super().get_context_data(
            grid=self.grid(shown, self.heading, self.forum) if shown and self.has_grid else None,
            commitment_count=len(self.rows),
            is_cut=len(self.rows) > MAX_LISTED,
            summary=summarise(total, self.day),
            bars=charts.bars(total, self.interval),
            **kwargs,
        )


class GoalPage(GroupPage):
    """A strategic goal: the commitments whose primary goal it is, then those that also serve it."""

    template_name = "commitments/goal.html"
    picture_route = "goal-picture"

    goal: StrategicGoal

    def members(self) -> CommitmentQuerySet:
        return self.listed.filter(goal=self.goal)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.goal = get_object_or_404(self.plan.goals, number=self.kwargs["number"])
        return super().get_context_data(
            goal=self.goal,
            group_filters={"goal": self.goal.number},
            share_alt=self.goal.title,
            **kwargs,
        ) | {"has_reasons": any(row.goal_reason for row in self.rows)}

    def others(self) -> list[Any]:
        return list(self.listed.filter(supporting_goals=self.goal))

    def heading(self, commitment: Any) -> Heading | None:
        is_primary = commitment.goal_id == self.goal.pk
        return None if is_primary else Heading(_("Also serving this goal"))


class AreaPage(GroupPage):
    template_name = "commitments/area.html"
    picture_route = "area-picture"

    def members(self) -> CommitmentQuerySet:
        return self.listed.filter(area__number=self.kwargs["number"])

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        area = get_object_or_404(self.plan.areas, number=self.kwargs["number"])
        return super().get_context_data(
            area=area, group_filters={"area": area.number}, share_alt=area.title, **kwargs
        )


class ForumsPage(PlanPage):
    """The forums that commitments name, each below its parent; then those that only updates
    name."""

    template_name = "commitments/forums.html"
    menu_entry = "forums"
    needs = ("forums",)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        report = rollups.report(self.selected, "forum", self.filterset.activity)
        rows = charts.forum_chart_rows(report.groups, self.interval)
        named = {str(row.group.key): row for row in rows}
        forums = Forum.objects.select_related("parent").in_order()
        nested = nested_forums({row.code: _parent(row) for row in forums}, named)
        others = Forum.objects.named_in_updates(self._updates()).exclude(code__in=named)
        return super().get_context_data(
            groups=[replace(named[code], depth=depth) for depth, code in nested],
            without_forum=sum(row.commitments for row in report.groups if not row.key),
            other_forums=others,
            matrix_title=matrix_title(self.plan) if has_parts(self.plan, ["goals"]) else "",
            **kwargs,
        )

    def _updates(self) -> ProgressUpdateQuerySet:
        updates = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        return updates.filter(commitment__plan=self.plan)


def _parent(forum: Forum) -> str | None:
    return forum.parent.code if forum.parent else None


def nested_forums(
    parents: Mapping[str, str | None], shown: Container[str]
) -> Iterator[tuple[int, str]]:
    """Yield (depth, code) of the forums shown, each below its nearest ancestor that is shown.

    Siblings are in the order of `parents`, which has the code of each forum's parent.
    """

    def shown_ancestor(code: str) -> str | None:
        parent = parents[code]
        return parent if parent is None or parent in shown else shown_ancestor(parent)

    parts: dict[str | None, list[str]] = defaultdict(list)
    for code in parents:
        if code in shown:
            parts[shown_ancestor(code)].append(code)

    def walk(code: str | None, depth: int) -> Iterator[tuple[int, str]]:
        for part in parts[code]:
            yield depth, part
            yield from walk(part, depth + 1)

    return walk(None, 0)


class ForumPage(GroupPage):
    """A forum: its own commitments, those of its parts and of its predecessors."""

    template_name = "commitments/forum.html"
    picture_route = "forum-picture"
    menu_entry = "forums"
    needs = ("forums",)
    forum: Forum

    def members(self) -> CommitmentQuerySet:
        named = Prefetch("partnerships", Partnership.objects.select_related("forum").order_by("pk"))
        return self.listed.for_forums([self.forum]).prefetch_related(named)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        forums = Forum.objects.select_related("parent", "successor_of")
        self.forum = get_object_or_404(forums, code=self.kwargs["code"])
        related = forums.filter(Q(parent=self.forum) | Q(successor_of=self.forum)).in_order()
        return super().get_context_data(
            forum=self.forum,
            parts=[row for row in related if row.parent_id == self.forum.pk],
            successors=[row for row in related if row.successor_of_id == self.forum.pk],
            updates=page_updates(self.latest(self._updates())),
            group_filters={"forum": self.forum.code},
            share_alt=self.forum.name,
            lasting_address=self.lasting_address,
            sharing=group_sharing(self.addresses, self.forum.name.inline(), self.forum.code),
            **kwargs,
        )

    def latest(self, updates: ProgressUpdateQuerySet) -> ProgressUpdateQuerySet:
        """Return those updates that the page shows."""
        return updates[:MAX_FORUM_UPDATES]

    def _updates(self) -> ProgressUpdateQuerySet:
        """Return the updates that count and name the forum, a part of it or a successor."""
        rows = ProgressUpdate.objects.visible_to(ANONYMOUS)
        rows = rows.counting(self.clock).filter(
            commitment__in=Commitment.objects.filter(plan=self.plan), effective_on__lte=self.day
        )
        return (
            rows.at_forums([self.forum], ANONYMOUS)
            .latest_first()
            .select_related("commitment__plan")
            .with_content()
        )


@dataclass(frozen=True)
class Preview:
    """The first items of a list, and the number of those left out."""

    items: Sequence[object]
    more: int


def preview(items: Sequence[object], limit: int) -> Preview:
    """Return the first `limit` items."""
    return Preview(items[:limit], max(0, len(items) - limit))


class BriefPage(ForumPage):
    """A forum on one printed page before a meeting; what does not fit is counted and linked."""

    template_name = "commitments/brief.html"
    has_grid = False

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        commitments = [ListedCommitment(row, self.forum) for row in self.rows]
        updates = context["updates"]
        items = zip(commitments, rollups.items_from(self.rows), strict=True)
        open_questions = [row for row, item in items if item.is_open_question]
        return context | {
            "period_start": self._period_start(),
            "commitment_preview": preview(commitments, MAX_BRIEF_COMMITMENTS),
            "update_preview": preview(updates, MAX_BRIEF_UPDATES),
            "question_preview": preview(open_questions, MAX_BRIEF_QUESTIONS),
            "source_preview": preview(
                [evidence_item(item) for item in strongest_sources(updates)], MAX_BRIEF_SOURCES
            ),
        }

    def latest(self, updates: ProgressUpdateQuerySet) -> ProgressUpdateQuerySet:
        """Return the updates of the past two review intervals, as for activity at a forum."""
        return updates.filter(effective_on__gte=self._period_start())

    def _period_start(self) -> date:
        return days_before(self.day, 2 * self.interval)


@dataclass(frozen=True)
class MatrixRow:
    """A forum with the number of its commitments by goal, as (goal's number, n)."""

    forum: Forum
    n: int
    active: int
    cells: list[tuple[int, int]]


def matrix_title(plan: Plan) -> str:
    """Return the title of the matrix, in the plan's own words if it has some."""
    terms = terms_of(plan)
    if not (terms["goal"].is_own or terms["forum"].is_own):
        return _("Goals and forums")
    pair = {"goals": terms["goal"].many, "forums": terms["forum"].many}
    return sentence_html(_("%(goals)s and %(forums)s"), pair)


class MatrixPage(PlanPage):
    """The number of commitments by goal and forum, and the forums without recorded activity."""

    template_name = "commitments/matrix.html"
    menu_entry = "forums"
    needs = ("goals", "forums")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        items = rollups.items_from(self.listed)
        goals = list(self.plan.goals.order_by("number"))
        rows = []
        for row in rollups.forum_rows(self.selected, items, self.filterset.activity):
            by_goal = Counter(item.goal for item in row.items)
            cells = [(goal.number, by_goal[goal.number]) for goal in goals]
            rows.append(MatrixRow(row.forum, len(row.items), row.active, cells))
        return super().get_context_data(
            title=matrix_title(self.plan),
            goals=goals,
            rows=rows,
            inactive_forums=[row.forum for row in rows if not row.active],
            **kwargs,
        )
