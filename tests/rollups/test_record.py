"""The dated record of a commitment, compared with a look at each day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import Status
from commitments.rollups.record import CommitmentRecord, DatedStatus
from tests.examples import examples
from tests.methodology import SETTLED

pytestmark = pytest.mark.alike

DAY, START, INTERVAL = timedelta(days=1), date(2024, 1, 1), 10
NEED_ACTION = ("active", "partly_active")
STATUSES = ["active", "active", "partly_active", "inactive", "contrary"]


def dated(number, days, status, *actions):
    """Return an assessment `days` after the start; actions are days before it."""
    on = START + days * DAY
    acted_on = max((on - n * DAY for n in actions), default=None)
    return DatedStatus(number, on, Status(status), acted_on)


records = st.lists(
    st.tuples(
        st.integers(0, 80),
        st.sampled_from(STATUSES),
        # An action may be later than the assessment: a correction moved it.
        st.lists(st.sampled_from([-15, -1, 0, 0, 1, 9, 19, 20, 29, 30, 31]), max_size=3),
    ),
    max_size=6,
).map(
    lambda rows: [
        dated(number, days, status, *actions)
        for number, (days, status, actions) in enumerate(sorted(rows, key=lambda row: row[0]))
    ]
)
days = st.integers(-5, 150).map(lambda n: START + n * DAY)


def is_lapsed(row, day):
    if row.status in SETTLED:
        return False
    acted = row.acted_on is not None and (day - row.acted_on).days <= 3 * INTERVAL
    needs = row.status in NEED_ACTION
    return (day - row.effective_on).days > 2 * INTERVAL or (needs and not acted)


def held_on(rows, day):
    return next((row for row in reversed(rows) if row.effective_on <= day), None)


@settings(deadline=None, max_examples=examples(200))
@given(records, days, days)
def test_a_gap_is_a_lapsed_assessment_on_the_day_before_another(rows, one, other):
    first, last = sorted((one, other))
    expected = any(
        (held := held_on(rows, row.effective_on - DAY)) is not None
        and is_lapsed(held, row.effective_on - DAY)
        for row in rows
        if first < row.effective_on <= last
    )
    assert CommitmentRecord(INTERVAL, rows).has_gap(first, last) is expected


@settings(deadline=None, max_examples=examples(200))
@given(records, days)
def test_a_status_has_held_as_long_as_each_day_before_had_it_and_it_had_not_lapsed(rows, day):
    # Of several of one day only the last is ever the current one.
    known = list({row.effective_on: row for row in rows if row.effective_on <= day}.values())
    since = known[-1] if known else None
    for before in reversed(known[:-1]):
        eve = since.effective_on - DAY
        if before.status != since.status or is_lapsed(before, eve):
            break
        since = before
    assert CommitmentRecord(INTERVAL, rows).held_since(day) is since


def test_two_assessments_of_one_day_leave_no_gap():
    rows = [dated(1, 0, "active", 0), dated(2, 0, "active", 0)]
    record = CommitmentRecord(INTERVAL, rows)
    assert not record.has_gap(START - DAY, START)
    assert record.held_since(START) is rows[1]


def test_an_assessment_displaced_on_its_own_day_does_not_end_how_long_the_status_held():
    rows = [dated(1, 0, "active", 0), dated(2, 5, "inactive"), dated(3, 5, "active", 0)]
    assert CommitmentRecord(INTERVAL, rows).held_since(START + 9 * DAY) is rows[0]


@settings(deadline=None, max_examples=examples(100))
@given(records, days)
def test_the_figures_of_a_day_are_those_of_the_assessment_held_then(rows, day):
    item, held = CommitmentRecord(INTERVAL, rows).item(1, "standing", day), held_on(rows, day)
    assert item.status == (held.status if held else "unassessed")
    assert (item.freshness == "lapsed") is bool(held and is_lapsed(held, day))
