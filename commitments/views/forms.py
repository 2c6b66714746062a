"""What forms send. They ask for days, where the address holds moments too."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import QueryDict

INSTANT = timedelta(microseconds=1)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return start_of(day + timedelta(days=1), zone) - INSTANT


class Asked(NamedTuple):
    """What a field that asks for a day stands for: the parameter, and which moment of the day."""

    parameter: str
    moment: Callable[[date, ZoneInfo], datetime]


DAYS = {"known_on": Asked("known_at", end_of), "changed_on": Asked("changed_since", start_of)}


def filled_in(query: QueryDict) -> QueryDict:
    """The query without what is empty."""
    rest = query.copy()
    for name in list(rest):
        given = [value for value in rest.getlist(name) if value]
        if given:
            rest.setlist(name, given)
        else:
            del rest[name]
    return rest


def only(query: QueryDict, names: Collection[str]) -> QueryDict:
    """The query without other parameters."""
    rest = query.copy()
    for name in list(rest):
        if name not in names:
            del rest[name]
    return rest


def from_a_form(query: QueryDict, time_zone: str, now: datetime) -> QueryDict | None:
    """What a form sends as an address that can be passed on: without what was left empty, and with
    moments instead of the days of `DAYS`. None for what is not from a form."""
    if not any(name in query for name in DAYS):
        return None
    address = filled_in(query)
    for name, asked in DAYS.items():
        if name in query:
            address.pop(asked.parameter, None)
        if name in address:
            # What is no day is refused where the page reads it.
            [*_others, day] = address.pop(name)
            address[asked.parameter] = _moment(asked, day, ZoneInfo(time_zone), now) or day
    return address


def _moment(asked: Asked, day: str, zone: ZoneInfo, now: datetime) -> str | None:
    """None for what is no day. Of today no more than has passed; a later day is refused where the
    page reads it."""
    today = now.astimezone(zone)
    try:
        moment = asked.moment(date.fromisoformat(day), zone)
    except (ValueError, OverflowError):
        return None
    return (min(moment, today) if day == today.date().isoformat() else moment).isoformat()
