"""The trend: its figures at the end of each period are those of `status/` on that day."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import rollups
from commitments.choices import Action, PeriodUnit
from commitments.clocks import Clock
from commitments.models import Commitment, ProgressUpdate
from commitments.rollups.grid import grid
from commitments.rollups.trend import MAX_PERIODS, trend
from tests import steps
from tests.examples import examples
from tests.steps import NOW, TODAY

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HOUR = timedelta(hours=1)
STATUSES = {
    "standing": ["active", "active", "partly_active", "contrary", "withdrawn"],
    "deliverable": ["started", "completed", "stalled"],
}
days = st.dates(date(2019, 1, 1), TODAY)
histories = st.lists(
    st.tuples(
        st.booleans(),
        days,
        st.integers(0, 4),
        st.sampled_from([None, 0, 100, 730]),  # age of the event on which it rests, if not itself
        st.sampled_from(["statement", "participation"]),
        st.sampled_from(["nothing", "nothing", "assessment", "event"]),  # what is withdrawn
    ),
    min_size=1,
    max_size=8,
)


def publish_assessment(row, status, on, age, event_type, withdrawn, at, reporter, reviewer):
    """Publish an assessment, and the event on which it rests; then withdraw one of them."""
    fields = {"evidence": [steps.RESOLUTION], "effective_on": on, "event_type": event_type}
    event = None
    if age is not None:
        fields["effective_on"] -= timedelta(days=age)
        event = steps.published(row, reporter, reviewer, at, **fields)
        fields |= {"effective_on": on, "event_type": None, "rests_on": [event.pk]}
        if row.kind == "standing":
            fields["covers_from"] = event.effective_on
    update = steps.published(row, reporter, reviewer, at, status=status, **fields)
    wrong = {"assessment": update, "event": event, "nothing": None}[withdrawn]
    if wrong is not None:
        steps.perform(wrong, Action.RETRACT, reviewer, at + HOUR / 2, note="Wrong.")


@pytest.mark.long
@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=histories,
    unit=st.sampled_from(list(PeriodUnit)),
    as_of=st.none() | days,
    known=st.none() | st.integers(0, 18),
    adopted=st.none() | days,
)
def test_each_period_has_the_figures_of_its_last_day(
    plan, duty, deliverable, reporter, reviewer, history, unit, as_of, known, adopted
):
    with transaction.atomic():
        plan.adopted_on, at = adopted, NOW
        for is_duty, on, choice, *event in history:
            at += HOUR
            row = duty if is_duty else deliverable
            status = STATUSES[row.kind][choice % len(STATUSES[row.kind])]
            publish_assessment(row, status, on, *event, at, reporter, reviewer)
        at += HOUR
        known_at = None if known is None else NOW + known * HOUR / 2
        clock = Clock(now=at, as_of=as_of, known_at=known_at)
        commitments = Commitment.objects.filter(plan=plan)
        periods = trend(commitments.at(clock), plan, unit, clock)
        assert periods[-1].ends_on == clock.day(plan.time_zone)
        for period in periods[:3] + periods[-12:]:
            period_clock = Clock(now=at, as_of=period.ends_on, known_at=known_at)
            total = rollups.total(commitments.at(period_clock))
            assert (period.group.kinds, period.group.freshness) == (total.kinds, total.freshness)
        transaction.set_rollback(True)


def test_the_trend_follows_corrections_of_events(plan, duty, reporter, reviewer):
    """The action on which the assessment rests was later than first recorded, so that it holds
    longer. The event that it names is a correction itself."""
    wrong, right, on = date(2022, 12, 1), date(2024, 5, 1), date(2024, 6, 1)
    first = steps.published(duty, reporter, reviewer, effective_on=wrong)
    event = steps.published(duty, reporter, reviewer, effective_on=wrong, corrects=first)
    fields = {"event_type": None, "rests_on": [event.pk], "covers_from": wrong}
    steps.published(duty, reporter, reviewer, status="active", effective_on=on, **fields)
    steps.published(duty, reporter, reviewer, NOW + HOUR, corrects=event, effective_on=right)
    for known_at, fulfilled in ((NOW, (0, 1)), (None, (1, 1))):
        clock = Clock(NOW + HOUR, as_of=date(2025, 12, 31), known_at=known_at)
        periods = trend(Commitment.objects.at(clock), plan, PeriodUnit.YEAR, clock)
        assert periods[-1].group.kinds["standing"].fulfilled == fulfilled


def test_an_action_that_a_correction_moved_supports_the_days_before_it_too(
    plan, duty, reporter, reviewer
):
    on, later = date(2024, 3, 31), date(2024, 5, 10)
    event = steps.published(duty, reporter, reviewer, effective_on=date(2024, 3, 10))
    fields = {"event_type": None, "rests_on": [event.pk], "covers_from": date(2024, 1, 1)}
    steps.published(duty, reporter, reviewer, status="active", effective_on=on, **fields)
    steps.published(duty, reporter, reviewer, NOW + HOUR, corrects=event, effective_on=later)
    for as_of in (date(2024, 4, 30), date(2024, 6, 30)):
        clock = Clock(NOW + HOUR, as_of=as_of)
        commitments = Commitment.objects.at(clock)
        periods = trend(commitments, plan, PeriodUnit.MONTH, clock)
        assert commitments.get(pk=duty.pk).freshness == "current"
        shown = {row.ends_on: row.group.freshness for row in periods}
        assert shown[date(2024, 4, 30)] == shown[as_of] == rollups.total(commitments).freshness


def test_the_first_cell_of_a_grid_counts_no_event_from_before_its_period(
    plan, duty, reporter, reviewer
):
    """It begins with the first assessment, if it is not known when the plan was adopted."""
    for day, fields in (
        (date(2023, 11, 1), {"event_type": "statement"}),
        (date(2024, 2, 1), {"event_type": "context"}),
        (date(2024, 3, 31), {"status": "active"}),
    ):
        steps.published(duty, reporter, reviewer, effective_on=day, **fields)
    for unit, events in ((PeriodUnit.YEAR, 2), (PeriodUnit.QUARTER, 2), (PeriodUnit.MONTH, 1)):
        [row] = grid([duty], plan, unit, Clock(NOW, as_of=date(2024, 6, 30))).rows
        assert row.cells[0].events == events


@pytest.mark.parametrize(
    ("unit", "first", "last", "names"),
    [
        (PeriodUnit.YEAR, date(2024, 5, 3), date(2026, 7, 1), ["2024", "2025", "2026"]),
        (PeriodUnit.YEAR, date(2025, 12, 31), date(2026, 1, 1), ["2025", "2026"]),
        (
            PeriodUnit.QUARTER,
            date(2025, 12, 31),
            date(2026, 4, 1),
            ["2025-Q4", "2026-Q1", "2026-Q2"],
        ),
        (PeriodUnit.MONTH, date(2024, 1, 31), date(2024, 3, 1), ["2024-01", "2024-02", "2024-03"]),
        (PeriodUnit.MONTH, date(2026, 6, 30), date(2026, 6, 30), ["2026-06"]),
    ],
)
def test_periods_follow_one_another_without_a_gap(plan, duty, unit, first, last, names):
    plan.adopted_on = first
    clock = Clock(now=NOW, as_of=last)
    periods = trend(Commitment.objects.at(clock), plan, unit, clock)
    assert [period.name for period in periods] == names
    assert periods[-1].ends_on == last
    ends = [period.ends_on for period in periods[:-1]]
    assert all((day + timedelta(days=1)).day == 1 for day in ends)


def test_of_too_many_periods_the_latest_are_returned(plan, duty):
    plan.adopted_on = date(1, 1, 1)
    clock = Clock(now=NOW)
    periods = trend(Commitment.objects.at(clock), plan, PeriodUnit.MONTH, clock)
    assert len(periods) == MAX_PERIODS
    assert periods[-1].name == "2026-07"


def test_the_answer_of_the_api(api, plan, duty, deliverable, reporter, reviewer, noon):
    on = date(2024, 5, 3)
    steps.published(duty, reporter, reviewer, status="active", effective_on=on)
    answer = api().get("/api/v1/status/trend/?plan=PLAN&by=year&kind=standing").json()
    assert {name: answer[name] for name in ("plan", "as_of", "known_at", "methodology", "by")} == {
        "plan": "PLAN",
        "as_of": "2026-07-01",
        "known_at": None,
        "methodology": 2,
        "by": "year",
    }
    periods = [
        (row["period"], row["ends_on"], row["standing"]["fulfilled"], row["freshness"]["lapsed"])
        for row in answer["periods"]
    ]
    assert periods == [
        ("2024", "2024-12-31", [1, 1], 0),
        ("2025", "2025-12-31", [1, 1], 0),
        ("2026", "2026-07-01", [0, 1], 1),
    ]
    assert answer["periods"][0]["deliverable"]["of"] == 0


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("plan=PLAN", "by", ["month", "quarter", "year"]),
        ("plan=PLAN&by=day", "by", ["month", "quarter", "year"]),
        ("plan=PLAN&by=year&by=month", "by", None),
        ("by=year", "plan", ["PLAN"]),
        ("plan=PLAN&by=year&ordering=number", "ordering", None),
        ("plan=PLAN&by=year&as_of=2030-01-01", "as_of", None),
    ],
)
def test_invalid_parameters_are_refused(api, plan, noon, query, parameter, allowed):
    answer = api().get(f"/api/v1/status/trend/?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert allowed is None or error["allowed"] == allowed


@pytest.mark.long
def test_a_trend_costs_the_same_queries_however_long_it_is(
    api, plan, duty, reporter, reviewer, noon, django_assert_num_queries
):
    for year in (2020, 2023, 2026):
        on = date(year, 1, 1)
        steps.published(duty, reporter, reviewer, status="active", effective_on=on)
    assert ProgressUpdate.objects.count() == 3
    for unit in PeriodUnit.values():
        with django_assert_num_queries(5):
            api().get(f"/api/v1/status/trend/?plan=PLAN&by={unit}")
