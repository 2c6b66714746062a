"""The schedule under the two clocks: due dates, milestones, and dates that were moved."""

from datetime import date

import pytest
import time_machine

from commitments import rollups
from commitments.choices import Action, Kind
from commitments.clocks import Clock
from commitments.models import Commitment, Milestone
from tests.clocks.standing import DAY, JULY_1, JUNE_30, LOOKED, SECOND, stands
from tests.factories import CommitmentFactory, CriterionFactory, MilestoneFactory
from tests.methodology import ASSESSMENTS
from tests.steps import (
    NOW,
    TODAY,
    confirmed_time,
    edited,
    perform,
    published,
    record_loaded,
)
from tests.verification.tampering import verify

SCHEDULES = [
    # due_on, milestones (due, met), status, as_of, schedule
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
    # met late: overdue until the day it was met
    (None, [(date(2026, 5, 1), JULY_1)], None, JUNE_30, "overdue"),
    (None, [(date(2026, 5, 1), JULY_1)], None, JULY_1, "on_schedule"),
    (None, [(date(2030, 1, 1), date(2026, 1, 1))], None, JULY_1, "on_schedule"),
    (None, [(JUNE_30, JUNE_30), (JUNE_30, None)], None, JULY_1, "overdue"),
    (date(2030, 1, 1), [(JUNE_30, None)], None, JULY_1, "overdue"),
    # what is completed or set apart is never overdue
    (JUNE_30, [(JUNE_30, None)], "completed", JULY_1, "on_schedule"),
    (JUNE_30, [(JUNE_30, None)], "withdrawn", JULY_1, "on_schedule"),
]


@pytest.mark.parametrize(("due_on", "milestones", "status", "as_of", "schedule"), SCHEDULES)
def test_schedule(due_on, milestones, status, as_of, schedule, reporter, reviewer):
    commitment = CommitmentFactory(kind=Kind.DELIVERABLE, due_on=due_on)
    for due, met in milestones:
        step = MilestoneFactory(commitment=commitment, due_on=due)
        if met:
            published(commitment, reporter, reviewer, effective_on=met, meets=[step.key])
    if status:
        published(commitment, reporter, reviewer, status=status, search_note=LOOKED)
    assert stands(commitment, as_of=as_of).schedule == schedule
    if as_of == TODAY:
        assert stands(commitment).schedule == schedule


def test_the_schedule_follows_the_status_of_the_day(deliverable, reporter, reviewer):
    deliverable.due_on = date(2025, 1, 31)
    deliverable.save()
    record_loaded(deliverable.plan, NOW - DAY)
    published(deliverable, reporter, reviewer, status="completed", effective_on=date(2025, 3, 1))
    assert stands(deliverable, as_of=date(2025, 1, 31)).schedule == "on_schedule"
    assert stands(deliverable, as_of=date(2025, 2, 28)).schedule == "overdue"
    assert stands(deliverable, as_of=date(2025, 3, 1)).schedule == "on_schedule"
    assert stands(deliverable, known_at=NOW - SECOND).schedule == "overdue"


# Dates that were moved


@pytest.fixture
def moved(deliverable, curator):
    """Three due dates of a deliverable: of the plan, moved a day ago, and moved now."""
    deliverable.due_on = date(2025, 6, 30)
    deliverable.save()
    record_loaded(deliverable.plan, NOW - 2 * DAY)
    for at, due_on in ((NOW - DAY, date(2026, 6, 1)), (NOW, date(2027, 6, 30))):
        deliverable.due_on = due_on
        edited(deliverable, curator, at)
    return deliverable


def known(commitment, at=None):
    clock = Clock(NOW + SECOND, known_at=at)
    return Commitment.objects.at(clock).with_date_history(clock).get(pk=commitment.pk)


