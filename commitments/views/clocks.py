"""The form of the two clocks. It asks for days; the address holds a day and a moment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

MOMENT = timedelta(microseconds=1)


def from_the_form(query: QueryDict, time_zone: str, now: datetime) -> QueryDict | None:
    """What the form sends as an address that can be passed on: without what was left empty, and
    with the end of the day `known_on` as `known_at`. None for what is not from the form."""
    if "known_on" not in query:
        return None
    address = query.copy()
    for name in list(address):
        given = [value for value in address.getlist(name) if value]
        if given:
            address.setlist(name, given)
        else:
            del address[name]
    address.pop("known_at", None)
    if "known_on" in address:
        # What is no day is refused where the page reads it.
        [*_others, day] = address.pop("known_on")
        address["known_at"] = _end_of(day, time_zone, now) or day
    return address


def _end_of(day: str, time_zone: str, now: datetime) -> str | None:
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    end = datetime.combine(following, time(), ZoneInfo(time_zone)) - MOMENT
    return min(end, now.astimezone(ZoneInfo(time_zone))).isoformat()
