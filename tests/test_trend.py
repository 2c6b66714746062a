"""`status/trend/`: at the end of each period the very figures that `status/` gives of that day."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import rollups
from commitments.choices import Action
from commitments.clocks import Clock
from commitments.models import Commitment, ProgressUpdate
from commitments.trend import MOST, Step, trend
from tests import steps
from tests.steps import NOW, TODAY

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HOUR = timedelta(hours=1)
CLAIMS = {
    "standing": ["active", "partly_active", "contrary", "withdrawn"],
    "deliverable": ["started", "completed", "stalled"],
}
days = st.dates(date(2019, 1, 1), TODAY)
stories = st.lists(
    st.tuples(st.booleans(), days, st.integers(0, 3), st.booleans()), min_size=1, max_size=8
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=stories,
    step=st.sampled_from(list(Step)),
    as_of=st.none() | days,
    known=st.none() | st.integers(0, 9),
    adopted=st.none() | days,
)
def test_each_period_has_the_figures_of_its_last_day(
    plan, duty, deliverable, reporter, reviewer, story, step, as_of, known, adopted
):
    with transaction.atomic():
        plan.adopted_on, at = adopted, NOW
        for is_duty, on, which, gone in story:
            at += HOUR
            row = duty if is_duty else deliverable
            status = CLAIMS[row.kind][which % len(CLAIMS[row.kind])]
            update = steps.published(
                row,
                reporter,
                reviewer,
                at,
                status=status,
                effective_on=on,
                evidence=[steps.RESOLUTION],
            )
            if gone:
                steps.act(update, Action.RETRACT, reviewer, at, note="Wrong.")
        moment = None if known is None else NOW + known * HOUR
        clock = Clock(now=at, as_of=as_of, known_at=moment)
        every = Commitment.objects.filter(plan=plan)
        periods = trend(every.at(clock), plan, step, clock)
        assert periods[-1].ends_on == clock.day(plan.time_zone)
        for period in periods[:3] + periods[-12:]:
            then = Clock(now=at, as_of=period.ends_on, known_at=moment)
            whole = rollups.report(every.at(then), None, then).total
            assert (period.group.kinds, period.group.freshness) == (whole.kinds, whole.freshness)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("step", "first", "last", "names"),
    [
        (Step.YEAR, date(2024, 5, 3), date(2026, 7, 1), ["2024", "2025", "2026"]),
        (Step.YEAR, date(2025, 12, 31), date(2026, 1, 1), ["2025", "2026"]),
        (Step.QUARTER, date(2025, 12, 31), date(2026, 4, 1), ["2025-Q4", "2026-Q1", "2026-Q2"]),
        (Step.MONTH, date(2024, 1, 31), date(2024, 3, 1), ["2024-01", "2024-02", "2024-03"]),
        (Step.MONTH, date(2026, 6, 30), date(2026, 6, 30), ["2026-06"]),
    ],
)
def test_periods_follow_one_another_without_a_gap(plan, duty, step, first, last, names):
    plan.adopted_on = first
    clock = Clock(now=NOW, as_of=last)
    periods = trend(Commitment.objects.at(clock), plan, step, clock)
    assert [period.name for period in periods] == names
    assert periods[-1].ends_on == last
    ends = [period.ends_on for period in periods[:-1]]
    assert all((day + timedelta(days=1)).day == 1 for day in ends)


def test_of_very_many_periods_the_latest_are_told(plan, duty):
    plan.adopted_on = date(1, 1, 1)
    clock = Clock(now=NOW)
    periods = trend(Commitment.objects.at(clock), plan, Step.MONTH, clock)
    assert len(periods) == MOST
    assert periods[-1].name == "2026-07"


def test_what_the_api_answers(api, plan, duty, deliverable, reporter, reviewer, noon):
    on = date(2024, 5, 3)
    steps.published(duty, reporter, reviewer, status="active", effective_on=on)
    answer = api().get("/api/v1/status/trend/?plan=PLAN&by=year&kind=standing").json()
    assert {name: answer[name] for name in ("plan", "as_of", "known_at", "methodology", "by")} == {
        "plan": "PLAN",
        "as_of": "2026-07-01",
        "known_at": None,
        "methodology": 1,
        "by": "year",
    }
    told = [
        (row["period"], row["ends_on"], row["standing"]["fulfilled"], row["freshness"]["lapsed"])
        for row in answer["periods"]
    ]
    assert told == [
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
        ("plan=PLAN&by=year&by=month", "by", ["month", "quarter", "year"]),
        ("by=year", "plan", ["PLAN"]),
        ("plan=PLAN&by=year&ordering=number", "ordering", None),
        ("plan=PLAN&by=year&as_of=2030-01-01", "as_of", None),
    ],
)
def test_what_is_not_understood_is_refused(api, plan, noon, query, parameter, allowed):
    answer = api().get(f"/api/v1/status/trend/?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert allowed is None or error["allowed"] == allowed


def test_a_trend_costs_the_same_queries_however_long_it_is(
    api, plan, duty, reporter, reviewer, noon, django_assert_num_queries
):
    for year in (2020, 2023, 2026):
        on = date(year, 1, 1)
        steps.published(duty, reporter, reviewer, status="active", effective_on=on)
    assert ProgressUpdate.objects.count() == 3
    for step in Step.values():
        with django_assert_num_queries(5):
            api().get(f"/api/v1/status/trend/?plan=PLAN&by={step}")
