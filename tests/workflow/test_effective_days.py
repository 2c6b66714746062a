"""The date that is stored for an update: in the plan's time zone, and for a month or year its last
day, or the day of writing if that is earlier."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import workflow
from commitments.choices import Action, Status
from commitments.clocks import period_end
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import ProgressUpdate
from tests.examples import examples
from tests.factories import CommitmentFactory
from tests.steps import NOW, draft, perform, published, submitted
from tests.words import en_zh

pytestmark = pytest.mark.alike


@contextmanager
def date_refused():
    """Check that the block is refused because of the date and creates no update."""
    count = ProgressUpdate.objects.count()
    with pytest.raises(InvalidInput) as caught:
        yield
    assert [problem.path for problem in caught.value.problems] == [("effective_on",)]
    assert ProgressUpdate.objects.count() == count


@pytest.mark.parametrize(
    ("zone", "at", "today"),
    [
        ("Asia/Shanghai", datetime(2026, 7, 1, 15, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        ("Asia/Shanghai", datetime(2026, 7, 1, 16, 0, tzinfo=UTC), date(2026, 7, 2)),
        ("America/Los_Angeles", datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        ("America/Los_Angeles", datetime(2026, 7, 1, 7, 0, tzinfo=UTC), date(2026, 7, 1)),
        ("UTC", datetime(2026, 7, 1, 0, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_future_begins_at_midnight_in_the_plans_time_zone(reporter, zone, at, today):
    commitment = CommitmentFactory(plan__time_zone=zone)
    assert draft(commitment, reporter, at, effective_on=today).effective_on == today
    with date_refused():
        draft(commitment, reporter, at, effective_on=today + timedelta(days=1))


@pytest.mark.parametrize(
    ("precision", "given", "stored"),
    [
        # written on 2026-07-01
        ("day", "2026-06-15", "2026-06-15"),
        ("day", "2026-07-01", "2026-07-01"),
        ("month", "2026-06-01", "2026-06-30"),
        ("month", "2026-06-17", "2026-06-30"),
        ("month", "2026-06-30", "2026-06-30"),
        ("month", "2024-02-03", "2024-02-29"),
        ("month", "2025-02-03", "2025-02-28"),
        ("month", "2026-07-01", "2026-07-01"),
        ("month", "2026-07-31", "2026-07-01"),
        ("year", "2024-01-01", "2024-12-31"),
        ("year", "2024-12-31", "2024-12-31"),
        ("year", "2026-01-01", "2026-07-01"),
        ("year", "2026-12-31", "2026-07-01"),
    ],
)
def test_a_month_or_year_counts_as_its_last_day_or_the_day_it_was_written(
    duty, reporter, precision, given, stored
):
    day = date.fromisoformat(given)
    update = draft(duty, reporter, effective_on=day, date_precision=precision)
    assert update.effective_on == date.fromisoformat(stored)
    assert update.date_precision == precision


YEAR = {"effective_on": date(2026, 1, 1), "date_precision": "year"}
IN_AUTUMN = NOW + timedelta(days=100)


@pytest.mark.parametrize(
    ("changed", "stored"),
    [
        ({}, date(2026, 7, 1)),
        ({"effective_on": date(2026, 12, 31)}, date(2026, 7, 1)),
        ({"effective_on": date(2025, 3, 1)}, date(2025, 12, 31)),
        ({"date_precision": "month"}, date(2026, 1, 31)),
        ({"effective_on": date(2026, 10, 5), "date_precision": "month"}, date(2026, 10, 9)),
    ],
)
def test_a_correction_does_not_move_what_it_leaves_in_its_month_or_year(
    duty, reporter, reviewer, changed, stored
):
    original = published(duty, reporter, reviewer, **YEAR)
    assert original.effective_on == date(2026, 7, 1)
    fields = YEAR | {"corrects": original, "summary": en_zh("Without the misprint.")} | changed
    correction = draft(duty, reporter, IN_AUTUMN, **fields)
    assert correction.effective_on == stored
    edited = workflow.edit_draft(correction, by=reporter, at=IN_AUTUMN, summary=en_zh("Again."))
    assert edited.effective_on == stored


def test_a_correction_written_after_the_clock_went_back_does_not_lie_in_the_future(
    duty, reporter, reviewer
):
    at = datetime(2026, 7, 1, 16, 0, 30, tzinfo=UTC)  # half a minute into 2 July in Beijing
    original = published(duty, reporter, reviewer, at, **YEAR)
    assert original.effective_on == date(2026, 7, 2)
    earlier = at - timedelta(seconds=40)
    correction = draft(
        duty, reporter, earlier, corrects=original, summary=en_zh("Without it."), **YEAR
    )
    assert correction.effective_on == date(2026, 7, 1)
    correction = perform(correction, Action.SUBMIT, reporter, earlier)
    correction = perform(correction, Action.PUBLISH, reviewer, earlier)
    assert correction.effective_on == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("precision", "given"),
    [("day", "2026-07-02"), ("month", "2026-08-01"), ("year", "2027-01-01")],
)
def test_a_period_that_has_not_begun_is_refused(duty, reporter, precision, given):
    with date_refused():
        day = date.fromisoformat(given)
        draft(duty, reporter, effective_on=day, date_precision=precision)


def test_a_month_saved_again_counts_as_the_day_of_that_saving_until_it_is_over(duty, reporter):
    update = draft(duty, reporter, date_precision="month")
    assert update.effective_on == date(2026, 7, 1)
    update = workflow.edit_draft(
        update, by=reporter, at=NOW + timedelta(days=19), status=Status.INACTIVE
    )
    assert update.effective_on == date(2026, 7, 20)
    update = workflow.edit_draft(
        update, by=reporter, at=NOW + timedelta(days=40), status=Status.ACTIVE
    )
    assert update.effective_on == date(2026, 7, 31)
    assert update.date_precision == "month"


def test_publishing_never_changes_the_day_that_was_stored(duty, reporter, reviewer):
    update = draft(duty, reporter, date_precision="month")
    perform(update, Action.SUBMIT, reporter, NOW + timedelta(days=19))
    perform(update, Action.PUBLISH, reviewer, NOW + timedelta(days=40))
    assert ProgressUpdate.objects.get().effective_on == date(2026, 7, 1)


@pytest.mark.parametrize("precision", ["day", "month", "year"])
def test_the_day_changes_with_the_precision_that_an_edit_gives(duty, reporter, precision):
    update = draft(duty, reporter, effective_on=date(2025, 3, 5))
    update = workflow.edit_draft(update, by=reporter, at=NOW, date_precision=precision)
    last = {"day": date(2025, 3, 5), "month": date(2025, 3, 31), "year": date(2025, 12, 31)}
    assert update.effective_on == last[precision]


def test_publishing_by_a_clock_that_is_a_day_behind_is_refused(duty, reporter, reviewer):
    yesterday = NOW - timedelta(days=1)
    update = perform(draft(duty, reporter), Action.SUBMIT, reporter, yesterday)
    with pytest.raises(ActionRefused):
        perform(update, Action.PUBLISH, reviewer, yesterday)


def test_an_update_published_on_its_own_day_counts_from_that_day(duty, reporter, reviewer):
    just_after_midnight = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
    update = submitted(duty, reporter, just_after_midnight, effective_on=date(2026, 7, 2))
    update = perform(update, Action.PUBLISH, reviewer, just_after_midnight)
    assert (update.effective_on, update.published_on) == (date(2026, 7, 2), date(2026, 7, 2))


DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@settings(deadline=None, max_examples=examples(200))
@given(day=DAYS, written_on=DAYS)
def test_any_day_of_a_period_is_stored_as_the_same_day(day, written_on):
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    last_of_month = next_month - timedelta(days=1)
    last_of_year = date(day.year, 12, 31)
    if (day.year, day.month) <= (written_on.year, written_on.month):
        assert period_end(day, "month", written_on) == min(last_of_month, written_on)
    if day.year <= written_on.year:
        assert period_end(day, "year", written_on) == min(last_of_year, written_on)
    if day <= written_on:
        assert period_end(day, "day", written_on) == day


@pytest.mark.parametrize(
    ("known", "wanted"), [("year", "month"), ("year", "day"), ("month", "day")]
)
def test_a_finer_precision_needs_the_date_again(known, wanted, duty, reporter):
    """Of a year only its last day is stored, from which no month follows."""
    update = draft(duty, reporter, effective_on=date(2025, 6, 15), date_precision=known)
    with date_refused():
        workflow.edit_draft(update, by=reporter, at=NOW, date_precision=wanted)
    fields = {"effective_on": date(2025, 6, 15), "date_precision": wanted}
    update = workflow.edit_draft(update, by=reporter, at=NOW, **fields)
    assert update.effective_on == (date(2025, 6, 15) if wanted == "day" else date(2025, 6, 30))


def test_a_coarser_precision_keeps_the_date(duty, reporter):
    update = draft(duty, reporter, effective_on=date(2025, 6, 15))
    update = workflow.edit_draft(update, by=reporter, at=NOW, date_precision="month")
    assert update.effective_on == date(2025, 6, 30)


def test_the_last_day_of_a_month_may_be_entered_for_the_month(duty, reporter):
    """It is the day that was stored for the month, so the dates alone cannot tell."""
    update = draft(duty, reporter, effective_on=date(2025, 6, 15), date_precision="month")
    fields = {"effective_on": date(2025, 6, 30), "date_precision": "day"}
    update = workflow.edit_draft(update, by=reporter, at=NOW, **fields)
    assert (update.effective_on, update.date_precision) == (date(2025, 6, 30), "day")
