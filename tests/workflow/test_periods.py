"""The period of an assessment, and what every event needs."""

from datetime import date, timedelta

import pytest

from commitments import workflow
from commitments.choices import Action, DatePrecision
from commitments.clocks import Clock
from commitments.exceptions import InvalidInput
from commitments.models import Commitment, ProgressUpdate
from tests.steps import INTERNAL, NOW, REPORT, TODAY, draft, perform, published
from tests.workflow.assessing import LOOKED, publish, refusals

pytestmark = pytest.mark.alike

DAY = timedelta(days=1)
INTERVAL = 90
ADOPTED = date(2025, 12, 1)


@pytest.fixture(autouse=True)
def dated_plan(plan):
    plan.review_interval_days, plan.adopted_on = INTERVAL, ADOPTED
    plan.save()
    return plan


def over(commitment, author, first, last=TODAY, **fields):
    """Create the draft of an assessment of the days from `first` to `last`."""
    fields = {"status": "inactive", "event_type": None} | fields
    return draft(commitment, author, covers_from=first, effective_on=last, **fields)


def edit(update, by, **fields):
    return workflow.edit_draft(update, by=by, at=NOW, **fields)


def paths(caught):
    return {problem.path for problem in caught.value.problems}


# The period


def test_a_period_is_offered_from_two_intervals_before_or_the_plans_adoption(duty):
    assert workflow.first_day_offered(duty, TODAY) == TODAY - 2 * INTERVAL * DAY
    assert workflow.first_day_offered(duty, ADOPTED + 30 * DAY) == ADOPTED
    assert workflow.first_day_offered(duty, ADOPTED - DAY) == ADOPTED - DAY


def test_a_period_is_offered_from_the_day_after_the_last_assessment(duty, reporter, reviewer):
    before = TODAY - 30 * DAY
    published(duty, reporter, reviewer, status="inactive", effective_on=before)
    duty.refresh_from_db()
    assert workflow.first_day_offered(duty, TODAY) == before + DAY
    # The last assessment is longer ago than a period may be, or not earlier than the new one.
    late = before + (2 * INTERVAL + 10) * DAY
    assert workflow.first_day_offered(duty, late) == late - 2 * INTERVAL * DAY
    assert workflow.first_day_offered(duty, before) == before - 2 * INTERVAL * DAY


def test_no_period_is_offered_for_a_deliverable(deliverable):
    assert workflow.first_day_offered(deliverable, TODAY) is None


@pytest.mark.parametrize(
    ("days", "problems"),
    [
        (0, []),
        (1, []),
        (INTERVAL, []),
        (2 * INTERVAL, []),
        (2 * INTERVAL + 1, [("covers_from",)]),
        (2 * INTERVAL + 30, [("covers_from",)]),
    ],
)
def test_a_period_is_at_most_two_review_intervals_long(duty, reporter, days, problems):
    assert refusals(over(duty, reporter, TODAY - days * DAY), reporter) == problems


@pytest.mark.parametrize(
    "status", ["inactive", "partly_active", "no_evidence", "contrary", "withdrawn"]
)
def test_every_assessment_of_a_duty_covers_a_period(duty, reporter, status):
    fields = {"event_type": "participation", "search_note": LOOKED}
    update = over(duty, reporter, None, status=status, **fields)
    assert refusals(update, reporter) == [("covers_from",)]
    update = over(duty, reporter, TODAY - 9 * DAY, status=status, **fields)
    assert refusals(update, reporter) == []


def test_a_period_does_not_begin_after_the_date(duty, reporter):
    update = over(duty, reporter, TODAY)
    assert refusals(update, reporter) == []
    with pytest.raises(InvalidInput) as caught:
        over(duty, reporter, TODAY, TODAY - DAY)
    assert paths(caught) == {("covers_from",)}
    with pytest.raises(InvalidInput) as caught:
        edit(draft(duty, reporter), reporter, status="inactive", covers_from=TODAY + DAY)
    assert paths(caught) == {("covers_from",)}


def test_a_period_does_not_begin_before_the_plan(duty, reporter):
    last = ADOPTED + 60 * DAY
    assert refusals(over(duty, reporter, ADOPTED, last), reporter) == []
    update = over(duty, reporter, ADOPTED - DAY, last)
    assert refusals(update, reporter) == [("covers_from",)]


def test_only_a_duty_has_periods(deliverable, reporter):
    fields = {"status": "started", "event_type": None}
    assert refusals(draft(deliverable, reporter, **fields), reporter) == []
    update = draft(deliverable, reporter, covers_from=TODAY - DAY, **fields)
    assert refusals(update, reporter) == [("covers_from",)]


