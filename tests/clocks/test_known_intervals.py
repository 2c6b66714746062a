"""Under `known_at` the review interval is the one known then: a later edit of it rewrites no answer
that was already given."""

from datetime import timedelta

import pytest

from commitments import rollups
from commitments.choices import PeriodUnit
from commitments.clocks import Clock
from commitments.models import Commitment, Plan
from commitments.rollups.grid import grid
from commitments.rollups.trend import trend
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import NOW, TODAY, edited, published, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
EARLIER = NOW - timedelta(days=50)


@pytest.fixture
def stretched(plan, duty, reporter, reviewer, curator):
    """A plan whose only assessment was due, until a curator set the interval to 100,000 days."""
    plan.review_interval_days = 30
    plan.save()
    record_loaded(plan, at=EARLIER)
    day = TODAY - 40 * DAY
    published(duty, reporter, reviewer, NOW - 40 * DAY, effective_on=day, status="inactive")
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
    assert Plan.objects.interval_of(stretched, clock) == 100_000
    assert Plan.objects.interval_of(stretched, Clock(NOW, known_at=EARLIER)) == 30


def test_roll_ups_trend_and_grid_use_the_interval_known_then(stretched):
    for time, expected in ((NOW - TICK, "due"), (NOW, "current")):
        clock = Clock(NOW, known_at=time)
        rows = Commitment.objects.at(clock, [stretched])
        report = rollups.report(rows, None, clock)
        assert report.total.freshness[expected] == 1
        last = trend(rows, stretched, PeriodUnit.YEAR, clock)[-1]
        assert last.group.freshness[expected] == 1
        cell = grid(rows, stretched, PeriodUnit.YEAR, clock).rows[0].cells[-1]
        assert cell.item.freshness == expected


def test_pages_and_api_use_the_interval_known_then(stretched, api, get_page):
    before = (NOW - TICK).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    answer = api().get("/api/v1/commitments/PLAN-1.1/", {"known_at": before}).json()
    assert answer["status"]["freshness"] == "due"
    found = api().get("/api/v1/commitments/", {"freshness": "due", "known_at": before}).json()
    assert found["count"] == 1
    page = get_page(f"/en/PLAN/methodology/?known_at={before}")
    assert "30 days" in page
    assert "100000" not in page.replace(",", "")


@pytest.fixture
def other(reporter, reviewer):
    """Another plan, with the interval that the first one gets later, and an assessment like its."""
    other = PlanFactory(code="OTHER", review_interval_days=100_000)
    duty = CommitmentFactory(plan=other, number="1", position=1)
    record_loaded(other, at=EARLIER)
    day = TODAY - 40 * DAY
    published(duty, reporter, reviewer, NOW - 40 * DAY, effective_on=day, status="inactive")
    return other


def test_other_plans_with_the_same_interval_are_not_touched(other, stretched):
    rows = Commitment.objects.at(Clock(NOW, known_at=NOW - TICK))
    assert {row.plan.code: row.freshness for row in rows} == {"PLAN": "due", "OTHER": "current"}
