"""One filter set for each list, used by the pages and the API alike.

A parameter given twice means "or", different parameters mean "and". A value that is not allowed is
an error of the form; none is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

import django_filters as df
from django import forms
from django.db.models import Exists, F, Model, OrderBy, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments.choices import (
    PUBLIC_ACTIONS,
    CoverageGap,
    EventType,
    FindingResult,
    ForumKind,
    Freshness,
    Kind,
    Schedule,
    Source,
    State,
    Status,
    Tone,
)
from commitments.clocks import Clock, local_day
from commitments.form_fields import AwareDateTimeField, CommitmentCodesField, IsoDateField
from commitments.models import (
    ActionArea,
    Commitment,
    Decision,
    Forum,
    Milestone,
    Office,
    Plan,
    ProgressUpdate,
    StrategicGoal,
)
from commitments.models.forum_tree import ForumTree
from commitments.models.progress import assessment_status_choices
from commitments.models.querysets import (
    CommitmentQuerySet,
    DecisionQuerySet,
    ForumQuerySet,
    ProgressUpdateQuerySet,
    narrowed,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from commitments.roles import Person

FilteredRows = TypeVar("FilteredRows", bound="QuerySet[Model]")
Choices = Callable[[], Iterable[tuple[object, object]]]


def public_action_choices() -> list[tuple[str, StrOrPromise]]:
    return [(action.value, action.label) for action in PUBLIC_ACTIONS]


class DayFilter(df.Filter):
    field_class = IsoDateField


class AwareDateTimeFilter(df.Filter):
    field_class = AwareDateTimeField


class NumberFilter(df.MultipleChoiceFilter):
    """The numbers that goals or areas have."""

    def __init__(
        self,
        model: type[StrategicGoal | ActionArea],
        *,
        field_name: str | None = None,
        method: str | None = None,
    ) -> None:
        def choices() -> list[tuple[int, int]]:
            rows = model._default_manager.order_by("number")
            numbers: Iterable[int] = rows.values_list("number", flat=True).distinct()
            return [(number, number) for number in numbers]

        super().__init__(field_name, choices=choices, method=method)


class CommitmentCodesFilter(df.Filter):
    field_class = CommitmentCodesField

    def filter(self, qs: QuerySet[Model], value: list[Commitment]) -> QuerySet[Model]:
        return qs.filter((f"{self.field_name}__in", value)) if value else qs


def _choice_filter(field_name: str, choices: Choices) -> df.MultipleChoiceFilter:
    return df.MultipleChoiceFilter(field_name, choices=choices)


def _code_filter(
    model: type[Plan | Forum | Office], relation: str, method: str | None = None
) -> df.ModelMultipleChoiceFilter:
    return df.ModelMultipleChoiceFilter(
        f"{relation}__code",
        queryset=model._default_manager.order_by("code"),
        to_field_name="code",
        method=method,
    )


class ClockForm(forms.Form):
    """Refuses clocks in the future, by the time zones of the selected plans."""

    now: datetime
    plans: Sequence[Plan] = ()

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        known_at, as_of = data.get("known_at"), data.get("as_of")
        if isinstance(known_at, datetime) and known_at > self.now:
            self.add_error("known_at", _("This time is in the future."))
        if isinstance(as_of, date) and as_of > self._today():
            self.add_error(
                "as_of",
                _("This date is in the future; today is %(day)s.") % {"day": self._today()},
            )
        return data

    def _today(self) -> date:
        """Return the latest local date of the selected plans, or of all."""
        selected: Iterable[Plan] = self.plans or self.cleaned_data.get("plan") or ()
        zones = {plan.time_zone for plan in selected} or {
            *Plan.objects.values_list("time_zone", flat=True).distinct()
        }
        return max(local_day(self.now, zone) for zone in zones or {"UTC"})


class ClockedFilterSet(df.FilterSet):
    """A filter set whose parameters `as_of` and `known_at` set the clock.

    `now` is the time of the request and `user` the caller. `plans` are those that the address
    names, if the query need not name any.
    """

    as_of = DayFilter(method="leave_unfiltered")
    known_at = AwareDateTimeFilter(method="leave_unfiltered")

    def __init__(
        self,
        data: QueryDict | None = None,
        queryset: QuerySet[Model] | None = None,
        *,
        now: datetime,
        user: Person,
        plans: Sequence[Plan] = (),
        request: HttpRequest | None = None,
    ) -> None:
        super().__init__(data, queryset, request=request)
        self.now, self.user, self.plans = now, user, plans

    class Meta:
        form = ClockForm

    def get_form_class(self) -> type[forms.Form]:
        form = super().get_form_class()
        if issubclass(form, ClockForm):
            form.now, form.plans = self.now, self.plans
        return form

    @property
    def clock(self) -> Clock:
        """The clock that a valid form asks for."""
        data = self.form.cleaned_data
        return Clock(self.now, data.get("as_of"), data.get("known_at"))

    def leave_unfiltered(self, queryset: FilteredRows, name: str, value: object) -> FilteredRows:
        """Filter nothing: the clock is applied to the whole query."""
        return queryset


class CommitmentFilter(ClockedFilterSet):
    plan = _code_filter(Plan, "plan")
    goal = NumberFilter(StrategicGoal, field_name="goal__number")
    serves = NumberFilter(StrategicGoal, method="filter_serves")
    area = NumberFilter(ActionArea, field_name="area__number")
    forum = _code_filter(Forum, "forums", method="filter_forum")
    kind = _choice_filter("kind", Kind.choices)
    status = _choice_filter("assessment_status", Status.choices)
    tone = df.MultipleChoiceFilter(choices=Tone.choices, method="filter_tone")
    active_at = _code_filter(Forum, "updates__forums", method="filter_active_at")
    freshness = _choice_filter("freshness", Freshness.choices)
    schedule = _choice_filter("schedule", Schedule.choices)
    evidence_level_min = df.ChoiceFilter(
        choices=[(level, level) for level in range(len(Source) + 1)],
        field_name="assessment_level",
        lookup_expr="gte",
    )
    office = _code_filter(Office, "lead_office", method="filter_office")
    coverage = df.MultipleChoiceFilter(choices=CoverageGap.choices, method="filter_coverage")
    criterion = df.MultipleChoiceFilter(choices=FindingResult.choices, method="filter_criterion")
    event_type = df.MultipleChoiceFilter(choices=EventType.choices, method="filter_event_type")
    acted_since = DayFilter("action_on", lookup_expr="gte")
    q = df.CharFilter(method="filter_q")
    changed_since = AwareDateTimeFilter(method="filter_changed_since")
    ordering = df.OrderingFilter(
        fields={
            "position": "number",
            "assessment_effective_on": "effective_on",
            "due_on": "due_on",
            "assessment_status": "status",
            "action_on": "last_action",
        }
    )

    class Meta(ClockedFilterSet.Meta):
        model = Commitment
        fields: list[str] = []

    @cached_property
    def tree(self) -> ForumTree:
        """The tree of forums, read once for all filters that need it."""
        return Forum.objects.tree()

    @property
    def qs(self) -> CommitmentQuerySet:
        return narrowed(super().qs, CommitmentQuerySet)

    def filter_queryset(self, queryset: QuerySet[Commitment]) -> QuerySet[Commitment]:
        """Apply the clock first, since other filters read what it adds."""
        commitments = narrowed(queryset, CommitmentQuerySet)
        rows = super().filter_queryset(commitments.at(self.clock, self.plans or None))
        if self.form.cleaned_data.get("ordering"):
            # Nulls come last on every database.
            columns = [
                OrderBy(F(name.lstrip("-")), descending=name.startswith("-"), nulls_last=True)
                for name in rows.query.order_by
                if isinstance(name, str)
            ]
            return rows.order_by(*columns, "plan__code", "position", "id")
        return rows

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
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Forum]
    ) -> CommitmentQuerySet:
        return queryset.for_forums(value, self.tree) if value else queryset

    def filter_active_at(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Forum]
    ) -> CommitmentQuerySet:
        if not value:
            return queryset
        return queryset.active_at(value, self.clock, self.tree, self.plans or None)

    def filter_tone(
        self, queryset: CommitmentQuerySet, name: str, value: list[str]
    ) -> CommitmentQuerySet:
        return queryset.with_tone().filter(Q(tone__in=value)) if value else queryset

    def filter_office(
        self, queryset: CommitmentQuerySet, name: str, value: Sequence[Office]
    ) -> CommitmentQuerySet:
        return queryset.of_offices([office.pk for office in value]) if value else queryset

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

    def filter_q(self, queryset: CommitmentQuerySet, name: str, value: str) -> CommitmentQuerySet:
        return queryset.search(value)

    def filter_changed_since(
        self, queryset: CommitmentQuerySet, name: str, value: datetime
    ) -> CommitmentQuerySet:
        return queryset.changed_since(value)


class UpdateFilter(ClockedFilterSet):
    plan = _code_filter(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    forum = _code_filter(Forum, "forums", method="filter_forum")
    goal = NumberFilter(StrategicGoal, field_name="commitment__goal__number")
    state = _choice_filter("state", State.choices)
    status = _choice_filter("status", assessment_status_choices)
    event_type = _choice_filter("event_type", EventType.choices)
    effective_from = DayFilter("effective_on", lookup_expr="gte")
    effective_to = DayFilter("effective_on", lookup_expr="lte")
    external_ref = df.CharFilter("external_ref")
    q = df.CharFilter(method="filter_q")
    changed_since = AwareDateTimeFilter(field_name="changed_at", lookup_expr="gte")

    class Meta(ClockedFilterSet.Meta):
        model = ProgressUpdate
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[ProgressUpdate]) -> QuerySet[ProgressUpdate]:
        """Under a clock, keep only the updates that count there, with their levels there."""
        rows = super().filter_queryset(queryset)
        if self.clock.is_default:
            return rows
        updates = narrowed(rows, ProgressUpdateQuerySet).under(self.clock)
        return updates.with_basis_level(self.clock)

    def filter_forum(
        self, queryset: ProgressUpdateQuerySet, name: str, value: Sequence[Forum]
    ) -> ProgressUpdateQuerySet:
        return queryset.at_forums(value, self.user) if value else queryset

    def filter_q(
        self, queryset: ProgressUpdateQuerySet, name: str, value: str
    ) -> ProgressUpdateQuerySet:
        return queryset.search(value, self.user)


class ChangeFilter(df.FilterSet):
    """A filter by commitment, goal or forum leaves out the changes of whole plans."""

    plan = _code_filter(Plan, "plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    goal = NumberFilter(StrategicGoal, field_name="commitment__goal__number")
    forum = _code_filter(Forum, "commitment__forums", method="filter_forum")
    action = _choice_filter("action", public_action_choices)

    class Meta:
        model = Decision
        fields: list[str] = []

    def filter_forum(
        self, queryset: DecisionQuerySet, name: str, value: Sequence[Forum]
    ) -> DecisionQuerySet:
        if not value:
            return queryset
        commitments = Commitment.objects.for_forums(value)
        return queryset.filter(commitment__in=commitments.values("pk"))


class ForumFilter(df.FilterSet):
    plan = _code_filter(Plan, "commitments__plan", method="filter_plan")
    kind = _choice_filter("kind", ForumKind.choices)

    class Meta:
        model = Forum
        fields: list[str] = []

    def filter_plan(
        self, queryset: ForumQuerySet, name: str, value: Sequence[Plan]
    ) -> ForumQuerySet:
        return queryset.named_in_plans(value) if value else queryset


class GoalFilter(df.FilterSet):
    plan = _code_filter(Plan, "plan")

    class Meta:
        model = StrategicGoal
        fields: list[str] = []


class AreaFilter(df.FilterSet):
    plan = _code_filter(Plan, "plan")

    class Meta:
        model = ActionArea
        fields: list[str] = []


class MilestoneFilter(df.FilterSet):
    plan = _code_filter(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")

    class Meta:
        model = Milestone
        fields: list[str] = []
