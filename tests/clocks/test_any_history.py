"""Any history of updates reads under any clock as it was played."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commitments.choices import Action, Kind
from commitments.models import Commitment, ProgressUpdate
from tests.clocks.standing import DAY, LOOKED, SECOND, stands, utc
from tests.examples import examples
from tests.factories import CommitmentFactory
from tests.steps import REPORT, perform, published


@dataclass
class Played:
    """What the test itself knows of an update that it published."""

    pk: int
    status: str | None
    effective_on: date
    published_at: datetime
    gone_at: datetime | None = None
    event_type: str | None = "participation"
    rests_on: "Played | None" = None
    correction: "Played | None" = None
    retracted: bool = False


ACTIONS = ("participation", "statement")
STATUSES = {
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
        st.sampled_from(["participation", "statement", "context", None]),  # the type of the event
    ),
    min_size=1,
    max_size=7,
)


def shanghai_day(at):
    return (at + timedelta(hours=8)).date()


def step(played, commitment, event, at, reporter, reviewer):
    """One event of a history, through the workflow; `played` learns of it."""
    _, action, which, back, _, pick, event_type = event
    targets = [p for p in played if not (p.retracted if action == "retract" else p.gone_at)]
    target = targets[pick % len(targets)] if targets and action != "publish" else None
    row = target and ProgressUpdate.objects.get(pk=target.pk)
    if row and action == "retract":
        perform(row, Action.RETRACT, reviewer, at, note="The source was withdrawn.")
        target.retracted = True
    else:
        update = Played(0, STATUSES[commitment.kind][which], shanghai_day(at) - back * DAY, at)
        update.event_type = event_type
        fields = rest_on_an_action(update, target, played)
        update.pk = published(
            commitment,
            reporter,
            reviewer,
            at,
            evidence=[REPORT],
            status=update.status,
            event_type=update.event_type,
            effective_on=update.effective_on,
            search_note=LOOKED,
            corrects=row,
            **fields,
        ).pk
        played.append(update)
        if target:
            target.correction = update
    if target:
        target.gone_at = target.gone_at or at


def rest_on_an_action(update, target, played):
    """Let an assessment that needs an action rest on another update, up to two years earlier, or
    else on itself; and let an update be something."""
    if update.status != "active":
        update.event_type = update.event_type or (None if update.status else "context")
        return {}
    if update.event_type in ACTIONS:
        return {}
    actions = [
        p
        for p in played
        if p.event_type in ACTIONS
        and not p.gone_at
        and p is not target
        and 0 <= (update.effective_on - p.effective_on).days <= 730
    ]
    if not actions:
        update.event_type = "participation"
        return {}
    update.rests_on = actions[-1]
    return {"rests_on": [actions[-1].pk], "covers_from": actions[-1].effective_on}


def is_public(p, then):
    return p.published_at <= then and not (p.gone_at and p.gone_at <= then)


def newest_action(update, then):
    """Return the day of the newest action on which an update rests. One that was corrected is
    found by the day of its correction, whatever day is asked for."""
    days = [update.effective_on] if update.event_type in ACTIONS else []
    event = update.rests_on
    if event:
        while event.correction and event.correction.published_at <= then:
            event = event.correction
        if is_public(event, then) and event.event_type in ACTIONS:
            days.append(event.effective_on)
    return max(days, default=None)


def expected(played, now, as_of=None, known_at=None):
    """(assessment, status, freshness, last action, number of updates), by going through all that
    was played."""
    then = known_at or now
    day = as_of or shanghai_day(then)
    counting = [p for p in played if is_public(p, then) and p.effective_on <= day]
    actions = [p for p in counting if p.event_type in ACTIONS]
    last = max(actions, key=lambda p: (p.effective_on, p.published_at, p.pk), default=None)
    facts = (last and last.pk, len(counting))
    assessments = [p for p in counting if p.status]
    if not assessments:
        return None, "unassessed", None, *facts
    current = max(assessments, key=lambda p: (p.effective_on, p.published_at, p.pk))
    age = (day - current.effective_on).days
    freshness = "current" if age <= 365 else "due" if age <= 730 else "lapsed"
    if current.status == "active":
        acted_on = newest_action(current, then)
        if acted_on is None or (day - acted_on).days > 3 * 365:
            freshness = "lapsed"
    if current.status in ("completed", "withdrawn", "contrary"):
        freshness = "settled"
    return current.pk, current.status, freshness, *facts


def read_state(commitment, now, **clock):
    row = stands(commitment, now, **clock)
    assessment = row.assessment_id, row.assessment_status, row.freshness
    return *assessment, row.action_id, row.update_count


@pytest.mark.alike
@settings(
    deadline=None,
    max_examples=examples(15),
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
            assert (
                read_state(stored, now)
                == read_state(stored, now, as_of=shanghai_day(now))
                == as_played
            )
        now += SECOND
        today, ages = shanghai_day(now), (-1, 0, 365, 366, 730, 731, 1095, 1096)
        from_days = [p.effective_on for kind in Kind for p in played[kind]]
        days = sorted({min(day + n * DAY, today) for day in from_days for n in ages})
        asked = {"as_of": st.sampled_from(days), "known_at": st.sampled_from(times)}
        clocks = st.fixed_dictionaries({}, optional=asked)
        for clock in data.draw(st.lists(clocks, min_size=4, max_size=8)):
            for kind in Kind:
                assert read_state(commitments[kind], now, **clock) == expected(
                    played[kind], now, **clock
                )
        transaction.set_rollback(True)
