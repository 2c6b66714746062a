"""Filters of forums, goals, areas, milestones and meetings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import django_filters as df
from django.db.models import QuerySet

from commitments.choices import ForumKind
from commitments.filters.clocked import ClockedFilterSet
from commitments.filters.fields import (
    CommitmentCodesFilter,
    DayFilter,
    choice_filter,
    code_filter,
)
from commitments.filters.query import QueryFilterSet
from commitments.models import ActionArea, Forum, Meeting, Milestone, Plan, StrategicGoal
from commitments.models.querysets import (
    ForumQuerySet,
    MeetingQuerySet,
    MilestoneQuerySet,
    narrowed,
)


class ForumFilter(QueryFilterSet):
    plan = code_filter(Plan, "commitments__plan", method="filter_plan")
    kind = choice_filter("kind", ForumKind.choices)

    class Meta:
        model = Forum
        fields: list[str] = []

    def filter_plan(
        self, queryset: ForumQuerySet, name: str, value: Sequence[Plan]
    ) -> ForumQuerySet:
        return queryset.named_in_plans(value) if value else queryset


class GoalFilter(QueryFilterSet):
    plan = code_filter(Plan, "plan")

    class Meta:
        model = StrategicGoal
        fields: list[str] = []


class AreaFilter(QueryFilterSet):
    plan = code_filter(Plan, "plan")

    class Meta:
        model = ActionArea
        fields: list[str] = []


class MilestoneFilter(ClockedFilterSet):
    plan = code_filter(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    due_after = DayFilter("known_due_on", lookup_expr="gt")
    due_before = DayFilter("known_due_on", lookup_expr="lt")

    class Meta(ClockedFilterSet.Meta):
        model = Milestone
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Milestone]) -> QuerySet[Milestone]:
        """Apply the clock first: the due dates are those known then."""
        rows = super().filter_queryset(self.under_clock(queryset))
        return rows.order_by("known_due_on", "id")

    def under_clock(self, rows: QuerySet[Any]) -> MilestoneQuerySet:
        return narrowed(rows, MilestoneQuerySet).at(self.clock, self.periods)


class MeetingFilter(QueryFilterSet):
    """Meetings with a day in the time between the days `from` and `to`."""

    plan = code_filter(Plan, "forum__commitments__plan", method="filter_plan")
    forum = code_filter(Forum, "forum", method="filter_forum")
    to = DayFilter("starts_on", lookup_expr="lte")

    class Meta:
        model = Meeting
        fields: list[str] = []

    @classmethod
    def get_filters(cls) -> OrderedDict[str, df.Filter]:
        """Return the filters, with the one whose name cannot be declared: `from` is a keyword."""
        filters: OrderedDict[str, df.Filter] = super().get_filters()
        filters["from"] = DayFilter("ends_on", lookup_expr="gte")
        return filters

    def filter_plan(
        self, queryset: MeetingQuerySet, name: str, value: Sequence[Plan]
    ) -> MeetingQuerySet:
        return queryset.of_plans(value) if value else queryset

    def filter_forum(
        self, queryset: MeetingQuerySet, name: str, value: Sequence[Forum]
    ) -> MeetingQuerySet:
        return queryset.at_forums(value) if value else queryset
