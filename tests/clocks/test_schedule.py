"""The schedule under the two clocks."""

from datetime import date

import pytest

from commitments.choices import Kind
from tests.clocks.standing import JULY_1, JUNE_30, LOOKED, SECOND, stands
from tests.factories import CommitmentFactory, MilestoneFactory
from tests.methodology import ASSESSMENTS
from tests.steps import NOW, TODAY, published

SCHEDULES = [
    # due_on, milestones (due, done), status, as_of, schedule
    (None, [], None, JULY_1, "none"),
    (None, [], "stalled", JULY_1, "none"),
    (JUNE_30, [], None, JUNE_30, "on_schedule"),
    (JUNE_30, [], None, JULY_1, "overdue"),
    *[
        (JUNE_30, [], status, JULY_1, "on_schedule" if row.is_final else "overdue")
        for status, row in ASSESSMENTS.items()
        if Kind.DELIVERABLE in row.kinds
    ],
    (None, [(JUNE_30, None)], None, JUNE_30, "on_schedule"),
    (None, [(JUNE_30, None)], None, JULY_1, "overdue"),
    (None, [(JUNE_30, JUNE_30)], None, JULY_1, "on_schedule"),
    # done late: overdue until the day it was done
    (None, [(date(2026, 5, 1), JULY_1)], None, JUNE_30, "overdue"),
    (None, [(date(2026, 5, 1), JULY_1)], None, JULY_1, "on_schedule"),
    (None, [(date(2030, 1, 1), date(2026, 1, 1))], None, JULY_1, "on_schedule"),
    (None, [(JUNE_30, JUNE_30), (JUNE_30, None)], None, JULY_1, "overdue"),
    (date(2030, 1, 1), [(JUNE_30, None)], None, JULY_1, "overdue"),
    (JUNE_30, [(JUNE_30, None)], "completed", JULY_1, "overdue"),
]


@pytest.mark.parametrize(("due_on", "milestones", "status", "as_of", "schedule"), SCHEDULES)
def test_schedule(due_on, milestones, status, as_of, schedule, reporter, reviewer):
    commitment = CommitmentFactory(kind=Kind.DELIVERABLE, due_on=due_on)
    for due, done in milestones:
        MilestoneFactory(commitment=commitment, due_on=due, done_on=done)
    if status:
        published(commitment, reporter, reviewer, status=status, search_note=LOOKED)
    assert stands(commitment, as_of=as_of).schedule == schedule
    if as_of == TODAY:
        assert stands(commitment).schedule == schedule


def test_the_schedule_follows_the_status_of_the_day(reporter, reviewer):
    commitment = CommitmentFactory(kind=Kind.DELIVERABLE, due_on=date(2025, 1, 31))
    published(commitment, reporter, reviewer, status="completed", effective_on=date(2025, 3, 1))
    assert stands(commitment, as_of=date(2025, 1, 31)).schedule == "on_schedule"
    assert stands(commitment, as_of=date(2025, 2, 28)).schedule == "overdue"
    assert stands(commitment, as_of=date(2025, 3, 1)).schedule == "on_schedule"
    assert stands(commitment, known_at=NOW - SECOND).schedule == "overdue"
