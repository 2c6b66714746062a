"""The days on which an assessment, or the commitment itself, becomes due."""

from datetime import date, timedelta

import pytest

from commitments.choices import Kind
from commitments.clocks import Clock
from commitments.models import Commitment, Plan
from tests.clocks.standing import DAY, LOOKED
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import NOW, TODAY, published
from tests.workflow.assessing import assess, publish

HOUR, INTERVAL = timedelta(hours=1), 365
ACTED, JUDGED = date(2020, 1, 1), date(2021, 12, 31)  # 730 days, two intervals, later
DUE = JUDGED + (INTERVAL + 1) * DAY


def due_days(commitment, **clock):
    """Return the day from which the assessment is due, and the first day that anything is."""
    at = Clock(NOW + 9 * HOUR, **clock)
    periods = Plan.objects.review_periods(at)
    row = Commitment.objects.at(at, periods).with_due_days(periods).get(pk=commitment.pk)
    return row.review_due_on, row.next_due_on


def freshness_around(commitment, day, **clock):
    """Return the freshness on the eve of a day, and on the day."""
    days = (day - DAY, day)
    clocks = [Clock(NOW + 9 * HOUR, as_of=on, **clock) for on in days]
    return [Commitment.objects.at(at).get(pk=commitment.pk).freshness for at in clocks]


@pytest.fixture
def judged(duty, reporter, reviewer):
    """An assessment of `JUDGED` that rests on an action of `ACTED`; with the event of it."""
    event = published(duty, reporter, reviewer, effective_on=ACTED)
    fields = {"rests_on": [event.pk], "effective_on": JUDGED, "covers_from": ACTED}
    publish(assess(duty, reporter, "active", {}, **fields), reporter, reviewer)
    return event


@pytest.mark.parametrize(("interval", "due"), [(365, 366), (30, 31)])
def test_an_assessment_is_due_on_the_day_after_the_review_interval(
    interval, due, reporter, reviewer
):
    row = CommitmentFactory(plan=PlanFactory(review_interval_days=interval))
    published(row, reporter, reviewer, status="inactive", effective_on=JUDGED)
    day = JUDGED + due * DAY
    assert due_days(row) == (day, day)
    assert freshness_around(row, day) == ["current", "due"]


@pytest.mark.parametrize("moved", [-100, 0, 100])
def test_it_is_due_earlier_if_it_lapses_for_want_of_an_action(
    moved, duty, judged, reporter, reviewer
):
    """The action may turn out to be older than it was thought to be."""
    day = ACTED + moved * DAY
    published(duty, reporter, reviewer, NOW + HOUR, corrects=judged, effective_on=day)
    expected = min(DUE, day + (3 * INTERVAL + 1) * DAY)
    assert due_days(duty) == (expected, expected)
    before, then = freshness_around(duty, expected)
    assert (before, then) == ("current", "due" if moved > 0 else "lapsed")


@pytest.mark.long
def test_the_day_is_that_of_the_record_as_it_was_known(duty, judged, reporter, reviewer):
    day = ACTED - 100 * DAY
    published(duty, reporter, reviewer, NOW + HOUR, corrects=judged, effective_on=day)
    known = {"as_of": DUE, "known_at": NOW}
    assert due_days(duty, **known) == (DUE, DUE)
    assert freshness_around(duty, DUE, known_at=NOW) == ["current", "lapsed"]
    assert due_days(duty, as_of=JUDGED - DAY) == (None, None)


def test_what_rests_on_no_action_any_more_has_been_due_since_its_own_day(
    duty, judged, reporter, reviewer
):
    other = published(duty, reporter, reviewer, NOW + HOUR, corrects=judged, event_type="context")
    assert other.state == "published"
    assert due_days(duty) == (JUDGED, JUDGED)


@pytest.mark.parametrize(("ends", "expected"), [(0, DUE), (-1, None)])
def test_a_duty_that_ends_before_is_not_due_again(ends, expected, duty, judged):
    Commitment.objects.filter(pk=duty.pk).update(ends_on=DUE + ends * DAY)
    assert due_days(duty, as_of=JUDGED)[0] == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, TODAY),
        ("started", TODAY),
        ("stalled", TODAY),
        ("completed", None),
        ("withdrawn", None),
    ],
)
def test_a_commitment_is_due_on_its_due_date_until_it_is_done(status, expected, reporter, reviewer):
    row = CommitmentFactory(kind=Kind.DELIVERABLE, due_on=TODAY)
    if status:
        published(row, reporter, reviewer, status=status, search_note=LOOKED)
    assert due_days(row)[1] == expected


def test_of_review_and_due_date_the_earlier_one_counts(reporter, reviewer):
    row = CommitmentFactory(kind=Kind.DELIVERABLE, due_on=DUE + DAY)
    published(row, reporter, reviewer, status="started", effective_on=JUDGED)
    assert due_days(row) == (DUE, DUE)
    Commitment.objects.filter(pk=row.pk).update(due_on=DUE - DAY)
    assert due_days(row) == (DUE, DUE - DAY)