@pytest.mark.long
def test_a_moved_deadline_rewrites_no_answer_already_given(moved):
    answers = [
        (row.known_due_on, row.schedule, row.due_on_first, row.due_on_changes)
        for at in (NOW - 2 * DAY, NOW - DAY - SECOND, NOW - DAY, NOW - SECOND, NOW, None)
        for row in [known(moved, at)]
    ]
    first = date(2025, 6, 30)
    assert answers == [
        (first, "overdue", first, 0),
        (first, "overdue", first, 0),
        (date(2026, 6, 1), "overdue", first, 1),
        (date(2026, 6, 1), "overdue", first, 1),
        (date(2027, 6, 30), "on_schedule", first, 2),
        (date(2027, 6, 30), "on_schedule", first, 2),
    ]


def test_before_a_plan_was_loaded_its_dates_are_not_known(moved):
    row = known(moved, NOW - 3 * DAY)
    assert (row.known_due_on, row.schedule) == (None, "none")
    assert (row.due_on_first, row.due_on_changes) == (None, 0)


def test_a_date_that_was_taken_away_counts_as_a_change(moved, curator):
    moved.due_on = None
    edited(moved, curator, NOW + SECOND)
    row = known(moved)
    assert (row.known_due_on, row.due_on_first, row.due_on_changes) == (None, date(2025, 6, 30), 3)
    assert row.schedule == "none"
    assert known(moved, NOW).schedule == "on_schedule"


def test_a_standing_duty_has_no_history_of_the_due_date_it_once_had(moved):
    Commitment.objects.filter(pk=moved.pk).update(kind=Kind.STANDING, due_on=None)
    row = known(moved)
    assert (row.due_on_first, row.due_on_changes) == (None, 0)


def test_an_edit_of_something_else_is_no_change_of_a_date(moved, curator):
    moved.note = {"en": "A note."}
    edited(moved, curator, NOW + SECOND)
    assert known(moved).due_on_changes == 2


@pytest.mark.parametrize(
    ("kind", "name", "later"),
    [(Kind.DELIVERABLE, "due_on", Kind.STANDING), (Kind.STANDING, "ends_on", Kind.DELIVERABLE)],
)
def test_a_date_of_a_former_kind_counts_no_longer(plan, curator, kind, name, later):
    row = CommitmentFactory(plan=plan, number="7", kind=kind, **{name: JUNE_30})
    record_loaded(plan, NOW - DAY)
    row.kind = later
    setattr(row, name, None)
    edited(row, curator, NOW)
    clock = Clock(NOW + SECOND, as_of=JULY_1, known_at=NOW - SECOND)
    then = Commitment.objects.at(clock).get(pk=row.pk)
    assert (then.known_due_on, then.known_ends_on, then.schedule) == (None, None, "none")
    record = rollups.read_record({row.pk: plan}, clock, plan.review_periods(clock))
    assert (record[row.pk].dates.due_on, record[row.pk].dates.ends_on) == (None, None)


def test_milestones_are_those_known_then(deliverable, curator):
    step = MilestoneFactory(commitment=deliverable, key="m1", due_on=JUNE_30, is_known=False)
    record_loaded(deliverable.plan, NOW - 2 * DAY)
    step.due_on = date(2026, 12, 31)
    step.save()
    edited(deliverable, curator, NOW - DAY)
    step.retired_at = NOW
    step.save()
    edited(deliverable, curator, NOW)

    def milestones(at=None):
        rows = Milestone.objects.at(Clock(NOW, known_at=at))
        return [(row.known_due_on, row.due_on_first, row.due_on_changes) for row in rows]

    assert milestones(NOW - 3 * DAY) == []
    assert milestones(NOW - 2 * DAY) == [(JUNE_30, JUNE_30, 0)]
    assert milestones(NOW - DAY) == [(date(2026, 12, 31), JUNE_30, 1)]
    assert milestones() == []
    assert stands(deliverable, known_at=NOW - DAY - SECOND, as_of=JULY_1).schedule == "overdue"
    assert stands(deliverable, known_at=NOW - DAY).schedule == "on_schedule"
    assert stands(deliverable).schedule == "none"


