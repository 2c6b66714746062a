"""How assessments age."""

from datetime import date

import pytest

from commitments.choices import Kind
from commitments.clocks import Clock
from commitments.models import Commitment
from tests.clocks.standing import DAY, JULY_1, JUNE_30, LOOKED, stands, utc
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import TODAY, published

WRITTEN = date(2022, 3, 1)
AGES = [(0, "current"), (365, "current"), (366, "due"), (730, "due"), (731, "lapsed")]


@pytest.mark.long
@pytest.mark.parametrize("status", ["active", "partly_active", "inactive", "no_evidence"])
def test_an_assessment_ages_by_review_intervals(status, duty, reporter, reviewer):
    published(duty, reporter, reviewer, status=status, effective_on=WRITTEN, search_note=LOOKED)
    aged = {age: stands(duty, as_of=WRITTEN + age * DAY).freshness for age, _ in AGES}
    assert aged == dict(AGES)
    assert stands(duty).freshness == "lapsed"
    assert stands(duty, as_of=WRITTEN - DAY).freshness is None


MONTHLY = [(30, "current"), (31, "due"), (60, "due"), (61, "lapsed")]


@pytest.mark.parametrize(("age", "freshness"), MONTHLY)
def test_the_review_interval_is_the_plans(age, freshness, reporter, reviewer):
    monthly = CommitmentFactory(plan=PlanFactory(review_interval_days=30))
    published(monthly, reporter, reviewer, status="active", effective_on=TODAY - age * DAY)
    assert stands(monthly).freshness == freshness


@pytest.mark.parametrize(
    ("kind", "status", "freshness"),
    [
        (Kind.DELIVERABLE, "substantial", "lapsed"),
        (Kind.DELIVERABLE, "completed", "settled"),
        (Kind.DELIVERABLE, "stalled", "lapsed"),
        (Kind.DELIVERABLE, "not_achieved", "settled"),
        (Kind.STANDING, "contrary", "settled"),
        (Kind.STANDING, "not_verifiable", "settled"),
        (Kind.STANDING, "withdrawn", "settled"),
    ],
)
def test_final_and_adverse_findings_do_not_age(kind, status, freshness, reporter, reviewer):
    due_on = date(1999, 12, 31) if kind == Kind.DELIVERABLE else None
    commitment = CommitmentFactory(kind=kind, due_on=due_on)
    fields = {"effective_on": date(2001, 1, 1), "search_note": LOOKED}
    published(commitment, reporter, reviewer, status=status, **fields)
    assert stands(commitment).freshness == stands(commitment, as_of=TODAY).freshness == freshness


def test_an_assessment_ages_at_midnight_of_its_own_plan(reporter, reviewer):
    for code, zone in (("EAST", "Asia/Shanghai"), ("WEST", "America/New_York")):
        commitment = CommitmentFactory(plan=PlanFactory(code=code, time_zone=zone))
        day = date(2025, 6, 30)
        published(commitment, reporter, reviewer, status="active", effective_on=day)

    def both(at):
        return list(Commitment.objects.at(Clock(at)).in_order().values_list("day", "freshness"))

    assert both(utc("2026-06-30T15:59:59")) == [(JUNE_30, "current"), (JUNE_30, "current")]
    assert both(utc("2026-06-30T16:00:00")) == [(JULY_1, "due"), (JUNE_30, "current")]
    assert both(utc("2026-07-01T04:00:00")) == [(JULY_1, "due"), (JULY_1, "due")]
