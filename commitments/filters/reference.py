"""Filters of forums, goals, areas and milestones."""

from __future__ import annotations

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
from commitments.models import ActionArea, Forum, Milestone, Plan, StrategicGoal
from commitments.models.querysets import ForumQuerySet, MilestoneQuerySet, narrowed


class ForumFilter(df.FilterSet):
    plan = code_filter(Plan, "commitments__plan", method="filter_plan")
    kind = choice_filter("kind", ForumKind.choices)

    class Meta:
        model = Forum
        fields: list[str] = []

    def filter_plan(
        self, queryset: ForumQuerySet, name: str, value: Sequence[Plan]
    ) -> ForumQuerySet:
        return queryset.named_in_plans(value) if value else queryset


class GoalFilter(df.FilterSet):
    plan = code_filter(Plan, "plan")

    class Meta:
        model = StrategicGoal
        fields: list[str] = []


class AreaFilter(df.FilterSet):
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
