"""The last action of a commitment, and how long an assessment holds that rests on one."""

from datetime import date, timedelta

import pytest

from commitments import rollups
from commitments.choices import ACTIONS, Action, EventType
from commitments.clocks import Clock
from commitments.models import Commitment
from tests.steps import INTERNAL, NOW, TODAY, draft, perform, published, submitted
from tests.workflow.assessing import assess, publish

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INTERVAL = 365
LATER = NOW + 9 * HOUR


def at_clock(commitment, now=LATER, **clock):
    return Commitment.objects.at(Clock(now, **clock)).get(pk=commitment.pk)


def last_action(commitment, **clock):
    row = at_clock(commitment, **clock)
    return row.action_id, row.action_on, row.action_type


NOTHING = (None, None, None)


@pytest.mark.parametrize("event_type", EventType.values())
def test_five_types_of_events_are_actions(duty, reporter, reviewer, event_type):
    update = published(duty, reporter, reviewer, event_type=event_type)
    names = {"statement", "participation", "contribution", "instrument", "outcome"}
    assert {str(code) for code in ACTIONS} == names
    expected = (update.pk, TODAY, event_type) if event_type in names else NOTHING
    assert last_action(duty) == expected


def test_an_assessment_is_no_action(duty, reporter, reviewer):
    published(duty, reporter, reviewer, event_type=None, status="inactive")
    assert last_action(duty) == NOTHING
    both = published(duty, reporter, reviewer, event_type="outcome", status="active")
    assert last_action(duty) == (both.pk, TODAY, "outcome")


def test_the_newest_action_is_the_last_whenever_it_was_published(duty, reporter, reviewer):
    newest = published(duty, reporter, reviewer, effective_on=TODAY - DAY)
    published(duty, reporter, reviewer, NOW + HOUR, effective_on=TODAY - 2 * DAY)
    assert last_action(duty) == (newest.pk, TODAY - DAY, "participation")
    published(duty, reporter, reviewer, NOW + HOUR, event_type="context", effective_on=TODAY)
    assert last_action(duty) == (newest.pk, TODAY - DAY, "participation")


def test_of_two_on_one_day_the_one_published_later_is_the_last(duty, reporter, reviewer):
    first = submitted(duty, reporter, event_type="outcome")
    second = submitted(duty, reporter, event_type="statement")
    perform(second, Action.PUBLISH, reviewer, NOW)
    perform(first, Action.PUBLISH, reviewer, NOW + HOUR)
    assert last_action(duty) == (first.pk, TODAY, "outcome")


@pytest.mark.long
def test_the_last_action_follows_both_clocks(duty, reporter, reviewer):
    old = published(duty, reporter, reviewer, effective_on=TODAY - 9 * DAY)
    new = published(duty, reporter, reviewer, NOW + HOUR, effective_on=TODAY)
    assert last_action(duty)[0] == new.pk
    assert last_action(duty, as_of=TODAY - DAY)[0] == old.pk
    assert last_action(duty, as_of=TODAY - 10 * DAY) == NOTHING
    assert last_action(duty, known_at=NOW)[0] == old.pk
    assert last_action(duty, known_at=NOW - HOUR) == NOTHING


def test_only_what_counts_is_an_action(duty, reporter, reviewer):
    draft(duty, reporter)
    submitted(duty, reporter)
    wrong = published(duty, reporter, reviewer)
    perform(wrong, Action.RETRACT, reviewer, NOW + HOUR, note="Wrong.")
    assert last_action(duty) == NOTHING
    assert last_action(duty, known_at=NOW)[0] == wrong.pk


def test_a_correction_moves_the_action_or_takes_it_back(duty, reporter, reviewer):
    first = published(duty, reporter, reviewer)
    moved = TODAY - 40 * DAY
    second = published(duty, reporter, reviewer, NOW + HOUR, corrects=first, effective_on=moved)
    assert last_action(duty) == (second.pk, moved, "participation")
    fields = {"corrects": second, "event_type": "context", "effective_on": moved}
    published(duty, reporter, reviewer, NOW + 2 * HOUR, **fields)
    assert last_action(duty) == NOTHING


def test_an_action_known_to_staff_alone_is_an_action_all_the_same(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer, evidence=[INTERNAL])
    assert last_action(duty)[0] == update.pk


# Acted within one review interval


