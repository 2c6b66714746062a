"""Calendars as files: what a program reads back is what was written, whatever the words."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, vDuration

from commitments.meetings.icalendar_files import CalendarEntry, calendar_file
from tests.examples import examples

pytestmark = pytest.mark.alike

CHANGED = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


def entry(**facts):
    given_facts = {
        "uid": uuid.UUID(int=7),
        "first": date(2026, 8, 3),
        "last": date(2026, 8, 5),
        "title": "UN: Seventh session",
        "changed_at": CHANGED,
    }
    return CalendarEntry(**given_facts | facts)


def read_back(*entries, **options):
    content = calendar_file("Meetings", entries, **options)
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    return Calendar.from_ical(content)


def event_of(row):
    [event] = read_back(row).walk("VEVENT")
    return event


def test_an_entry_lasts_whole_days_and_ends_before_the_day_after_its_last():
    event = event_of(entry())
    assert event.decoded("dtstart") == date(2026, 8, 3)
    assert event.decoded("dtend") == date(2026, 8, 6)
    assert event["dtstart"].params["VALUE"] == event["dtend"].params["VALUE"] == "DATE"


def test_an_entry_has_an_id_a_count_of_changes_and_the_time_of_the_latest():
    event = event_of(entry(sequence=3))
    assert event["uid"] == str(uuid.UUID(int=7))
    assert event["sequence"] == 3
    assert event.decoded("dtstamp") == event.decoded("last-modified") == CHANGED


def test_what_is_cancelled_stays_and_says_so():
    event = event_of(entry(cancelled=True))
    assert (event["status"], event["summary"]) == ("CANCELLED", "Cancelled: UN: Seventh session")
    assert event_of(entry())["status"] == "CONFIRMED"


def test_a_calendar_that_is_read_again_says_where_and_how_often():
    calendar = read_back(source="https://example.org/a.ics", language="zh-hans")
    assert calendar["name"] == "Meetings"
    assert calendar["name"].params["LANGUAGE"] == "zh-hans"
    assert calendar["source"] == "https://example.org/a.ics"
    assert vDuration.from_ical(calendar["refresh-interval"]) == timedelta(hours=12)
    assert calendar["refresh-interval"].params["VALUE"] == "DURATION"
    assert "source" not in read_back()


def test_a_calendar_without_entries_has_the_component_that_every_calendar_needs():
    assert [each.name for each in read_back().subcomponents] == ["VTIMEZONE"]
    assert [each.name for each in read_back(entry()).subcomponents] == ["VEVENT"]


WORDS = st.text(max_size=200)


def readable(words):
    """Return the words as any program must get them; of what cannot be shown nothing is asked."""
    kept = (char for char in "\n".join(words.splitlines()) if char.isprintable() or char in "\n\t")
    return "".join(kept).replace("\ufffd", "")


@given(title=WORDS, place=WORDS, description=WORDS)
@settings(max_examples=examples(150))
def test_words_come_back_as_they_were_but_for_what_no_line_may_have(title, place, description):
    event = event_of(entry(title=title, place=place, description=description))
    for name, words in (("summary", title), ("location", place), ("description", description)):
        assert readable(str(event.get(name, ""))) == readable(words)


@pytest.mark.parametrize("words", ["BEGIN:VEVENT\r\nEND:VCALENDAR", "a\rb", "x\x0by", "a;b,c\\n"])
def test_words_never_become_lines_of_the_file(words):
    content = calendar_file("Meetings", [entry(title=words)]).decode()
    assert content.count("\r\nBEGIN:VEVENT") == content.count("\r\nEND:VEVENT") == 1
    assert set(content.replace("\r\n", "")).isdisjoint("\r\n\x0b")


@given(
    first=st.dates(min_value=date(1900, 1, 1)),
    days=st.integers(min_value=0, max_value=400),
)
@settings(max_examples=examples(150))
def test_days_come_back_as_they_were(first, days):
    last = date.fromordinal(min(first.toordinal() + days, date.max.toordinal()))
    event = event_of(entry(first=first, last=last))
    assert event.decoded("dtstart") == first
    end = event.decoded("dtend") if "dtend" in event else None
    assert (end - timedelta(days=1) == last) if end else last == date.max
