"""One filter set for each list; pages and the API use the same.

A parameter given twice means "or", different ones "and". Values outside the allowed ones are form
errors, so nothing is ever ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import django_filters as df
from django import forms
from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.choices import (
    PUBLIC_ACTIONS,
    ForumKind,
    Freshness,
    Kind,
    Schedule,
    Source,
    State,
    Status,
    Tone,
)
from commitments.clocks import Clock, local_day, read_moment
from commitments.health import Coverage
from commitments.lineage import Lineage
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
from commitments.models.progress import claimable_choices

if TYPE_CHECKING:
    from commitments.roles import Person


NO_MOMENT = gettext_lazy("Give a moment with its offset, such as 2026-06-30T12:00:00Z.")


class StrictDateField(forms.DateField):
    """A day as `2026-06-30`, whatever the reader's language writes."""

    formats: tuple[str, ...] = ("%Y-%m-%d",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "input_formats": self.formats, "localize": False})

    default_error_messages = {"invalid": gettext_lazy("Give a day such as 2026-06-30.")}


class IsoDateField(StrictDateField):
    """A day as a program writes it: these digits, and no others that Python would read."""

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and value not in (day, day.isoformat()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class MomentField(forms.Field):
    """A moment in ISO 8601 with its offset from UTC, e.g. `2026-06-30T12:00:00Z`."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        # A plus sign in a query string arrives as a space.
        moment = read_moment(str(value).replace(" ", "+"))
        if moment is None:
            raise forms.ValidationError(NO_MOMENT)
        return moment


class CommitmentCodesField(forms.Field):
    """Public codes of commitments, e.g. `ISCC-3.2`."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[Commitment]:
        codes = dict.fromkeys(value or [])
        found = {row.code: row for row in Commitment.objects.by_codes(codes)}
        for code in codes:
            if code not in found:
                raise forms.ValidationError(
                    _("There is no commitment “%(code)s”.") % {"code": code}
                )
        return list(found.values())


def public_actions() -> list[tuple[str, Any]]:
    return [(action.value, action.label) for action in PUBLIC_ACTIONS]


class DayFilter(df.Filter):
    field_class = IsoDateField


class MomentFilter(df.Filter):
    field_class = MomentField


def _numbers(model: Any) -> Callable[[], list[tuple[int, int]]]:
    def choices() -> list[tuple[int, int]]:
        numbers = model.objects.order_by("number").values_list("number", flat=True).distinct()
        return [(number, number) for number in numbers]

    return choices


class NumberFilter(df.MultipleChoiceFilter):
    """Numbers of goals or areas that there are."""

    def __init__(self, model: type[StrategicGoal | ActionArea], **options: Any) -> None:
        super().__init__(choices=_numbers(model), **options)


class CommitmentCodesFilter(df.Filter):
    field_class = CommitmentCodesField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


def _either(choices: Callable[[], list[tuple[Any, Any]]], lookup: str) -> df.MultipleChoiceFilter:
    return df.MultipleChoiceFilter(choices=choices, field_name=lookup)


def _by_code(model: Any, lookup: str, **options: Any) -> df.ModelMultipleChoiceFilter:
    return df.ModelMultipleChoiceFilter(
        queryset=model.objects.order_by("code"),
        to_field_name="code",
        field_name=f"{lookup}__code",
        **options,
    )


class ClockForm(forms.Form):
    """Refuses the future, which nobody knows: in the zones of the plans that are asked about."""

    now: datetime
    plans: Sequence[Plan] = ()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("known_at") and data["known_at"] > self.now:
            self.add_error("known_at", _("This moment is in the future."))
        if data.get("as_of"):
            plans = self.plans or data.get("plan") or Plan.objects.all()
            zones = [plan.time_zone for plan in plans] or ["UTC"]
            today = max(local_day(self.now, zone) for zone in zones)
            if data["as_of"] > today:
                self.add_error(
                    "as_of", _("This day is in the future; today is %(day)s.") % {"day": today}
                )
        return data


class ClockedFilterSet(df.FilterSet):
    """`as_of` and `known_at` set the clock; `now` is the moment of asking, `user` who asks.
    `plans`: those that are asked about, where the query does not say so."""

    as_of = DayFilter(method="keep")
    known_at = MomentFilter(method="keep")

    def __init__(
        self, *args: Any, now: datetime, user: Person, plans: Sequence[Plan] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.user, self.plans = now, user, plans

    def get_form_class(self) -> Any:
        form = super().get_form_class()
        return type(form.__name__, (ClockForm, form), {"now": self.now, "plans": self.plans})

    @property
    def clock(self) -> Clock:
        """Of a valid form."""
        data = self.form.cleaned_data
        return Clock(self.now, data.get("as_of"), data.get("known_at"))

    def keep(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """For what is applied elsewhere."""
        return queryset


class CommitmentFilter(ClockedFilterSet):
    plan = _by_code(Plan, "plan")
    goal = NumberFilter(StrategicGoal, field_name="goal__number")
    serves = NumberFilter(StrategicGoal, method="filter_serves")
    area = NumberFilter(ActionArea, field_name="area__number")
    forum = _by_code(Forum, "forums", method="filter_forum")
    kind = _either(Kind.choices, "kind")
    status = _either(Status.choices, "claim_status")
    tone = df.MultipleChoiceFilter(choices=Tone.choices, method="filter_tone")
    active_at = _by_code(Forum, "updates__forums", method="filter_active_at")
    freshness = _either(Freshness.choices, "freshness")
    schedule = _either(Schedule.choices, "schedule")
    evidence_level_min = df.ChoiceFilter(
        choices=[(level, level) for level in range(len(Source) + 1)],
        field_name="claim_level",
        lookup_expr="gte",
    )
    office = _by_code(Office, "lead_office", method="filter_office")
    coverage = df.MultipleChoiceFilter(choices=Coverage.choices, method="filter_coverage")
    q = df.CharFilter(method="filter_q")
    changed_since = MomentFilter(method="filter_changed")
    ordering = df.OrderingFilter(
        fields={
            "position": "number",
            "claim_effective_on": "effective_on",
            "due_on": "due_on",
            "claim_status": "status",
        }
    )

    class Meta:
        model = Commitment
        fields: list[str] = []

    @cached_property
    def lineage(self) -> Lineage:
        """Read once, however many filters ask for forums."""
        return Forum.objects.lineage()

    def filter_queryset(self, queryset: Any) -> Any:
        """The clock comes first: other filters ask what stands under it."""
        queryset = super().filter_queryset(queryset.at(self.clock, self.plans or None))
        if self.form.cleaned_data.get("ordering"):
            # What is missing comes last, on every database.
            asked = [
                OrderBy(F(name.lstrip("-")), descending=name.startswith("-"), nulls_last=True)
                for name in queryset.query.order_by
            ]
            return queryset.order_by(*asked, "plan__code", "position", "id")
        return queryset

    def filter_serves(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        supporting = Commitment.supporting_goals.through.objects.filter(
            commitment=OuterRef("pk"), strategicgoal__number__in=value
        )
        return queryset.filter(Q(goal__number__in=value) | Exists(supporting))

    def filter_forum(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.for_forums(list(value), self.lineage) if value else queryset

    def filter_active_at(self, queryset: Any, name: str, value: Any) -> Any:
        if not value:
            return queryset
        return queryset.active_at(list(value), self.clock, self.lineage, self.plans or None)

    def filter_tone(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.with_tone().filter(tone__in=value) if value else queryset

    def filter_office(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.of_offices([office.pk for office in value]) if value else queryset

    def filter_coverage(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.with_coverage(value) if value else queryset

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def filter_changed(self, queryset: Any, name: str, value: datetime) -> Any:
        """Those with a public act since that moment."""
        return queryset.changed_since(value)


class UpdateFilter(ClockedFilterSet):
    plan = _by_code(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    forum = _by_code(Forum, "forums", method="filter_forum")
    goal = NumberFilter(StrategicGoal, field_name="commitment__goal__number")
    state = _either(State.choices, "state")
    status = _either(claimable_choices, "status")
    q = df.CharFilter(method="filter_q")
    changed_since = MomentFilter(field_name="changed_at", lookup_expr="gte")

    class Meta:
        model = ProgressUpdate
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """Under a clock only what counts there is listed."""
        queryset = super().filter_queryset(queryset)
        return queryset if self.clock.is_default else queryset.under(self.clock)

    def filter_forum(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.at_forums(list(value), self.user) if value else queryset

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value, self.user)


class ChangeFilter(df.FilterSet):
    """What a filter on commitments leaves out are acts on whole plans too."""

    plan = _by_code(Plan, "plan")
    commitment = CommitmentCodesFilter(field_name="commitment")
    goal = NumberFilter(StrategicGoal, field_name="commitment__goal__number")
    forum = _by_code(Forum, "commitment__forums", method="filter_forum")
    action = _either(public_actions, "action")

    class Meta:
        model = Decision
        fields: list[str] = []

    def filter_forum(self, queryset: Any, name: str, value: Any) -> Any:
        if not value:
            return queryset
        commitments = Commitment.objects.for_forums(list(value))
        return queryset.filter(commitment__in=commitments.values("pk"))


class ForumFilter(df.FilterSet):
    plan = _by_code(Plan, "commitments__plan", method="filter_plan")
    kind = _either(ForumKind.choices, "kind")

    class Meta:
        model = Forum
        fields: list[str] = []

    def filter_plan(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.named_in(list(value)) if value else queryset


class GoalFilter(df.FilterSet):
    plan = _by_code(Plan, "plan")

    class Meta:
        model = StrategicGoal
        fields: list[str] = []


class AreaFilter(df.FilterSet):
    plan = _by_code(Plan, "plan")

    class Meta:
        model = ActionArea
        fields: list[str] = []


class MilestoneFilter(df.FilterSet):
    plan = _by_code(Plan, "commitment__plan")
    commitment = CommitmentCodesFilter(field_name="commitment")

    class Meta:
        model = Milestone
        fields: list[str] = []