def acted(commitment, **clock):
    clock = Clock(LATER, **clock)
    total = rollups.total(Commitment.objects.at(clock))
    return total.kinds[commitment.kind].acted


@pytest.mark.parametrize(
    ("event_type", "beyond"), [("statement", 0), ("participation", 1), ("outcome", 1)]
)
@pytest.mark.parametrize(("age", "any_"), [(0, 1), (INTERVAL, 1), (INTERVAL + 1, 0)])
def test_words_are_not_deeds(duty, reporter, reviewer, event_type, beyond, age, any_):
    fields = {"event_type": event_type, "effective_on": TODAY - age * DAY}
    published(duty, reporter, reviewer, **fields)
    assert acted(duty) == {"any": any_, "beyond_statements": any_ * beyond}


def test_an_older_deed_and_a_recent_statement(duty, reporter, reviewer):
    published(duty, reporter, reviewer, effective_on=TODAY - 400 * DAY)
    published(duty, reporter, reviewer, event_type="statement")
    assert acted(duty) == {"any": 1, "beyond_statements": 0}
    assert acted(duty, as_of=TODAY - 400 * DAY) == {"any": 1, "beyond_statements": 1}


def test_a_deed_hidden_behind_a_newer_statement_counts(duty, reporter, reviewer):
    published(duty, reporter, reviewer, effective_on=TODAY - 300 * DAY)
    published(duty, reporter, reviewer, event_type="statement")
    assert acted(duty) == {"any": 1, "beyond_statements": 1}


# Active and partly active lapse three intervals after the newest action they rest on

ACTED, JUDGED = date(2020, 1, 1), date(2021, 12, 31)  # 730 days, two intervals, later


@pytest.fixture
def judged(duty, reporter, reviewer):
    """`judged(status, *actions)` publishes an assessment of `JUDGED` that rests on actions of these
    days."""

    def judged(status, *actions, **fields):
        events = [published(duty, reporter, reviewer, effective_on=day).pk for day in actions]
        fields = {"rests_on": events, "effective_on": JUDGED, "covers_from": ACTED} | fields
        return publish(assess(duty, reporter, status, {}, **fields), reporter, reviewer)

    return judged


def freshness(commitment, *days):
    return [at_clock(commitment, as_of=day).freshness for day in days]


@pytest.mark.parametrize("status", ["active", "partly_active"])
def test_an_assessment_lapses_three_intervals_after_its_newest_action(duty, judged, status):
    judged(status, ACTED)
    last = ACTED + 3 * INTERVAL * DAY
    assert (last - JUDGED).days == INTERVAL
    assert freshness(duty, JUDGED, last, last + DAY) == ["current", "current", "lapsed"]


def test_it_lapses_after_two_intervals_of_its_own_if_these_end_first(duty, judged):
    judged("active", JUDGED)
    ends = [JUDGED + n * INTERVAL * DAY for n in (1, 2)]
    days = [day + more for day in ends for more in (0 * DAY, DAY)]
    assert freshness(duty, *days) == ["current", "due", "due", "lapsed"]


def test_of_several_actions_the_newest_decides(duty, judged):
    judged("active", ACTED, ACTED + 30 * DAY)
    last = ACTED + (30 + 3 * INTERVAL) * DAY
    assert freshness(duty, last, last + DAY) == ["due", "lapsed"]


def test_actions_it_does_not_rest_on_keep_no_assessment_alive(duty, judged, reporter, reviewer):
    judged("active", ACTED)
    published(duty, reporter, reviewer, effective_on=date(2022, 12, 1))
    assert freshness(duty, ACTED + (3 * INTERVAL + 1) * DAY) == ["lapsed"]


def test_other_statuses_do_not_need_an_action(duty, judged):
    judged("inactive", ACTED, evidence=[INTERNAL])
    assert freshness(duty, JUDGED + 2 * INTERVAL * DAY) == ["due"]


def test_a_correction_of_the_action_moves_the_end(duty, judged, reporter, reviewer):
    judged("active", ACTED)
    event = duty.updates.order_by("pk").first()
    moved = ACTED + 100 * DAY
    published(duty, reporter, reviewer, NOW + HOUR, corrects=event, effective_on=moved)
    last = moved + 3 * INTERVAL * DAY
    assert freshness(duty, last, last + DAY) == ["due", "lapsed"]
    before = at_clock(duty, as_of=last, known_at=NOW)
    assert before.freshness == "lapsed"
