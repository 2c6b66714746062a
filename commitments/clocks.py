"""The two clocks, `as_of` and `known_at`; days, time zones and imprecise dates."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from commitments.choices import DatePrecision
from commitments.texts.visible import visible_characters

# Years of four digits, except 9999: a time zone offset could exceed the largest date.
ACCEPTED_YEARS = range(1000, MAXYEAR)
# The earliest end of a duty, so that review intervals can be counted back from it.
EARLIEST_END = date(ACCEPTED_YEARS.start, 1, 1)
# Where a day begins first.
FARTHEST_EAST = "Pacific/Kiritimati"

# A year, a month or a day, the largest first: “03/04/2026” would be ambiguous. East Asian notation
# names the parts. Eight digits are year, month and day: written with the day first, they would name
# the month 19 or 20.
_PARTIAL_DATE = re.compile(
    r"([0-9]{4})(?:年|(?:[-/.年])([0-9]{1,2})(?:月|(?:[-/.月])([0-9]{1,2})日?)?)?"
)
_DAY_OF_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
# Translates the full-width characters that East Asian input methods produce.
_TO_HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)}

# The length of an ISO 8601 date by its precision.
_ISO_LENGTHS = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7, DatePrecision.DAY: 10}

# The number of review intervals after which an assessment lapses, and after which one lapses whose
# status needs a newer action.
LAPSE_INTERVALS = 2
ACTION_LAPSE_INTERVALS = 3


def iso_date(day: date, precision: str = DatePrecision.DAY.value) -> str:
    """Return a date as ISO 8601 writes it, or the month or year that it represents."""
    return day.isoformat()[: _ISO_LENGTHS[DatePrecision(precision)]]


def parse_datetime(text: str) -> datetime | None:
    """Parse a time in ISO 8601 with its offset and return it in UTC; None for any other text.

    It is converted to UTC because PostgreSQL only accepts offsets of less than sixteen hours.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo and time.year in ACCEPTED_YEARS else None


class PartialDate(NamedTuple):
    """A date that may be known by its month or year only; then `day` is the first day of it."""

    day: date
    precision: DatePrecision

    def __str__(self) -> str:
        """Return the date as it is typed: `2026`, `2026-10` or `2026-10-05`."""
        return iso_date(self.day, self.precision)


def parse_partial_date(text: str) -> PartialDate | None:
    """Return the date that somebody typed or pasted, such as `2026`, `2026-10`, `2026/10/5`,
    `20261005` or `2026年10月`; None for any other text."""
    typed = visible_characters(text).translate(_TO_HALF_WIDTH)
    found = _DAY_OF_DIGITS.fullmatch(typed) or _PARTIAL_DATE.fullmatch(typed)
    if found is None or int(found[1]) not in ACCEPTED_YEARS:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    precision = DatePrecision.YEAR if month is None else DatePrecision.MONTH
    precision = precision if day is None else DatePrecision.DAY
    try:
        return PartialDate(date(year or 0, month or 1, day or 1), precision)
    except ValueError:
        return None


def local_day(time: datetime, time_zone: str) -> date:
    """Return the calendar day of an aware time in a time zone, given by its IANA name."""
    return time.astimezone(ZoneInfo(time_zone)).date()


@dataclass(frozen=True)
class Clock:
    """The two clocks of a request.

    `as_of` is the day whose state is shown. `known_at` is a time: only what was public by then
    counts. `now` is the time of the request; callers pass it, so that tests control it.
    """

    now: datetime
    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def is_default(self) -> bool:
        """Return whether this is today's state by today's record.

        Only then does the assessment stored with each commitment apply.
        """
        return self.as_of is None and self.known_at is None

    @property
    def of_day(self) -> Clock:
        """Return this clock at 00:00 of its UTC day, so that all requests of a day share one
        composed query. Only for queries that take the days of plans from their review periods."""
        return replace(self, now=datetime.combine(self.day("UTC"), time.min, UTC))

    def day(self, time_zone: str) -> date:
        """Return the day whose state is shown: `as_of`, or the day of `known_at` or `now` in a
        plan's time zone."""
        return self.as_of or local_day(self.known_at or self.now, time_zone)


def days_before(day: date, days: int) -> date:
    """Return the day that is `days` earlier, but not before the calendar's first day."""
    return date.fromordinal(max(1, day.toordinal() - days))


def years_before(day: date, years: int) -> date:
    """Return the same day `years` years earlier, or the last day of that month if it is shorter."""
    year = max(day.year - years, date.min.year)
    last = monthrange(year, day.month)[1]
    return day.replace(year=year, day=min(day.day, last))


def lapses_on(
    effective_on: date, interval: int, acted_on: date | None = None, ends_on: date | None = None
) -> date | None:
    """Return the first day on which an assessment counts as lapsed. Return None if that is beyond
    the calendar's end, or after `ends_on`, the day on which the duty ends.

    It is then older than `LAPSE_INTERVALS`, or the newest action on which it rests, `acted_on` if
    its status needs one, is older than `ACTION_LAPSE_INTERVALS`. `interval` is in days.
    """
    ordinal = effective_on.toordinal() + LAPSE_INTERVALS * interval + 1
    if acted_on is not None:
        ordinal = min(ordinal, acted_on.toordinal() + ACTION_LAPSE_INTERVALS * interval + 1)
    return _day_of(ordinal, ends_on)


def _day_of(ordinal: int, last: date | None) -> date | None:
    """Return a day by its number, None if it is after the last one or the calendar's end."""
    return date.fromordinal(ordinal) if ordinal <= (last or date.max).toordinal() else None


def period(day: date, precision: str) -> tuple[date, date]:
    """Return the first and the last day of the day, month or year that contains `day`."""
    if precision == DatePrecision.YEAR:
        return day.replace(month=1, day=1), day.replace(month=12, day=31)
    if precision == DatePrecision.MONTH:
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return day, day


def period_end(day: date, precision: str, written_on: date) -> date:
    """Return the day that is stored for an imprecise date.

    That is the last day of its period, or `written_on` if the period is not over yet. For a period
    that has not begun it is the first day, which is in the future and therefore refused.
    """
    first, last = period(day, precision)
    return first if first > written_on else min(last, written_on)