def test_only_an_assessment_has_a_period(duty, reporter):
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, covers_from=TODAY - DAY)
    assert paths(caught) == {("covers_from",)}
    update = over(duty, reporter, TODAY - DAY, event_type="participation")
    with pytest.raises(InvalidInput) as caught:
        edit(update, reporter, status=None)
    assert paths(caught) == {("covers_from",)}


def test_the_api_answers_with_the_field(api, duty, reporter, noon):
    body = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", "covers_from": "2026-07-01"}
    for more in ({"status": "inactive"}, {"event_type": "statement"}):
        answer = api(reporter).post("/api/v1/updates/", body | more, format="json")
        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == ["#/covers_from"]


def test_periods_may_overlap(duty, reporter, reviewer):
    for last in (TODAY - 10 * DAY, TODAY - 5 * DAY, TODAY):
        publish(over(duty, reporter, TODAY - 30 * DAY, last), reporter, reviewer)
    row = Commitment.objects.at(Clock(NOW)).get(pk=duty.pk)
    assert (row.assessment_covers_from, row.assessment_effective_on) == (TODAY - 30 * DAY, TODAY)


def test_a_period_ends_on_the_day_that_is_stored_for_a_month(duty, reporter):
    """A month that is over counts as its last day."""
    fields = {"date_precision": DatePrecision.MONTH}
    end = date(2026, 5, 31)
    update = over(duty, reporter, end - 2 * INTERVAL * DAY, date(2026, 5, 3), **fields)
    assert update.effective_on == end
    assert refusals(update, reporter) == []
    update = over(duty, reporter, end - (2 * INTERVAL + 1) * DAY, date(2026, 5, 3), **fields)
    assert refusals(update, reporter) == [("covers_from",)]


def test_a_period_that_an_amendment_made_too_long_is_refused_on_publication(
    duty, reporter, reviewer, plan
):
    update = over(duty, reporter, TODAY - 2 * INTERVAL * DAY)
    perform(update, Action.SUBMIT, reporter)
    plan.review_interval_days = INTERVAL - 1
    plan.save()
    assert refusals(update, reviewer, Action.PUBLISH) == [("covers_from",)]


# Events


def test_an_event_before_the_adoption_of_the_plan_is_refused(duty, reporter):
    update = draft(duty, reporter, effective_on=ADOPTED - DAY)
    assert refusals(update, reporter) == [("effective_on",)]
    assert refusals(draft(duty, reporter, effective_on=ADOPTED), reporter) == []


def test_an_event_of_a_plan_without_a_day_of_adoption_has_any_day(duty, reporter, plan):
    plan.adopted_on = None
    plan.save()
    update = draft(duty, reporter, effective_on=date(1999, 1, 1))
    assert refusals(update, reporter) == []


@pytest.mark.parametrize("event_type", ["statement", "context", "contrary"])
def test_an_event_without_a_source_is_refused(duty, reporter, event_type):
    update = draft(duty, reporter, event_type=event_type, evidence=())
    assert refusals(update, reporter) == [("evidence",)]
    for piece in (REPORT, INTERNAL):
        update = draft(duty, reporter, event_type=event_type, evidence=[piece])
        assert refusals(update, reporter) == []


def test_an_event_that_is_an_assessment_too_needs_its_own_source(duty, reporter, reviewer):
    event = published(duty, reporter, reviewer, evidence=[REPORT])
    fields = {"rests_on": [event.pk], "evidence": ()}
    update = over(duty, reporter, TODAY - DAY, event_type="participation", **fields)
    assert refusals(update, reporter) == [("evidence",)]
    assert refusals(over(duty, reporter, TODAY - DAY, **fields), reporter) == []


def test_an_update_is_an_event_an_assessment_or_both(duty, reporter):
    update = draft(duty, reporter, event_type=None)
    assert refusals(update, reporter) == [("event_type",)]
    update = edit(update, reporter, event_type="statement")
    assert refusals(update, reporter) == []
    assert refusals(over(duty, reporter, TODAY - DAY), reporter) == []


@pytest.mark.parametrize(("name", "value"), [("event_type", "meeting"), ("status", "unassessed")])
def test_unknown_codes_cannot_be_saved(duty, reporter, name, value):
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, **{name: value, "findings": {}})
    assert paths(caught) == {(name,)}
    assert not ProgressUpdate.objects.exists()
