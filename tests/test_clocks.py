"""The two clocks: each commitment as the world stood on a day, by what was public at a time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commitments.choices import Action, Kind
from commitments.clocks import Clock, local_day, period, period_end
from commitments.models import Commitment, Forum, Partnership, ProgressUpdate
from commitments.texts.bilingual import Text
from tests.factories import CommitmentFactory, ForumFactory, MilestoneFactory, PlanFactory
from tests.methodology import ASSESSMENTS
from tests.steps import NOW, REPORT, TODAY, draft, perform, published

JUNE_30, JULY_1 = date(2026, 6, 30), date(2026, 7, 1)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LOOKED = Text("Looked through the records of the assembly.")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stands(commitment, now=NOW, **clock):
    """The commitment under the clock."""
    return Commitment.objects.at(Clock(now, **clock)).get(pk=commitment.pk)


def assessment(commitment, **clock):
    return stands(commitment, **clock).assessment_status


# Days


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-06-30T15:59:59", "Asia/Shanghai", date(2026, 6, 30)),
        ("2026-06-30T16:00:00", "Asia/Shanghai", date(2026, 7, 1)),
        ("2026-07-01T03:59:59", "America/New_York", date(2026, 6, 30)),
        ("2026-07-01T04:00:00", "America/New_York", date(2026, 7, 1)),
        ("2026-01-01T04:59:59", "America/New_York", date(2025, 12, 31)),
    ],
)
def test_a_day_is_a_day_in_the_plans_time_zone(at, zone, day):
    assert local_day(utc(at), zone) == day
    assert Clock(utc(at)).day(zone) == day


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ({}, date(2026, 7, 1)),
        ({"as_of": date(2020, 2, 29)}, date(2020, 2, 29)),
        ({"known_at": utc("2024-12-31T16:00:00")}, date(2025, 1, 1)),
        ({"as_of": date(2020, 1, 1), "known_at": utc("2024-05-05")}, date(2020, 1, 1)),
    ],
)
def test_the_day_is_as_of_else_that_of_known_at_else_today(clock, day):
    assert Clock(NOW, **clock).day("Asia/Shanghai") == day
    assert Clock(NOW, **clock).is_default is (clock == {})


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        (date(2026, 5, 7), "day", date(2026, 5, 7), date(2026, 5, 7)),
        (date(2026, 5, 7), "month", date(2026, 5, 1), date(2026, 5, 31)),
        (date(2024, 2, 1), "month", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 6, 15), "year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_an_imprecise_date_is_a_period(day, precision, first, last):
    assert period(day, precision) == (first, last)


STORED = [
    (date(2026, 5, 7), "day", date(2026, 5, 7)),
    (date(2026, 7, 1), "day", date(2026, 7, 1)),
    (date(2026, 5, 7), "month", date(2026, 5, 31)),
    (date(2026, 7, 1), "month", date(2026, 7, 1)),
    (date(2026, 7, 31), "month", date(2026, 7, 1)),
    (date(2025, 1, 1), "year", date(2025, 12, 31)),
    (date(2026, 12, 31), "year", date(2026, 7, 1)),
]


@pytest.mark.parametrize(("day", "precision", "stored"), STORED)
def test_a_period_counts_as_its_last_day_or_the_day_it_was_written(day, precision, stored):
    assert period_end(day, precision, JULY_1) == stored


@pytest.mark.parametrize(("day", "precision", "stored"), STORED)
def test_that_day_is_stored_when_the_draft_is_saved_and_publishing_keeps_it(
    day, precision, stored, duty, reporter, reviewer
):
    update = draft(duty, reporter, effective_on=day, date_precision=precision)
    assert (update.effective_on, update.date_precision) == (stored, precision)
    later = NOW + 200 * DAY
    perform(update, Action.SUBMIT, reporter, later)
    assert perform(update, Action.PUBLISH, reviewer, later).effective_on == stored


# Which assessment is the current one


def test_without_a_published_assessment_a_commitment_is_unassessed(duty, reporter, reviewer):
    draft(duty, reporter, status="active")
    published(duty, reporter, reviewer, status=None)
    row = stands(duty)
    assert (row.assessment_status, row.assessment_id, row.freshness) == ("unassessed", None, None)
    assert (row.assessment_effective_on, row.assessment_published_at, row.assessment_level) == (
        None,
        None,
        0,
    )
    assert row.update_count == 1


def test_a_backdated_publication_never_displaces_a_later_date(duty, reporter, reviewer):
    published(duty, reporter, reviewer, status="active", effective_on=date(2026, 3, 1))
    before = date(2026, 2, 28)
    published(duty, reporter, reviewer, NOW + DAY, status="inactive", effective_on=before)
    assert assessment(duty, now=NOW + DAY) == "active"
    assert assessment(duty, now=NOW + DAY, as_of=before) == "inactive"


def test_of_one_day_the_later_publication_counts_and_of_one_time_the_later_id(
    duty, reporter, reviewer
):
    first = draft(duty, reporter, status="active")
    second = draft(duty, reporter, status="inactive")
    for update, at in ((second, NOW), (first, NOW + SECOND)):
        perform(perform(update, Action.SUBMIT, reporter, at), Action.PUBLISH, reviewer, at)
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW + SECOND}):
        assert assessment(duty, now=NOW + DAY, **clock) == "active"
    third = published(duty, reporter, reviewer, NOW + SECOND, status="contrary")
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW + SECOND}):
        assert stands(duty, now=NOW + DAY, **clock).assessment_id == third.pk


def test_an_assessment_has_its_dates_and_evidence(duty, reporter, reviewer):
    fields = {"effective_on": date(2026, 5, 2), "date_precision": "month", "status": "active"}
    update = published(duty, reporter, reviewer, **fields)
    published(duty, reporter, reviewer, status=None)
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW}):
        row = stands(duty, **clock)
        assert (row.day, row.assessment_id, row.assessment_level) == (TODAY, update.pk, 3)
        assert (row.assessment_effective_on, row.assessment_precision) == (
            date(2026, 5, 31),
            "month",
        )
        assert (row.assessment_published_at, row.update_count) == (NOW, 2)


def test_known_at_gives_what_was_public_then(duty, reporter, reviewer):
    day, hour = date(2026, 6, 1), timedelta(hours=1)
    wrong = published(duty, reporter, reviewer, status="active", effective_on=day)
    fields = {"status": "inactive", "corrects": wrong, "effective_on": day - DAY}
    right = published(duty, reporter, reviewer, NOW + hour, **fields)
    perform(right, Action.RETRACT, reviewer, NOW + 2 * hour, note="The source was withdrawn.")
    perform(wrong, Action.RETRACT, reviewer, NOW + 3 * hour, note="The source was withdrawn.")
    then = {
        NOW - SECOND: "unassessed",
        NOW: "active",
        NOW + hour - SECOND: "active",
        NOW + hour: "inactive",
        NOW + 2 * hour - SECOND: "inactive",
        NOW + 2 * hour: "unassessed",  # a retracted correction does not revive the original
        NOW + 3 * hour: "unassessed",
    }
    assert {at: assessment(duty, now=NOW + DAY, known_at=at) for at in then} == then
    assert (
        assessment(duty, now=NOW + DAY, as_of=TODAY)
        == assessment(duty, now=NOW + DAY)
        == "unassessed"
    )


def test_as_of_alone_uses_all_that_is_recorded_since(duty, reporter, reviewer):
    day = date(2020, 5, 1)
    wrong = published(duty, reporter, reviewer, status="active", effective_on=day)
    fields = {"status": "inactive", "corrects": wrong, "effective_on": day}
    published(duty, reporter, reviewer, NOW + DAY, **fields)
    assert assessment(duty, now=NOW + DAY, as_of=day) == "inactive"
    assert assessment(duty, now=NOW + DAY, as_of=day, known_at=NOW) == "active"
    assert assessment(duty, now=NOW + DAY, as_of=day - DAY, known_at=NOW) == "unassessed"


# Freshness

WRITTEN = date(2022, 3, 1)
AGES = [(0, "current"), (365, "current"), (366, "due"), (730, "due"), (731, "lapsed")]


@pytest.mark.parametrize("status", ["active", "partly_active", "inactive", "no_evidence"])
def test_an_assessment_ages_by_review_intervals(status, duty, reporter, reviewer):
    published(duty, reporter, reviewer, status=status, effective_on=WRITTEN, search_note=LOOKED)
    aged = {age: stands(duty, as_of=WRITTEN + age * DAY).freshness for age, _ in AGES}
    assert aged == dict(AGES)
    assert stands(duty).freshness == "lapsed"
    assert stands(duty, as_of=WRITTEN - DAY).freshness is None


MONTHLY = [(30, "current"), (31, "due"), (60, "due"), (61, "lapsed")]


@pytest.mark.parametrize(("age", "freshness"), MONTHLY)
def test_the_review_interval_is_the_plans(age, freshness, reporter, reviewer):
    monthly = CommitmentFactory(plan=PlanFactory(review_interval_days=30))
    published(monthly, reporter, reviewer, status="active", effective_on=TODAY - age * DAY)
    assert stands(monthly).freshness == freshness


@pytest.mark.parametrize(
    ("kind", "status", "freshness"),
    [
        (Kind.DELIVERABLE, "substantial", "lapsed"),
        (Kind.DELIVERABLE, "completed", "settled"),
        (Kind.DELIVERABLE, "stalled", "lapsed"),
        (Kind.DELIVERABLE, "not_achieved", "settled"),
        (Kind.STANDING, "contrary", "settled"),
        (Kind.STANDING, "not_verifiable", "settled"),
        (Kind.STANDING, "withdrawn", "settled"),
    ],
)
def test_final_and_adverse_findings_do_not_age(kind, status, freshness, reporter, reviewer):
    due_on = date(1999, 12, 31) if kind == Kind.DELIVERABLE else None
    commitment = CommitmentFactory(kind=kind, due_on=due_on)
    fields = {"effective_on": date(2001, 1, 1), "search_note": LOOKED}
    published(commitment, reporter, reviewer, status=status, **fields)
    assert stands(commitment).freshness == stands(commitment, as_of=TODAY).freshness == freshness


def test_an_assessment_ages_at_midnight_of_its_own_plan(reporter, reviewer):
    for code, zone in (("EAST", "Asia/Shanghai"), ("WEST", "America/New_York")):
        commitment = CommitmentFactory(plan=PlanFactory(code=code, time_zone=zone))
        day = date(2025, 6, 30)
        published(commitment, reporter, reviewer, status="active", effective_on=day)

    def both(at):
        return list(Commitment.objects.at(Clock(at)).in_order().values_list("day", "freshness"))

    assert both(utc("2026-06-30T15:59:59")) == [(JUNE_30, "current"), (JUNE_30, "current")]
    assert both(utc("2026-06-30T16:00:00")) == [(JULY_1, "due"), (JUNE_30, "current")]
    assert both(utc("2026-07-01T04:00:00")) == [(JULY_1, "due"), (JULY_1, "due")]


THREE_DATES = utc("2026-06-30T10:30:00")
ZONES = {
    "Pacific/Kiritimati": JULY_1,
    "Pacific/Auckland": JUNE_30,
    "Asia/Shanghai": JUNE_30,
    "Pacific/Pago_Pago": date(2026, 6, 29),
}


@pytest.fixture
def around_the_world(reporter, reviewer):
    """Four plans reviewed every 30 days, by zone, and one in Shanghai reviewed every 365. Each has
    a commitment with an assessment of 31 May, and events at a forum of 1 May and 30 June."""
    forum = ForumFactory(code="FORUM")

    def commitment(zone, **plan):
        row = CommitmentFactory(plan=PlanFactory(time_zone=zone, **plan))
        Partnership.objects.create(commitment=row, forum=forum)
        MilestoneFactory(commitment=row, due_on=JUNE_30)
        for day, status in ((31, "inactive"), (1, None), (61, None)):
            fields = {"status": status, "effective_on": date(2026, 4, 30) + day * DAY}
            published(row, reporter, reviewer, forums=[forum], evidence=[REPORT], **fields)
        return row

    rows = {zone: commitment(zone, review_interval_days=30) for zone in ZONES}
    return rows, commitment("Asia/Shanghai")


def test_near_midnight_each_plan_has_its_own_day(around_the_world):
    """At 10:30 UTC there are three dates on Earth."""
    rows, yearly = around_the_world
    clock = Clock(THREE_DATES)
    read = {row.pk: row for row in Commitment.objects.at(clock)}
    assert {zone: read[row.pk].day for zone, row in rows.items()} == ZONES
    assert {zone: read[row.pk].freshness for zone, row in rows.items()} == {
        zone: "due" if day == JULY_1 else "current" for zone, day in ZONES.items()
    }
    assert {zone: read[row.pk].schedule for zone, row in rows.items()} == {
        zone: "overdue" if day == JULY_1 else "on_schedule" for zone, day in ZONES.items()
    }
    assert (read[yearly.pk].day, read[yearly.pk].freshness) == (JUNE_30, "current")
    later = {row.pk: row.freshness for row in Commitment.objects.at(Clock(THREE_DATES + 9 * DAY))}
    assert {later[row.pk] for row in rows.values()} == {"due"}
    assert later[yearly.pk] == "current"


def test_near_midnight_updates_count_on_the_day_of_their_plan(around_the_world):
    rows, yearly = around_the_world
    clock = Clock(THREE_DATES)

    def days(updates):
        found = {row.pk: [] for row in (*rows.values(), yearly)}
        for pk, day in updates.order_by("effective_on").values_list("commitment", "effective_on"):
            found[pk].append(f"{day:%m-%d}")
        return [found[row.pk] for row in (*rows.values(), yearly)]

    until_30_june, until_29_june = ["05-01", "05-31", "06-30"], ["05-01", "05-31"]
    assert days(ProgressUpdate.objects.under(clock)) == [
        *([until_30_june] * 3),
        until_29_june,
        until_30_june,
    ]
    # Activity goes back two review intervals; an assessment without progress is none.
    activity = ProgressUpdate.objects.activity(clock)
    assert days(activity) == [
        ["06-30"],
        ["05-01", "06-30"],
        ["05-01", "06-30"],
        ["05-01"],
        ["05-01", "06-30"],
    ]
    forum = Forum.objects.get()
    long_after = Clock(utc("2026-09-01T00:00:00"))
    assert list(Commitment.objects.active_at([forum], long_after)) == [yearly]
    assert list(Commitment.objects.active_at([forum], clock, plans=[yearly.plan])) == [yearly]


# Schedule

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


# Any history


@dataclass
class Played:
    """What the test itself knows of an update that it published."""

    pk: int
    status: str | None
    effective_on: date
    published_at: datetime
    gone_at: datetime | None = None
    retracted: bool = False


ASSESSMENTS = {
    Kind.STANDING: [None, "active", "inactive", "contrary", "no_evidence"],
    Kind.DELIVERABLE: [None, "started", "stalled", "completed", "withdrawn"],
}
histories = st.lists(
    st.tuples(
        st.sampled_from(list(Kind)),
        st.sampled_from(["publish", "publish", "correct", "retract"]),
        st.integers(0, 4),  # which assessment
        st.sampled_from([0, 0, 1, 365, 366, 731]),  # days that it is backdated
        st.sampled_from([0, 0, 1, 24 * 200, 24 * 365]),  # hours since the action before
        st.integers(0, 9),  # which update is corrected or retracted
    ),
    min_size=1,
    max_size=6,
)


def shanghai_day(at):
    return (at + timedelta(hours=8)).date()


def step(played, commitment, event, at, reporter, reviewer):
    """One event of a history, through the workflow; `played` learns of it."""
    _, action, which, back, _, pick = event
    targets = [p for p in played if not (p.retracted if action == "retract" else p.gone_at)]
    target = targets[pick % len(targets)] if targets and action != "publish" else None
    row = target and ProgressUpdate.objects.get(pk=target.pk)
    if row and action == "retract":
        perform(row, Action.RETRACT, reviewer, at, note="The source was withdrawn.")
        target.retracted = True
    else:
        status, day = ASSESSMENTS[commitment.kind][which], shanghai_day(at) - back * DAY
        fields = {"status": status, "effective_on": day, "search_note": LOOKED, "corrects": row}
        update = published(commitment, reporter, reviewer, at, evidence=[REPORT], **fields)
        played.append(Played(update.pk, status, day, at))
    if target:
        target.gone_at = target.gone_at or at


def expected(played, now, as_of=None, known_at=None):
    """(assessment, status, freshness, number of updates), by going through all that was played."""
    then = known_at or now
    day = as_of or shanghai_day(then)
    public = [p for p in played if p.published_at <= then and not (p.gone_at and p.gone_at <= then)]
    counting = [p for p in public if p.effective_on <= day]
    assessments = [(p.effective_on, p.published_at, p.pk, p.status) for p in counting if p.status]
    if not assessments:
        return None, "unassessed", None, len(counting)
    effective_on, _, pk, status = max(assessments)
    age = (day - effective_on).days
    freshness = "current" if age <= 365 else "due" if age <= 730 else "lapsed"
    if status in ("completed", "withdrawn", "contrary"):
        freshness = "settled"
    return pk, status, freshness, len(counting)


def told(commitment, now, **clock):
    row = stands(commitment, now, **clock)
    return row.assessment_id, row.assessment_status, row.freshness, row.update_count


@pytest.mark.alike
@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example is rolled back
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shorten one would take minutes
)
@given(history=histories, data=st.data())
def test_any_history_reads_as_it_was_played(history, data, plan, reporter, reviewer):
    with transaction.atomic():
        commitments = {kind: CommitmentFactory(plan=plan, kind=kind) for kind in Kind}
        played = {kind: [] for kind in Kind}
        now, times = utc("2022-01-01T12:00:00"), []
        for event in history:
            kind, now = event[0], now + timedelta(hours=event[4])
            step(played[kind], commitments[kind], event, now, reporter, reviewer)
            times += [now, now - SECOND, now + SECOND]
            # Under the default clock the stored copy is what the query finds.
            stored = Commitment.objects.get(pk=commitments[kind].pk)
            as_played = expected(played[kind], now)
            assert (stored.status_update_id, stored.status) == as_played[:2]
            assert told(stored, now) == told(stored, now, as_of=shanghai_day(now)) == as_played
        now += SECOND
        today, ages = shanghai_day(now), (-1, 0, 365, 366, 730, 731)
        from_days = [p.effective_on for kind in Kind for p in played[kind]]
        days = sorted({min(day + n * DAY, today) for day in from_days for n in ages})
        asked = {"as_of": st.sampled_from(days), "known_at": st.sampled_from(times)}
        clocks = st.fixed_dictionaries({}, optional=asked)
        for clock in data.draw(st.lists(clocks, min_size=4, max_size=8)):
            for kind in Kind:
                assert told(commitments[kind], now, **clock) == expected(played[kind], now, **clock)
        transaction.set_rollback(True)
