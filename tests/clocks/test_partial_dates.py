"""Dates as people type them: a day, a month or a year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import DatePrecision
from commitments.clocks import ACCEPTED_YEARS, PartialDate, parse_partial_date

pytestmark = pytest.mark.alike

DAYS = st.dates(date(ACCEPTED_YEARS.start, 1, 1), date(ACCEPTED_YEARS.stop - 1, 12, 31))


@pytest.mark.parametrize(
    ("typed", "day", "precision"),
    [
        ("2026", date(2026, 1, 1), "year"),
        ("2026年", date(2026, 1, 1), "year"),
        ("2026-10", date(2026, 10, 1), "month"),
        ("2026/7", date(2026, 7, 1), "month"),
        ("2026年10月", date(2026, 10, 1), "month"),
        ("2026-10-05", date(2026, 10, 5), "day"),
        ("2026.10.5", date(2026, 10, 5), "day"),
        ("2026年10月5日", date(2026, 10, 5), "day"),
        (" 2026 - 10 ", date(2026, 10, 1), "month"),
        # What text that was copied from a page can have in it.
        ("2026\u200b-10-05\ufeff", date(2026, 10, 5), "day"),
        ("20261105", date(2026, 11, 5), "day"),
        ("２０２６－１１－０５", date(2026, 11, 5), "day"),
        ("２０２６年１１月５日", date(2026, 11, 5), "day"),
        ("２０２６／１１", date(2026, 11, 1), "month"),
        ("２０２６１１０５", date(2026, 11, 5), "day"),
    ],
)
def test_a_date_is_a_day_a_month_or_a_year(typed, day, precision):
    assert parse_partial_date(typed) == (day, precision)


@pytest.mark.parametrize(
    "typed",
    [
        *("soon", "05/10/2026", "10-2026", "26-10-05", "2026-13", "2026-02-30", "2026-1-2-3"),
        *("0999", "9999", "2026-", "²⁰²⁶", ""),
        *("202611", "2026110", "20261305", "20260230", "202611051", "2026-1105", "202611-05"),
    ],
)
def test_what_could_mean_something_else_is_no_date(typed):
    assert parse_partial_date(typed) is None


@given(DAYS, st.sampled_from(DatePrecision))
def test_a_date_is_read_as_it_is_written(day, precision):
    first = {
        DatePrecision.YEAR: day.replace(month=1, day=1),
        DatePrecision.MONTH: day.replace(day=1),
        DatePrecision.DAY: day,
    }[precision]
    assert parse_partial_date(str(PartialDate(day, precision))) == (first, precision)


@given(DAYS)
def test_a_day_is_read_without_separators_and_with_full_width_digits(day):
    for typed in (f"{day:%Y%m%d}", f"{day}"):
        full_width = "".join(chr(ord(mark) + 0xFEE0) for mark in typed)
        for text in (typed, full_width):
            assert parse_partial_date(text) == (day, DatePrecision.DAY)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_eight_digits_with_the_day_first_are_no_date(day):
    assert parse_partial_date(f"{day:%d%m%Y}") is None


@given(st.text())
def test_any_text_is_a_date_of_an_accepted_year_or_none(text):
    parsed = parse_partial_date(text)
    assert parsed is None or parsed.day.year in ACCEPTED_YEARS
