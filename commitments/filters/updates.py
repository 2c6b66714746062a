"""Filters of progress updates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commitments.choices import ErrorCode, EventType, State
from commitments.filters.clocked import ClockedFilterSet, ClockForm
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
from commitments.roles import is_staff
from commitments.texts.search_terms import SearchTerm

if TYPE_CHECKING:
    from commitments.roles import Person

# Filters by fields that the tombstone of a withdrawn update does not show.
OF_CONTENT = ("event_type", "external_ref")


class UpdateFilterForm(ClockForm):
    """Refuses filters that would reveal to readers which office wrote an update."""

    user: Person

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("author_office") and not is_staff(self.user):
            sentence = _("Only staff may filter by the office of the author, which is not public.")
            self._refuse("author_office", sentence, ErrorCode.NOT_PERMITTED)
        return data


class UpdateFilter(ClockedFilterSet):
    plan = code_filter(Plan, "commitment__plan", method="filter_plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    forum = code_filter(Forum, "forums", method="filter_forum", or_none=True)
    goal = NumberOrNoneFilter(StrategicGoal, field_name="commitment__goal__number")
    office = code_filter(Office, "commitment__lead_office", method="filter_office", or_none=True)
    author_office = code_filter(
        Office, "author__offices", method="filter_author_office", or_none=True
    )
    state = choice_filter("state", State.choices)
    status = choice_filter("status", assessment_status_choices)
    event_type = choice_filter("event_type", EventType.choices)
    effective_from = DayFilter("effective_on", lookup_expr="gte")
    effective_to = DayFilter("effective_on", lookup_expr="lte")
    external_ref = ReferenceFilter("external_ref")
    q = SearchFilter(method="filter_q")
    changed_since = AwareDateTimeFilter(field_name="changed_at", lookup_expr="gte")

    class Meta(ClockedFilterSet.Meta):
        form = UpdateFilterForm
        model = ProgressUpdate
        fields: list[str] = []

    def get_form_class(self) -> type[forms.Form]:
        form = super().get_form_class()
        if issubclass(form, UpdateFilterForm):
            form.user = self.user
        return form

    def filter_queryset(self, queryset: QuerySet[ProgressUpdate]) -> QuerySet[ProgressUpdate]:
        """Under a clock, keep only the updates that count there. No filter finds an update by what
        its reader may not see: its content, or the status that they have to rate first."""
        rows = narrowed(super().filter_queryset(queryset), ProgressUpdateQuerySet)
        if any(self.form.cleaned_data.get(name) for name in OF_CONTENT):
            rows = rows.with_content_for(self.user)
        if self.form.cleaned_data.get("status"):
            rows = rows.not_withheld_from(self.user)
        return rows if self.clock.is_default else rows.under(self.clock, self.periods)

    def filter_plan(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[Plan]
    ) -> ProgressUpdateQuerySet:
        return queryset.of_plans(value) if value else queryset

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

    def filter_author_office(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[Office | str]
    ) -> ProgressUpdateQuerySet:
        if not value:
            return queryset
        return queryset.by_members_of(named_rows_of(value), self.user, or_none=NONE in value)

    def filter_q(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[SearchTerm]
    ) -> ProgressUpdateQuerySet:
        return queryset.search(value, self.user)