def test_a_milestone_is_met_on_the_day_of_the_first_update_that_says_so(
    deliverable, reporter, reviewer
):
    step = MilestoneFactory(commitment=deliverable, due_on=JUNE_30)
    later, first = (
        published(deliverable, reporter, reviewer, effective_on=TODAY - n * DAY, meets=[step.key])
        for n in (2, 5)
    )
    read = Milestone.objects.at(Clock(NOW)).get()
    assert (read.met_on, read.met_by) == (TODAY - 5 * DAY, first.pk)
    assert read.met_precision == "day"
    perform(first, Action.RETRACT, reviewer, note="It was wrong.")
    read = Milestone.objects.at(Clock(NOW)).get()
    assert (read.met_on, read.met_by) == (TODAY - 2 * DAY, later.pk)
    perform(later, Action.RETRACT, reviewer, note="It was wrong.")
    assert Milestone.objects.at(Clock(NOW)).get().met_on is None
    assert stands(deliverable).schedule == "overdue"


def test_a_correction_that_no_longer_meets_a_milestone_leaves_it_unmet(
    deliverable, reporter, reviewer
):
    step = MilestoneFactory(commitment=deliverable, due_on=JUNE_30)
    first = published(deliverable, reporter, reviewer, meets=[step.key])
    published(deliverable, reporter, reviewer, NOW + DAY, corrects=first)
    assert stands(deliverable, NOW + DAY).schedule == "overdue"
    assert stands(deliverable, NOW + DAY, known_at=NOW).schedule == "on_schedule"


# Duties that end

ENDED = date(2024, 6, 30)


@pytest.fixture
def ended(duty, reporter, reviewer):
    """A duty that ended on 30 June 2024, in a plan that is reviewed each year."""
    duty.ends_on = ENDED
    duty.save()
    record_loaded(duty.plan, NOW - DAY)
    return duty


@pytest.mark.parametrize(
    ("assessed_on", "freshness"),
    [
        (ENDED, "settled"),
        (ENDED - 730 * DAY, "settled"),
        (ENDED - 731 * DAY, "lapsed"),
        (ENDED + 30 * DAY, "settled"),
    ],
)
def test_what_had_not_lapsed_when_a_duty_ended_is_settled(
    assessed_on, freshness, ended, reporter, reviewer
):
    published(ended, reporter, reviewer, status="active", effective_on=assessed_on)
    assert stands(ended).freshness == stands(ended, known_at=NOW).freshness == freshness
    record = recorded(ended, Clock(NOW))
    assert record.item(ended.pk, ended.kind, TODAY).freshness == freshness


def recorded(commitment, clock):
    plan = commitment.plan
    record = rollups.read_record({commitment.pk: plan}, clock, plan.review_periods(clock))
    return record[commitment.pk]


def test_a_duty_that_ended_ages_until_then(ended, reporter, reviewer):
    published(ended, reporter, reviewer, status="active", effective_on=ENDED - 400 * DAY)
    record = recorded(ended, Clock(NOW))
    for day, freshness in ((ENDED, "due"), (ENDED + DAY, "settled")):
        assert stands(ended, as_of=day).freshness == freshness
        assert record.item(ended.pk, ended.kind, day).freshness == freshness


@pytest.mark.parametrize("interval", [36_500, 400_000, 2_000_000_000])
def test_no_interval_is_too_long_to_be_counted_back_from_the_end(
    interval, ended, reporter, reviewer
):
    """Forms and files allow 36,500 days; a database may hold more."""
    ended.plan.review_interval_days = interval
    ended.plan.save()
    published(ended, reporter, reviewer, status="active", effective_on=ENDED, covers_from=ENDED)
    assert stands(ended).freshness == "settled"
    Commitment.objects.filter(pk=ended.pk).update(ends_on=date(1000, 1, 1))
    assert stands(ended).freshness == "settled"


