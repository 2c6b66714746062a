"""Pages of a strategic goal and of an action area, each with its roll-up and its commitments; the
base class that they share with the page of a forum; and the matrix of goals and forums."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.choices import SubjectType
from commitments.ledger import numbered_subject
from commitments.models import (
    Forum,
    Plan,
    RecordedContent,
    StrategicGoal,
)
from commitments.models.querysets import CommitmentQuerySet
from commitments.pages import charts
from commitments.pages.base import PlanPage
from commitments.pages.grid import GridTable, Heading
from commitments.pages.rows import ListSubject
from commitments.pages.summary import summarise
from commitments.pages.terms import terms_of
from commitments.texts.text import sentence_html

# How many commitments a page lists. The paginated list of commitments has all of them.
MAX_LISTED = 100


class GroupPage(PlanPage):
    """A page of a set of commitments and their roll-up. `subject` is the goal, forum or office that
    the page is about, None if it is about none of these."""

    subject: ListSubject | None = None
    has_grid = True

    def members(self) -> CommitmentQuerySet:
        """Return the commitments of the set."""
        raise NotImplementedError

    def others(self) -> list[Any]:
        """Return commitments that the grid shows below the members and that do not count."""
        return []

    def heading(self, commitment: Any) -> Heading | None:
        """Return the heading of a commitment's row in the grid."""
        return None

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.rows: list[Any] = list(self.members())
        total = rollups.total(self.rows)
        shown = (self.rows + self.others())[:MAX_LISTED]
        return super().get_context_data(
            grid=self._group_grid(shown) if shown and self.has_grid else None,
            commitment_count=len(self.rows),
            is_cut=len(self.rows) > MAX_LISTED,
            summary=summarise(total, self.day),
            bars=charts.bars(total, self.interval, self.day),
            **kwargs,
        )

    def _group_grid(self, shown: list[Any]) -> GridTable:
        # The headline covers the same commitments as the summary.
        return self.grid(shown, self.heading, self.subject, counted=self.rows)


class NumberedPage(GroupPage):
    """A page of a goal or an area. Of one that the plan no longer has, it leads to the history,
    which says when and why it was removed."""

    subject_type: SubjectType

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            number = self.kwargs["number"]
            removed = numbered_subject(self.subject_type, self.plan, number)
            if not RecordedContent.objects.of(removed.type, removed.key).public().exists():
                raise
        return redirect(f"pages:{self.subject_type}-history", self.plan.code, number)


class GoalPage(NumberedPage):
    """A strategic goal: the commitments that have it as their primary goal, then those that also
    serve it."""

    subject_type = SubjectType.GOAL
    template_name = "commitments/goal.html"
    picture_route = "goal-picture"

    goal: StrategicGoal

    def members(self) -> CommitmentQuerySet:
        return self.listed.filter(goal=self.goal)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.goal = self.subject = get_object_or_404(self.plan.goals, number=self.kwargs["number"])
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


class AreaPage(NumberedPage):
    subject_type = SubjectType.AREA
    template_name = "commitments/area.html"
    picture_route = "area-picture"

    def members(self) -> CommitmentQuerySet:
        return self.listed.filter(area__number=self.kwargs["number"])

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        area = get_object_or_404(self.plan.areas, number=self.kwargs["number"])
        return super().get_context_data(
            area=area, group_filters={"area": area.number}, share_alt=area.title, **kwargs
        )


@dataclass(frozen=True)
class MatrixRow:
    """A forum with the number of its commitments for each goal, as (goal's number, n)."""

    forum: Forum
    n: int
    active: int
    cells: list[tuple[int, int]]


def matrix_title(plan: Plan) -> str:
    """Return the title of the matrix, in the plan's own words if it has any."""
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
        for row in rollups.forum_rows(items, self.filterset.activity):
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
