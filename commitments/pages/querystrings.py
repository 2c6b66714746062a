"""Query strings of forms, which have days where the addresses of pages have times."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import QueryDict

# The parameters of the two clocks.
CLOCKS = ("as_of", "known_at")
MIN_INTERVAL = timedelta(microseconds=1)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time_of_day(), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return start_of(day + timedelta(days=1), zone) - MIN_INTERVAL


class ClockInput(NamedTuple):
    """The parameter that a form field sets, and the time of day that it stands for."""

    parameter: str
    time: Callable[[date, ZoneInfo], datetime]


DAY_BOUNDS = {
    "known_on": ClockInput("known_at", end_of),
    "changed_on": ClockInput("changed_since", start_of),
}


def without_blanks(query: QueryDict) -> QueryDict:
    """Return the query without empty values."""
    rest = query.copy()
    for name in list(rest):
        given = [value for value in rest.getlist(name) if value]
        if given:
            rest.setlist(name, given)
        else:
            del rest[name]
    return rest


def only(query: QueryDict, names: Collection[str]) -> QueryDict:
    """Return the query with only these parameters."""
    rest = query.copy()
    for name in list(rest):
        if name not in names:
            del rest[name]
    return rest


def redirect_query(query: QueryDict, time_zone: str, now: datetime) -> QueryDict | None:
    """Return the query to redirect to, or None if the query was not sent by a form.

    Empty values are removed, and the days of `DAY_BOUNDS` are replaced by times.
    """
    if not any(name in query for name in DAY_BOUNDS):
        return None
    address = without_blanks(query)
    for name, field in DAY_BOUNDS.items():
        if name in query:
            address.pop(field.parameter, None)
        if name in address:
            # A value that is not a day is kept: the page shows a notice about it.
            [*_others, day] = address.pop(name)
            address[field.parameter] = _time(field, day, ZoneInfo(time_zone), now) or day
    return address


def _time(field: ClockInput, day: str, zone: ZoneInfo, now: datetime) -> str | None:
    """Return the time that a form field stands for on a day, at most `now` if the day is today;
    None if `day` is not a day.

    A day in the future is kept: the page shows a notice about it.
    """
    today = now.astimezone(zone)
    try:
        time = field.time(date.fromisoformat(day), zone)
    except (ValueError, OverflowError):
        return None
    return (min(time, today) if day == today.date().isoformat() else time).isoformat()
