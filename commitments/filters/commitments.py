"""Filters of commitments."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

import django_filters as df
from django import forms
from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet
from django.utils.functional import cached_property

from commitments.choices import (
    CoverageGap,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Schedule,
    Source,
    Status,
    Tone,
)
from commitments.clocks import Clock
from commitments.filters.clocked import ClockedFilterSet
from commitments.filters.fields import (
    NONE,
    AwareDateTimeFilter,
    DayFilter,
    NumberFilter,
    NumberOrNoneFilter,
    SearchFilter,
    choice_filter,
    code_filter,
    named_rows_of,
)
from commitments.form_fields import PartsField
from commitments.models import ActionArea, Commitment, Forum, Office, Plan, StrategicGoal
from commitments.models.plan_parts import PlanPart
from commitments.models.querysets import CommitmentQuerySet, ReviewPeriod, narrowed
from commitments.models.querysets.composed import composed_once
from commitments.models.querysets.forum_tree import ForumTree
from commitments.texts.search_terms import SearchTerm

# The filters by code of a forum, and the codes that they accept besides.
FORUM_FILTERS: Mapping[str, Sequence[str]] = {"forum": (NONE,), "active_at": ()}


class CommitmentFilter(ClockedFilterSet):
    plan = code_filter(Plan, "plan")
    goal = NumberOrNoneFilter(StrategicGoal, field_name="goal__number")
    serves = NumberFilter(StrategicGoal, method="filter_serves")
    area = NumberOrNoneFilter(ActionArea, field_name="area__number")
    forum = code_filter(Forum, "forums", method="filter_forum", or_none=True)
    kind = choice_filter("kind", Kind.choices)
    status = choice_filter("assessment_status", Status.choices)
    tone = df.MultipleChoiceFilter(choices=Tone.choices, method="filter_tone")
    active_at = code_filter(Forum, "updates__forums", method="filter_active_at")
    freshness = choice_filter("freshness", Freshness.choices)
    schedule = choice_filter("schedule", Schedule.choices)
    evidence_level_min = df.ChoiceFilter(
        choices=[(level, level) for level in range(len(Source) + 1)],
        field_name="assessment_level",
        lookup_expr="gte",
    )
    office = code_filter(Office, "lead_office", method="filter_office", or_none=True)
    coverage = df.MultipleChoiceFilter(choices=CoverageGap.choices, method="filter_coverage")
    criterion = df.MultipleChoiceFilter(choices=FindingResult.choices, method="filter_criterion")
    event_type = df.MultipleChoiceFilter(choices=EventType.choices, method="filter_event_type")
    acted_since = DayFilter("action_on", lookup_expr="gte")
    due_after = DayFilter("known_due_on", lookup_expr="gt")
    due_before = DayFilter("known_due_on", lookup_expr="lt")
    q = SearchFilter(method="filter_q")
    changed_since = AwareDateTimeFilter(method="filter_changed_since")
    ordering = df.OrderingFilter(
        fields={
            "position": "number",
            "assessment_effective_on": "effective_on",
            "known_due_on": "due_on",
            "assessment_status": "status",
            "action_on": "last_action",
        }
    )

    class Meta(ClockedFilterSet.Meta):
        model = Commitment
        fields: list[str] = []

    @cached_property
    def _every_forum(self) -> list[Forum]:
        return list(Forum.objects.in_order().defer("search_index"))

    @cached_property
    def forums(self) -> Mapping[str, Forum | PlanPart]:
        """All forums by their codes, which are read once, with their tree, for all filters."""
        return {row.code: row for row in self._every_forum}

    @cached_property
    def tree(self) -> ForumTree:
        return ForumTree.of(self._every_forum)

    def get_form_class(self) -> type[forms.Form]:
        form: type[forms.Form] = super().get_form_class()
        for name, others in FORUM_FILTERS.items():
            if name in form.base_fields:
                form.base_fields[name] = PartsField(self.forums, others, required=False)
        return form

    @property
    def qs(self) -> CommitmentQuerySet:
        """The selected commitments, `selectable_at` the clock."""
        return narrowed(super().qs, CommitmentQuerySet)

    @property
    def commitments(self) -> CommitmentQuerySet:
        """The selected commitments, `at` the clock."""
        return self.qs.with_further_columns(self.clock)

    def filter_queryset(self, queryset: QuerySet[Commitment]) -> QuerySet[Commitment]:
        """Apply the clock first, since other filters read what it adds."""
        rows = super().filter_queryset(self.under_clock(queryset))
        if self.form.cleaned_data.get("ordering"):
            # Nulls come last on every database.
            columns = [
                OrderBy(F(name.lstrip("-")), descending=name.startswith("-"), nulls_last=True)
                for name in rows.query.order_by
                if isinstance(name, str)
            ]
            return rows.order_by(*columns, "plan__code", "position", "id")
        return rows

    def without(self, names: Container[str]) -> CommitmentQuerySet:
        """Return the commitments that the filters select without those of these names."""
        given: Any = self.queryset
        rows: QuerySet[Commitment] = self.under_clock(given)
        for name, value in self.form.cleaned_data.items():
            if name not in names:
                rows = self.filters[name].filter(rows, value)
        return narrowed(rows, CommitmentQuerySet)

    def under_clock(self, rows: QuerySet[Any]) -> CommitmentQuerySet:
        # Composing this takes longer than reading the rows of a plan. Of the rows that are given,
        # only conditions and order remain: relations and columns can be added to the result.
        dated = _all_selectable_at(self.clock.of_day, tuple(self.periods))
        return narrowed(dated & rows, CommitmentQuerySet)

    def filter_serves(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        if not value:
            return queryset
        supporting = Commitment.supporting_goals.through.objects.filter(
            commitment=OuterRef("pk"), strategicgoal__number__in=value
        )
        return queryset.filter(Q(goal__number__in=value) | Exists(supporting))

    def filter_forum(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Forum | PlanPart | str]
    ) -> CommitmentQuerySet:
        if not value:
            return queryset
        return queryset.for_forums(named_rows_of(value), self.tree, or_none=NONE in value)

    def filter_active_at(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Forum | PlanPart]
    ) -> CommitmentQuerySet:
        if not value:
            return queryset
        return queryset.active_at(value, self.clock, self.tree, self.periods)

    def filter_tone(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        return queryset.with_tone().filter(Q(tone__in=value)) if value else queryset

    def filter_office(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Office | PlanPart | str]
    ) -> CommitmentQuerySet:
        if not value:
            return queryset
        offices = [office.pk for office in named_rows_of(value)]
        return queryset.of_offices(offices, or_none=NONE in value)

    def filter_coverage(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        return queryset.with_coverage_gaps(value, self.clock) if value else queryset

    def filter_criterion(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        return queryset.with_finding(value) if value else queryset

    def filter_event_type(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        return queryset.with_event(value, self.clock) if value else queryset

    def filter_q(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[SearchTerm]
    ) -> CommitmentQuerySet:
        return queryset.search(value)

    def filter_changed_since(
        self, queryset: CommitmentQuerySet, name: str, value: datetime
    ) -> CommitmentQuerySet:
        return queryset.changed_since(value)


@composed_once
def _all_selectable_at(clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
    """Return all commitments `selectable_at` a clock."""
    return Commitment.objects.selectable_at(clock, periods)
