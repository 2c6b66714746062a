"""Filters of public changes, and of what they recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import django_filters as df
from django.db.models import Q

from commitments import ledger
from commitments.choices import PUBLIC_ACTIONS, SubjectType
from commitments.filters.fields import (
    CommitmentCodesFilter,
    NumberFilter,
    SequenceFilter,
    choice_filter,
    code_filter,
)
from commitments.filters.query import QueryFilterSet
from commitments.models import Commitment, Decision, Forum, Plan, RecordedContent, StrategicGoal
from commitments.models.querysets import DecisionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def public_action_choices() -> list[tuple[str, StrOrPromise]]:
    return [(action.value, action.label) for action in PUBLIC_ACTIONS]


class ChangeFilter(QueryFilterSet):
    """A filter by commitment, goal or forum leaves out the loads and amendments that changed none
    of them."""

    plan = code_filter(Plan, "plan", method="filter_plan")
    commitment = CommitmentCodesFilter(method="filter_commitment")
    goal = NumberFilter(StrategicGoal, method="filter_goal")
    forum = code_filter(Forum, "commitment__forums", method="filter_forum")
    action = choice_filter("action", public_action_choices)

    class Meta:
        model = Decision
        fields: list[str] = []

    def filter_plan(
        self, queryset: DecisionQuerySet, name: str, value: Sequence[Plan]
    ) -> DecisionQuerySet:
        return queryset.on_plans(value) if value else queryset

    def filter_commitment(
        self, queryset: DecisionQuerySet, name: str, value: Sequence[Commitment]
    ) -> DecisionQuerySet:
        if not value:
            return queryset
        return queryset.about_each([row.pk for row in value])

    def filter_goal(
        self, queryset: DecisionQuerySet, name: str, value: Sequence[str]
    ) -> DecisionQuerySet:
        if not value:
            return queryset
        goals = StrategicGoal.objects.filter(self._of_plans, number__in=value)
        keys = [ledger.subject_of(goal).key for goal in goals.select_related("plan")]
        commitments = Commitment.objects.filter(self._of_plans, goal__number__in=value)
        return queryset.about(commitments, SubjectType.GOAL, keys)

    def filter_forum(
        self, queryset: DecisionQuerySet, name: str, value: Sequence[Forum]
    ) -> DecisionQuerySet:
        if not value:
            return queryset
        commitments = Commitment.objects.filter(self._of_plans).for_forums(value)
        return queryset.about(commitments, SubjectType.FORUM, [forum.code for forum in value])

    @property
    def _of_plans(self) -> Q:
        """The condition that what belongs to a plan is of one of those chosen, if any are."""
        plans = self.form.cleaned_data.get("plan")
        return Q(plan__in=plans) if plans else Q()


class LedgerFilter(QueryFilterSet):
    after = SequenceFilter("seq", lookup_expr="gt")

    class Meta:
        model = Decision
        fields: list[str] = []


class ContentFilter(QueryFilterSet):
    type = choice_filter("subject_type", SubjectType.choices)
    key = df.CharFilter("subject_key")
    seq = SequenceFilter("decision__seq")

    class Meta:
        model = RecordedContent
        fields: list[str] = []
