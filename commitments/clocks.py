"""The two clocks: the day the world is looked at, and what was public at a moment."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime
from zoneinfo import ZoneInfo

from commitments.choices import DatePrecision

# Four digits for the year, and far enough from the calendar's end for any offset.
YEARS = range(1000, MAXYEAR)


def read_moment(text: str) -> datetime | None:
    """A moment in ISO 8601 with its offset from UTC, in UTC: PostgreSQL takes offsets of less than
    sixteen hours only. None for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and moment.year in YEARS else None


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of an aware moment in a plan's time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


@dataclass(frozen=True)
class Clock:
    """What a reader asked for. `now` is the moment of asking, always given by the caller.

    `as_of`: the state of the world on that day. `known_at`: with what was public at that moment.
    """

    now: datetime
    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def is_default(self) -> bool:
        """Today, with all that is recorded: the case that the stored current claim answers."""
        return self.as_of is None and self.known_at is None

    def day(self, time_zone: str) -> date:
        """The day that is looked at, in a plan's time zone."""
        return self.as_of or local_day(self.known_at or self.now, time_zone)


def days_before(day: date, days: int) -> date:
    """So many days earlier, or the first day of the calendar."""
    return date.fromordinal(max(1, day.toordinal() - days))


def a_year_before(day: date) -> date:
    """The same day of the year before, or the last one of its month."""
    year = max(day.year - 1, date.min.year)
    last = monthrange(year, day.month)[1]
    return day.replace(year=year, day=min(day.day, last))


def lapses_on(effective_on: date, interval: int) -> date | None:
    """The first day on which a claim that ages is older than two review intervals of so many days;
    None beyond the calendar's end."""
    ordinal = effective_on.toordinal() + 2 * interval + 1
    return date.fromordinal(ordinal) if ordinal <= date.max.toordinal() else None


def period(day: date, precision: str) -> tuple[date, date]:
    """First and last day of the day, month or year that `day` lies in."""
    if precision == DatePrecision.YEAR:
        return day.replace(month=1, day=1), day.replace(month=12, day=31)
    if precision == DatePrecision.MONTH:
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return day, day


def stored_day(day: date, precision: str, written_on: date) -> date:
    """The day that stands for an imprecise date: the period's last, or the day it was written
    where that is earlier. A period that has not begun keeps its first day, which is in the future
    and therefore refused."""
    first, last = period(day, precision)
    return first if first > written_on else min(last, written_on)
