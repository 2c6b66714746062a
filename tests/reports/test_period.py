"""Periods of reports."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.reports import ReportPeriod, last_full_quarter, period_presets

pytestmark = pytest.mark.alike


def test_the_beginning_is_the_day_before_the_first():
    assert ReportPeriod(date(2026, 7, 1), date(2026, 9, 30)).opening_day == date(2026, 6, 30)
    assert ReportPeriod(date.min, date.min).opening_day == date.min


def test_its_days_are_those_of_the_plans_calendar():
    period = ReportPeriod(date(2026, 7, 1), date(2026, 9, 30))
    first, end = period.times("Asia/Shanghai")
    assert first.astimezone(UTC) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 9, 30, 16, tzinfo=UTC)


def test_the_usual_periods_end_on_the_day_or_before_it():
    assert period_presets(date(2026, 2, 10)) == {
        "quarter": ReportPeriod(date(2026, 1, 1), date(2026, 2, 10)),
        "last_quarter": ReportPeriod(date(2025, 10, 1), date(2025, 12, 31)),
        "year": ReportPeriod(date(2026, 1, 1), date(2026, 2, 10)),
        "last_year": ReportPeriod(date(2025, 1, 1), date(2025, 12, 31)),
    }


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(9998, 12, 31)))
def test_the_last_quarter_is_three_whole_months_and_over(day):
    period = last_full_quarter(day)
    assert period.last < day
    assert period.first.day == 1
    assert 90 <= (period.last - period.first).days + 1 <= 92
    assert (day - period.last).days <= 92