@pytest.mark.long
def test_waiting_never_makes_an_ended_duty_better(ended, reporter, reviewer):
    """Not even where the action that it rests on is older than the assessment."""
    event = published(ended, reporter, reviewer, effective_on=ENDED - 1100 * DAY)
    fields = {"event_type": None, "evidence": (), "rests_on": [event.pk]}
    assessed = ENDED - 400 * DAY
    fields |= {"covers_from": assessed - 730 * DAY, "effective_on": assessed}
    published(ended, reporter, reviewer, status="partly_active", **fields)
    days = [ENDED + n * DAY for n in (-300, -4, 0, 1, 500)]
    expected = ["current", "lapsed", "lapsed", "lapsed", "lapsed"]
    assert [stands(ended, as_of=day).freshness for day in days] == expected
    record = recorded(ended, Clock(NOW))
    assert [record.item(ended.pk, ended.kind, day).freshness for day in days] == expected


def test_the_end_of_a_duty_is_the_one_known_then(ended, curator, reporter, reviewer):
    published(ended, reporter, reviewer, NOW - DAY, status="active", effective_on=ENDED)
    ended.refresh_from_db()
    ended.ends_on = None
    edited(ended, curator, NOW)
    known_before = Clock(NOW, as_of=TODAY, known_at=NOW - SECOND)
    for clock, freshness in ((Clock(NOW), "lapsed"), (known_before, "settled")):
        assert Commitment.objects.at(clock).get(pk=ended.pk).freshness == freshness
        record = recorded(ended, clock)
        assert record.item(ended.pk, ended.kind, TODAY).freshness == freshness


# A clock that ran ahead and was set right


@pytest.fixture
def ahead(deliverable, curator, administrator):
    """A deliverable whose due date was moved half a year ahead of time, before an administrator
    confirmed that the clock was wrong."""
    CriterionFactory(commitment=deliverable, key="a", position=1, added_at=NOW - DAY)
    deliverable.due_on = date(2026, 12, 31)
    deliverable.save()
    record_loaded(deliverable.plan, NOW - DAY)
    deliverable.due_on = date(2027, 12, 31)
    add_criterion(deliverable, "b", AHEAD)
    edited(deliverable, curator, AHEAD)
    confirmed_time(administrator, NOW)
    return deliverable


AHEAD = NOW + 180 * DAY


def add_criterion(commitment, key, at):
    """Replace the criteria of a commitment by one."""
    commitment.criteria.known(None).update(retired_at=at)
    CriterionFactory(commitment=commitment, key=key, position=9, added_at=at)


def known_facts(commitment, at):
    """Return the due date and the criteria known at a time, and how many rows there are."""
    clock = Clock(NOW + 400 * DAY, known_at=at)
    [row] = Commitment.objects.at(clock).with_known_criteria(clock).filter(pk=commitment.pk)
    return row.known_due_on.year, [item.key for item in row.known_criteria]


@pytest.mark.long
def test_what_was_recorded_ahead_is_known_once_and_until_the_next_edit_only(ahead, curator):
    assert known_facts(ahead, NOW + DAY) == (2026, ["a"])
    ahead.due_on = date(2028, 12, 31)
    add_criterion(ahead, "c", NOW + 2 * DAY)
    edited(ahead, curator, NOW + 2 * DAY)
    days = [2 * DAY - SECOND, 2 * DAY, 179 * DAY, 181 * DAY]
    assert [known_facts(ahead, NOW + day) for day in days] == [
        (2026, ["a"]),
        (2028, ["c"]),
        (2028, ["c"]),
        (2028, ["c"]),
    ]
    assert known(ahead).due_on_changes == 2
    with time_machine.travel(NOW + 3 * DAY):
        assert verify() == []


@pytest.mark.long
def test_what_was_recorded_ahead_is_known_from_the_next_edit_on_that_keeps_it(ahead, curator):
    ahead.note = {"en": "A note."}
    edited(ahead, curator, NOW + 2 * DAY)
    days = [2 * DAY - SECOND, 2 * DAY, 181 * DAY]
    assert [known_facts(ahead, NOW + day) for day in days] == [
        (2026, ["a"]),
        (2027, ["b"]),
        (2027, ["b"]),
    ]
    with time_machine.travel(NOW + 3 * DAY):
        assert verify() == []
