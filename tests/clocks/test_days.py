"""The day of a clock, and the day that an imprecise date stands for."""

from datetime import date

import pytest

from commitments.choices import Action
from commitments.clocks import Clock, local_day, period, period_end
from tests.clocks.standing import DAY, JULY_1, utc
from tests.steps import NOW, draft, perform


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-06-30T15:59:59", "Asia/Shanghai", date(2026, 6, 30)),
        ("2026-06-30T16:00:00", "Asia/Shanghai", date(2026, 7, 1)),
        ("2026-07-01T03:59:59", "America/New_York", date(2026, 6, 30)),
        ("2026-07-01T04:00:00", "America/New_York", date(2026, 7, 1)),
        ("2026-01-01T04:59:59", "America/New_York", date(2025, 12, 31)),
    ],
)
def test_a_day_is_a_day_in_the_plans_time_zone(at, zone, day):
    assert local_day(utc(at), zone) == day
    assert Clock(utc(at)).day(zone) == day


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ({}, date(2026, 7, 1)),
        ({"as_of": date(2020, 2, 29)}, date(2020, 2, 29)),
        ({"known_at": utc("2024-12-31T16:00:00")}, date(2025, 1, 1)),
        ({"as_of": date(2020, 1, 1), "known_at": utc("2024-05-05")}, date(2020, 1, 1)),
    ],
)
def test_the_day_is_as_of_else_that_of_known_at_else_today(clock, day):
    assert Clock(NOW, **clock).day("Asia/Shanghai") == day
    assert Clock(NOW, **clock).is_default is (clock == {})


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        (date(2026, 5, 7), "day", date(2026, 5, 7), date(2026, 5, 7)),
        (date(2026, 5, 7), "month", date(2026, 5, 1), date(2026, 5, 31)),
        (date(2024, 2, 1), "month", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 6, 15), "year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_an_imprecise_date_is_a_period(day, precision, first, last):
    assert period(day, precision) == (first, last)


STORED = [
    (date(2026, 5, 7), "day", date(2026, 5, 7)),
    (date(2026, 7, 1), "day", date(2026, 7, 1)),
    (date(2026, 5, 7), "month", date(2026, 5, 31)),
    (date(2026, 7, 1), "month", date(2026, 7, 1)),
    (date(2026, 7, 31), "month", date(2026, 7, 1)),
    (date(2025, 1, 1), "year", date(2025, 12, 31)),
    (date(2026, 12, 31), "year", date(2026, 7, 1)),
]


@pytest.mark.parametrize(("day", "precision", "stored"), STORED)
def test_a_period_counts_as_its_last_day_or_the_day_it_was_written(day, precision, stored):
    assert period_end(day, precision, JULY_1) == stored


@pytest.mark.parametrize(("day", "precision", "stored"), STORED)
def test_that_day_is_stored_when_the_draft_is_saved_and_publishing_keeps_it(
    day, precision, stored, duty, reporter, reviewer
):
    update = draft(duty, reporter, effective_on=day, date_precision=precision)
    assert (update.effective_on, update.date_precision) == (stored, precision)
    later = NOW + 200 * DAY
    perform(update, Action.SUBMIT, reporter, later)
    assert perform(update, Action.PUBLISH, reviewer, later).effective_on == stored
