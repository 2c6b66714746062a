"""The band of a commitment: each status with its days, lapses as lapses, events as dots."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import EventType, Kind, Status, statuses_for
from commitments.models import Plan, ProgressUpdate
from commitments.pages.timeline import MAX_YEAR_NAMES, band_of
from commitments.rollups import CommitmentRecord
from commitments.rollups.record import DatedStatus
from commitments.rollups.schedule import ScheduleDates
from tests.examples import examples

pytestmark = pytest.mark.alike

DAY = timedelta(days=1)
PLAN = Plan(adopted_on=date(2020, 1, 1))
LAST = date(2025, 12, 31)


def record_of(*assessments, events=(), interval=365, ends_on=None):
    """Return a record of assessments given as (day, status), and events as (day, type), and the
    updates in it."""
    record, updates = CommitmentRecord(interval, dates=ScheduleDates(ends_on=ends_on)), []
    for n, (day, status) in enumerate(assessments, 1):
        record.assessments.append(DatedStatus(n, day, Status(status), day))
        updates.append(ProgressUpdate(pk=n, effective_on=day, date_precision="day", status=status))
    for n, (day, event_type, *precision) in enumerate(events, 100):
        record.add_event(day, EventType(event_type))
        facts = {"date_precision": precision[0] if precision else "day", "event_type": event_type}
        updates.append(ProgressUpdate(pk=n, effective_on=day, **facts))
    return record, updates


def test_a_band_runs_from_the_plans_adoption_to_the_day_shown():
    record = record_of((date(2021, 1, 1), "active"), events=[(date(2021, 1, 1), "statement")])
    band = band_of(*record, PLAN, LAST)
    assert [(row.status, row.has_lapsed, row.first) for row in band.stretches] == [
        ("unassessed", False, date(2020, 1, 1)),
        ("active", False, date(2021, 1, 1)),
        ("active", True, date(2023, 1, 2)),
    ]
    assert [(dot.place, dot.words) for dot in band.dots] == [(16.7, "1 January 2021: Said")]
    assert (band.years[0].name, band.years[0].place) == ("2021", 16.7)
    assert band.has_lapsed
    assert [stretch.words for stretch in band.stretches] == [
        "Not yet assessed from 1 January 2020",
        "Active from 1 January 2021",
        "Active, lapsed from 2 January 2023",
    ]


def test_what_only_renews_a_status_is_no_turn():
    days = [
        (date(2021, 1, 1), "active"),
        (date(2021, 9, 1), "active"),
        (date(2022, 5, 1), "contrary"),
    ]
    band = band_of(*record_of(*days), PLAN, date(2022, 6, 1))
    assert len(band.stretches) == 4
    assert [turn.words for turn in band.turns] == [
        "Not yet assessed from 1 January 2020",
        "Active from 1 January 2021",
        "Contrary action recorded from 1 May 2022",
    ]


def test_without_anything_on_record_there_is_no_band():
    assert band_of(*record_of(), PLAN, LAST) is None


def test_events_of_one_day_are_one_dot():
    day = date(2024, 2, 1)
    record = record_of(events=[(day, "statement"), (day, "context")])
    [dot] = band_of(*record, PLAN, LAST).dots
    assert dot.words == "1 February 2024: Said, Context"


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["statement"], True),
        (["statement", "context"], True),
        (["statement", "participation"], False),
        (["contrary"], False),
        (["outcome"], False),
    ],
)
def test_a_dot_is_hollow_where_nothing_but_words_or_context_is_on_record(types, expected):
    record = record_of(events=[(date(2024, 2, 1), code) for code in types])
    band = band_of(*record, PLAN, LAST)
    assert [dot.is_hollow for dot in band.dots] == [expected]
    assert band.has_hollow_dots == expected


def test_a_dot_is_as_precise_as_its_event():
    record = record_of(events=[(date(2024, 5, 31), "statement", "month")])
    assert [dot.words for dot in band_of(*record, PLAN, LAST).dots] == ["May 2024: Said"]


def test_a_stretch_begins_as_precisely_as_its_assessment():
    record, updates = record_of((date(2024, 5, 31), "active"))
    updates[0].date_precision = "month"
    assert band_of(record, updates, PLAN, LAST).stretches[1].words == "Active from May 2024"


def test_long_bands_name_only_some_years():
    record = record_of((date(1850, 1, 1), "active"))
    names = [mark.name for mark in band_of(*record, PLAN, LAST).years if mark.name]
    assert names[-1] == "2025"
    assert len(names) <= MAX_YEAR_NAMES


DAYS = st.dates(date(2019, 1, 1), LAST)
HISTORIES = st.sampled_from(list(Kind)).flatmap(
    lambda kind: st.lists(
        st.tuples(DAYS, st.sampled_from(sorted(statuses_for(kind)))), min_size=1, max_size=6
    )
)
ENDS = st.none() | st.dates(date(2019, 6, 1), LAST)


@given(HISTORIES, st.integers(30, 500), ENDS)
@settings(max_examples=examples(200))
def test_on_every_day_the_band_says_what_the_record_says(history, interval, ends_on):
    assessed = [(day, status) for day, status in sorted(history) if status != Status.UNASSESSED]
    record = record_of(*assessed, events=[(LAST, "context")], interval=interval, ends_on=ends_on)
    band = band_of(*record, PLAN, LAST)
    known, _updates = record
    day = min(PLAN.adopted_on, band.stretches[0].first)
    places = {row.first: row for row in band.stretches}
    current = None
    while day <= LAST:
        current = places.get(day, current)
        assessment = known.on(day)
        assert current.status == (assessment.status if assessment else Status.UNASSESSED), day
        assert current.has_lapsed == known.has_lapsed(assessment, day), day
        day += DAY
    total = sum(row.length for row in band.stretches)
    assert total == pytest.approx(100, abs=0.05)
