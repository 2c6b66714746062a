"""The period of a report, and the periods that are usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from commitments.choices import PeriodUnit
from commitments.clocks import days_before


@dataclass(frozen=True)
class ReportPeriod:
    """The days from the first to the last, both included.

    The status at the beginning is that of the day before the first: what is dated on the first day
    belongs to the period.
    """

    first: date
    last: date

    @property
    def opening_day(self) -> date:
        return days_before(self.first, 1)

    def times(self, time_zone: str) -> tuple[datetime, datetime]:
        """Return the beginning of the first day and that of the day after the last, in this time
        zone."""
        zone = ZoneInfo(time_zone)
        # Converted to UTC, the beginning of the first day of the calendar could be out of range.
        begins_on = max(self.first, date.min + timedelta(days=1))
        first = datetime.combine(begins_on, time_of_day(), zone)
        return first, datetime.combine(self.last + timedelta(days=1), time_of_day(), zone)


def start_of_unit(day: date, unit: PeriodUnit) -> date:
    """Return the first day of the month, quarter or year that contains this day."""
    month = (day.month - 1) // unit.months * unit.months + 1
    return date(day.year, month, 1)


def last_full_quarter(day: date) -> ReportPeriod:
    """Return the last quarter that was over on a day."""
    last = days_before(start_of_unit(day, PeriodUnit.QUARTER), 1)
    return ReportPeriod(start_of_unit(last, PeriodUnit.QUARTER), last)


def period_presets(day: date) -> dict[str, ReportPeriod]:
    """Return the usual periods up to a day, by name: `quarter` and `year` are those that contain it
    and end on it, `last_quarter` and `last_year` those before."""
    year = start_of_unit(day, PeriodUnit.YEAR)
    last_of_year = days_before(year, 1)
    return {
        "quarter": ReportPeriod(start_of_unit(day, PeriodUnit.QUARTER), day),
        "last_quarter": last_full_quarter(day),
        "year": ReportPeriod(year, day),
        "last_year": ReportPeriod(start_of_unit(last_of_year, PeriodUnit.YEAR), last_of_year),
    }
