"""Freshness and schedule of commitments: the columns they depend on, and the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import (
    Case,
    CharField,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, NullIf
from django.db.models.lookups import GreaterThan, LessThan

from commitments.choices import Freshness, Schedule, ScheduleDate, statuses_where
from commitments.clocks import ACTION_LAPSE_INTERVALS, EARLIEST_END, Clock, days_before
from commitments.models.querysets.milestones import KnownDateQuerySet, is_known
from commitments.models.querysets.plans import ReviewPeriod
from commitments.models.querysets.shared import related
from commitments.models.querysets.updates import ProgressUpdateQuerySet

if TYPE_CHECKING:
    from django.db.models import Model


# The most days that can be subtracted from any end without leaving the calendar.
MAX_DAYS_BEFORE_END = EARLIEST_END.toordinal() - 1
# The freshness of assessments that age.
AGEING = (Freshness.CURRENT, Freshness.DUE, Freshness.LAPSED)


def by_period(
    periods: Iterable[ReviewPeriod], intervals: int, default: date, *, end: str = ""
) -> Case:
    """Return the day that is `intervals` review intervals before the day of each commitment's plan
    or, where the day in the column `end` has passed, before that one.

    A plan that was added after the periods were read is in none of them and gets the default.
    """
    branches = []
    for period in periods:
        included, days = period.includes("plan"), intervals * period.interval_days
        if end:
            span = timedelta(days=min(days, MAX_DAYS_BEFORE_END))
            before_end = ExpressionWrapper(F(end) - span, output_field=DateField())
            branches.append(When(included & Q((f"{end}__lt", period.day)), then=before_end))
        branches.append(When(included, then=Value(days_before(period.day, days))))
    return Case(*branches, default=Value(default), output_field=DateField())


def known_date_joins(clock: Clock) -> dict[str, FilteredRelation]:
    """Return the joins to the dates of commitments that were known at the time of the clock, for
    `known_dates`; none are needed without `known_at`. A date is known by one row at a time, so
    that no commitment is repeated. Dates that a commitment had while it was of another kind are
    left out, as by `KnownDateQuerySet.of_present_kinds`."""
    if clock.known_at is None:
        return {}
    known = Q(known_dates__milestone__isnull=True) & is_known(clock.known_at, "known_dates__")
    return {
        f"at_{name.value}": FilteredRelation(
            "known_dates",
            condition=known & Q(known_dates__name=name.value, kind=name.kind.value),
        )
        for name in ScheduleDate
    }


def known_dates(clock: Clock) -> dict[str, F]:
    """Return the columns `known_due_on` and `known_ends_on`."""
    column = "{}" if clock.known_at is None else "at_{}__day"
    return {f"known_{name.value}": F(column.format(name.value)) for name in ScheduleDate}


def freshness() -> Case:
    """Return the freshness, a code of `Freshness` or null.

    Once a standing duty has ended, an assessment that had not lapsed by then is settled: `due_from`
    and `action_due_from` are counted from its end.
    """
    # Without an action the day is the earliest; a second comparison would repeat the subquery.
    acted_on = Coalesce(F("basis_action_on"), Value(date.min), output_field=DateField())
    needs_action = Q(assessment_status__in=statuses_where(needs_action=True))
    has_lapsed = Q(assessment_effective_on__lt=F("due_from")) | (
        needs_action & Q(LessThan(acted_on, F("action_due_from")))
    )
    is_settled = Q(assessment_status__in=statuses_where(settled=True))
    return Case(
        When(assessment_id__isnull=True, then=Value(None)),
        When(is_settled, then=Value(Freshness.SETTLED.value)),
        When(has_lapsed, then=Value(Freshness.LAPSED.value)),
        When(known_ends_on__lt=F("day"), then=Value(Freshness.SETTLED.value)),
        When(
            assessment_effective_on__gte=F("current_from"),
            then=Value(Freshness.CURRENT.value),
        ),
        default=Value(Freshness.DUE.value),
        output_field=CharField(null=True),
    )


def schedule(commitments: QuerySet[Model], clock: Clock) -> Case:
    """Return the schedule, a code of `Schedule`, by the dates known at the time of the clock."""
    dates = related(commitments, "known_dates", KnownDateQuerySet).known(clock.known_at)
    milestones = dates.of_milestones().filter(commitment=OuterRef("pk"), day__isnull=False)
    updates = related(commitments, "updates", ProgressUpdateQuerySet).counting(clock)
    meeting = updates.filter(
        meets=OuterRef("milestone"), effective_on__lte=OuterRef(OuterRef("day"))
    )
    missed = milestones.filter(~Exists(meeting.meeting_milestones(clock)), day__lt=OuterRef("day"))
    is_late = Q(known_due_on__lt=F("day")) | Q(Exists(missed))
    has_ended = Q(assessment_status__in=statuses_where(final=True))
    has_dates = Q(known_due_on__isnull=False) | Q(Exists(milestones))
    return Case(
        When(is_late & ~has_ended, then=Value(Schedule.OVERDUE.value)),
        When(has_dates, then=Value(Schedule.ON_SCHEDULE.value)),
        default=Value(Schedule.NONE.value),
        output_field=CharField(),
    )


def review_due_on(periods: Iterable[ReviewPeriod]) -> Case:
    """Return the first day on which the current assessment is due for review: the day after one
    review interval or, if its status needs an action, the earlier one on which it lapses because
    the newest action it rests on is too old. Null if it does not age, or if the duty ends before.
    """
    periods = list(periods)
    due_on = _day_after("assessment_effective_on", periods, 1)
    # An assessment that no longer rests on an action lapses at once.
    acted_on = Coalesce(F("basis_action_on"), Value(date.min), output_field=DateField())
    lapses_on = _day_after(acted_on, periods, ACTION_LAPSE_INTERVALS)
    first = Greatest(F("assessment_effective_on"), Least(due_on, lapses_on))
    needs_action = Q(assessment_status__in=statuses_where(needs_action=True))
    day = Case(When(needs_action, then=first), default=due_on, output_field=DateField())
    ends_before = Q(known_ends_on__isnull=False) & Q(GreaterThan(day, F("known_ends_on")))
    return Case(
        When(Q(freshness__in=AGEING) & ~ends_before, then=day),
        default=Value(None),
        output_field=DateField(),
    )


def next_due_on() -> NullIf:
    """Return the day of `review_due_on`, or the due date of the commitment itself if that is
    earlier; null without either. A final status has met its due date, or has missed it for good."""
    last, is_open = Value(date.max), ~Q(assessment_status__in=statuses_where(final=True))
    own = Case(When(is_open, then=F("known_due_on")), output_field=DateField())
    first = Least(Coalesce(F("review_due_on"), last), Coalesce(own, last))
    return NullIf(first, last, output_field=DateField())


def day_ahead(periods: Iterable[ReviewPeriod], ahead: timedelta) -> Case:
    """Return the day that is `ahead` later than the day of each commitment's plan."""
    branches = (When(row.includes("plan"), then=Value(row.day + ahead)) for row in periods)
    return Case(*branches, default=Value(None), output_field=DateField())


def _day_after(start: str | Coalesce, periods: Iterable[ReviewPeriod], intervals: int) -> Cast:
    """Return the day after `intervals` review intervals from `start`."""
    spans = Case(
        *(
            When(row.includes("plan"), then=Value(timedelta(intervals * row.interval_days + 1)))
            for row in periods
        ),
        default=Value(timedelta()),
        output_field=DurationField(),
    )
    first = F(start) if isinstance(start, str) else start
    # On PostgreSQL, adding an interval to a date gives a timestamp.
    return Cast(ExpressionWrapper(first + spans, output_field=DateField()), DateField())
