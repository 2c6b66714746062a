"""Filters of progress updates."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from commitments.choices import EventType, State
from commitments.filters.clocked import ClockedFilterSet
from commitments.filters.fields import (
    NONE,
    AwareDateTimeFilter,
    CommitmentCodesFilter,
    DayFilter,
    NumberOrNoneFilter,
    ReferenceFilter,
    SearchFilter,
    choice_filter,
    code_filter,
    named_rows_of,
)
from commitments.models import Commitment, Forum, Office, Plan, ProgressUpdate, StrategicGoal
from commitments.models.progress import assessment_status_choices
from commitments.models.querysets import ProgressUpdateQuerySet, narrowed
from commitments.texts.search_terms import SearchTerm

# Filters by what a tombstone does not show.
OF_CONTENT = ("event_type", "external_ref")


class UpdateFilter(ClockedFilterSet):
    plan = code_filter(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    forum = code_filter(Forum, "forums", method="filter_forum", or_none=True)
    goal = NumberOrNoneFilter(StrategicGoal, field_name="commitment__goal__number")
    office = code_filter(Office, "commitment__lead_office", method="filter_office", or_none=True)
    state = choice_filter("state", State.choices)
    status = choice_filter("status", assessment_status_choices)
    event_type = choice_filter("event_type", EventType.choices)
    effective_from = DayFilter("effective_on", lookup_expr="gte")
    effective_to = DayFilter("effective_on", lookup_expr="lte")
    external_ref = ReferenceFilter("external_ref")
    q = SearchFilter(method="filter_q")
    changed_since = AwareDateTimeFilter(field_name="changed_at", lookup_expr="gte")

    class Meta(ClockedFilterSet.Meta):
        model = ProgressUpdate
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[ProgressUpdate]) -> QuerySet[ProgressUpdate]:
        """Under a clock, keep only the updates that count there. No filter finds an update by what
        its reader may not see: its content, or the status that they have to rate first."""
        rows = narrowed(super().filter_queryset(queryset), ProgressUpdateQuerySet)
        if any(self.form.cleaned_data.get(name) for name in OF_CONTENT):
            rows = rows.with_content_for(self.user)
        if self.form.cleaned_data.get("status"):
            rows = rows.not_withheld_from(self.user)
        return rows if self.clock.is_default else rows.under(self.clock, self.periods)

    def filter_forum(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[Forum | str]
    ) -> ProgressUpdateQuerySet:
        if not value:
            return queryset
        return queryset.at_forums(named_rows_of(value), self.user, or_none=NONE in value)

    def filter_office(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[Office | str]
    ) -> ProgressUpdateQuerySet:
        if not value:
            return queryset
        offices = [office.pk for office in named_rows_of(value)]
        commitments = Commitment.objects.of_offices(offices, or_none=NONE in value)
        return queryset.filter(commitment__in=commitments)

    def filter_q(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[SearchTerm]
    ) -> ProgressUpdateQuerySet:
        return queryset.search(value, self.user)
