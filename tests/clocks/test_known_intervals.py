"""Under `known_at` the review interval is the one known then: a later edit of it rewrites no answer
that was already given."""

from datetime import timedelta

import pytest

from commitments import rollups
from commitments.choices import PeriodUnit
from commitments.clocks import Clock
from commitments.models import Commitment
from commitments.rollups.grid import grid
from commitments.rollups.trend import trend
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import NOW, TODAY, edited, published, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
EARLIER = NOW - timedelta(days=50)


def loaded(plan, interval):
    """Load a plan with a review interval and one duty."""
    plan.review_interval_days = interval
    plan.save()
    CommitmentFactory(plan=plan, number="1.1", position=1)
    record_loaded(plan, at=EARLIER)
    return plan


def assessed(plan, reporter, reviewer):
    """Publish an assessment as of forty days ago."""
    fields = {"effective_on": TODAY - 40 * DAY, "status": "inactive"}
    published(plan.commitments.get(), reporter, reviewer, NOW - 40 * DAY, **fields)


@pytest.fixture
def stretched(plan, reporter, reviewer, curator):
    """A plan whose only assessment was due, until a curator set the interval to 100,000 days."""
    assessed(loaded(plan, 30), reporter, reviewer)
    plan.review_interval_days = 100_000
    edited(plan, curator)
    return plan


def freshness(**clock):
    [row] = Commitment.objects.at(Clock(NOW + DAY, **clock))
    return row.freshness


def test_an_edit_of_the_interval_changes_no_answer_known_before(stretched):
    assert freshness() == "current"
    assert freshness(known_at=NOW) == "current"
    assert freshness(known_at=NOW - TICK) == "due"
    assert freshness(known_at=NOW - TICK, as_of=TODAY - 20 * DAY) == "current"


def test_before_the_plan_was_loaded_its_interval_is_todays(stretched):
    clock = Clock(NOW, known_at=EARLIER - TICK)
    assert interval(stretched, clock) == 100_000
    assert interval(stretched, Clock(NOW, known_at=EARLIER)) == 30


def interval(plan, clock):
    [period] = plan.review_periods(clock)
    return period.interval_days


def test_roll_ups_trend_and_grid_use_the_interval_known_then(stretched):
    for time, expected in ((NOW - TICK, "due"), (NOW, "current")):
        clock = Clock(NOW, known_at=time)
        rows = Commitment.objects.at(clock, stretched.review_periods(clock))
        assert rollups.total(rows).freshness[expected] == 1
        last = trend(rows, stretched, PeriodUnit.YEAR, clock)[-1]
        assert last.group.freshness[expected] == 1
        cell = grid(rows, stretched, PeriodUnit.YEAR, clock).rows[0].cells[-1]
        assert cell.item.freshness == expected


@pytest.mark.long
def test_pages_and_api_use_the_interval_known_then(stretched, api, get_page):
    before = (NOW - TICK).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    answer = api().get("/api/v1/commitments/PLAN-1.1/", {"known_at": before}).json()
    assert answer["status"]["freshness"] == "due"
    found = api().get("/api/v1/commitments/", {"freshness": "due", "known_at": before}).json()
    assert found["count"] == 1
    page = get_page(f"/en/PLAN/methodology/?known_at={before}")
    assert "30 days" in page
    assert "100000" not in page.replace(",", "")


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (30, 100_000, {"PLAN": "due", "OTHER": "current"}),
        (100_000, 30, {"PLAN": "current", "OTHER": "due"}),
    ],
)
def test_a_plan_that_always_had_the_interval_that_another_has_now_keeps_it(
    plan, reporter, reviewer, curator, then, now, expected
):
    for row in (loaded(PlanFactory(code="OTHER"), now), loaded(plan, then)):
        assessed(row, reporter, reviewer)
    plan.review_interval_days = now
    edited(plan, curator)
    rows = Commitment.objects.at(Clock(NOW, known_at=NOW - TICK))
    assert {row.plan.code: row.freshness for row in rows} == expected
    today = Commitment.objects.at(Clock(NOW))
    assert len({row.freshness for row in today}) == 1
