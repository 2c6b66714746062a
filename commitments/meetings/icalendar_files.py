"""Calendars as iCalendar (RFC 5545, with the names and refresh intervals of RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDuration, vUri

from commitments.texts.xml_safe import strip_invalid_xml

CALENDAR_TYPE = "text/calendar"
PRODUCT_ID = "-//Commitment tracker//Calendar//EN"
# How often programs should fetch a calendar again.
REFRESH_INTERVAL = timedelta(hours=12)


@dataclass(frozen=True)
class CalendarEntry:
    """An entry that lasts whole days, from `first` to `last`.

    `uid` never changes. `sequence` counts the changes, of which `changed_at` is the latest.
    """

    uid: UUID
    first: date
    last: date
    title: str
    changed_at: datetime
    description: str = ""
    place: str = ""
    url: str = ""
    cancelled: bool = False
    sequence: int = 0


def calendar_file(
    name: str, entries: Iterable[CalendarEntry], *, source: str = "", language: str = ""
) -> bytes:
    """Return a calendar of entries in the given order. `source` is the address from which programs
    read it again; a calendar without one is not read again."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    title = _plain(name)
    # Under the standard name and under the one that most programs know.
    calendar.add("name", title, parameters={"language": language} if language else None)
    calendar.add("x-wr-calname", title)
    if source:
        # The library does not know the types of these properties.
        every = vDuration(REFRESH_INTERVAL)
        calendar.add("source", vUri(source), parameters={"value": "URI"})
        calendar.add("refresh-interval", every, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", every)
    for entry in entries:
        calendar.add_component(_event(entry))
    if not calendar.subcomponents:
        calendar.add_component(_utc())
    content: bytes = calendar.to_ical()
    return content


def _utc() -> Timezone:
    """Return the component of a calendar without entries: it must have one (RFC 5545, 3.6)."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone.add_component(standard)
    return zone


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", str(entry.uid))
    # Without a method, the stamp is the time of the latest change (RFC 5545, 3.8.7.2).
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.first)
    # The end is exclusive: the day after the last one.
    if entry.last < date.max:
        event.add("dtend", entry.last + timedelta(days=1))
    title = _("Cancelled: %(title)s") % {"title": entry.title} if entry.cancelled else entry.title
    event.add("summary", _plain(title))
    for name, words in (("description", entry.description), ("location", entry.place)):
        if words:
            event.add(name, _plain(words))
    if entry.url:
        event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # A deadline or a meeting of colleagues does not keep the reader busy for the whole day.
    event.add("transp", "TRANSPARENT")
    return event


def _plain(words: str) -> str:
    """Return words without the characters that no line of a calendar may have."""
    return strip_invalid_xml("\n".join(words.splitlines()))
