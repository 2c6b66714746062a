"""The base of filter sets of lists that depend on the two clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments.choices import ErrorCode
from commitments.clocks import Clock, local_day
from commitments.filters.fields import AwareDateTimeFilter, DayFilter, FilteredRows
from commitments.filters.query import QueryFilterSet
from commitments.models import Plan, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet, ReviewPeriod
from commitments.models.querysets.composed import composed_once

if TYPE_CHECKING:
    from commitments.roles import Person


class ClockForm(forms.Form):
    """Refuses clocks in the future, by the time zones of the selected plans."""

    now: datetime
    plans: Sequence[Plan] = ()

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        known_at, as_of = data.get("known_at"), data.get("as_of")
        if isinstance(known_at, datetime) and known_at > self.now:
            self._refuse("known_at", _("This time is in the future."))
        if isinstance(as_of, date) and as_of > self._today():
            sentence = _("This date is in the future; today is %(day)s.")
            self._refuse("as_of", sentence % {"day": self._today()})
        return data

    def _refuse(self, name: str, sentence: str, code: ErrorCode = ErrorCode.IN_FUTURE) -> None:
        self.add_error(name, forms.ValidationError(sentence, code))

    def _today(self) -> date:
        """Return the latest local date of the selected plans, or of all."""
        selected: Iterable[Plan] = self.plans or self.cleaned_data.get("plan") or ()
        zones = {plan.time_zone for plan in selected} or {
            *Plan.objects.values_list("time_zone", flat=True).distinct()
        }
        return max(local_day(self.now, zone) for zone in zones or {"UTC"})


class ClockedFilterSet(QueryFilterSet):
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
    def named_plans(self) -> list[Plan]:
        """The plans that a valid form names, none if it names no plan."""
        return list(self.form.cleaned_data.get("plan") or ())

    @property
    def clock(self) -> Clock:
        """The clock that a valid form asks for."""
        data = self.form.cleaned_data
        return Clock(self.now, data.get("as_of"), data.get("known_at"))

    @cached_property
    def periods(self) -> list[ReviewPeriod]:
        """The review periods of the plans under the clock, read once for all filters."""
        plans = self.plans or self.named_plans
        return Plan.objects.review_periods(self.clock, plans or None)

    @property
    def activity(self) -> ProgressUpdateQuerySet:
        """The updates that are activity at forums under the clock."""
        return _activity_at(self.clock.of_day, tuple(self.periods))

    def under_clock(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with the columns that filters need under the clock."""
        return rows

    def leave_unfiltered(self, queryset: FilteredRows, name: str, value: object) -> FilteredRows:
        """Filter nothing: the clock is applied to the whole query."""
        return queryset


@composed_once
def _activity_at(clock: Clock, periods: Sequence[ReviewPeriod]) -> ProgressUpdateQuerySet:
    return ProgressUpdate.objects.activity(clock, periods)
