"""Random histories, played through the workflow and recorded in the model."""

from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.exceptions import PlanFileError, TransitionRefused
from commitments.importing import plan_file, plan_load
from commitments.models import Forum, Office, ProgressUpdate
from tests.methodology import ASSESSMENTS
from tests.steps import INTERNAL, REPORT, RESOLUTION, STATEMENT, perform, submitted
from tests.words import en_zh
from tests.workflow.histories import DAY, LEVEL, Model, PlayedUpdate, document

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
FIRST_DAY = date(2020, 2, 28)
ZONES = ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]
FORUMS = [[], ["UN"], ["GGE"], ["OEWG"], ["OEWG"], ["ORG"], ["BODY"], ["PANEL"], ["APART", "OEWG"]]

# Events of a history, and clocks under which it is read. Integers choose from what exists by then.

EVIDENCE = [(), (INTERNAL,), (STATEMENT,), (STATEMENT, RESOLUTION), (REPORT, INTERNAL)]
# Seconds from a local midnight, where the plan's day changes but not that of other time zones.
AROUND_MIDNIGHT = [-1, -0.000001, 0, 0.000001, 1, 43_200, 86_399]
EVENTS = st.builds(
    SimpleNamespace,
    name=st.sampled_from(
        ["publish", "correct", "retract", "amend", "cross"] * 2
        + ["correct", "submit", "publish_submitted"]
    ),
    number=st.sampled_from("1113332345"),
    assessment=st.integers(0, 12),
    evidence=st.sampled_from(EVIDENCE + 2 * EVIDENCE[3:]),
    precision=st.sampled_from(["day", "day", "month", "year"]),
    enter_last_day=st.integers(0, 1),
    days_back=st.sampled_from([0, 0, 0, 0, 1, 29, 366, 800]),
    forums=st.sampled_from(FORUMS),
    choice=st.integers(0, 99),
    days_passed=st.sampled_from([0, 0, 0, 0, 0, 1, 31, 200, 366]),
    seconds=st.sampled_from(AROUND_MIDNIGHT),
)
READINGS = st.builds(
    SimpleNamespace,
    day=st.none() | st.integers(0, 999),
    day_offset=st.integers(0, 6),
    time=st.none() | st.integers(0, 999),
    ticks=st.integers(-1, 1),
    group_by=st.sampled_from(["goal", "area", "forum", "forum", "office", "kind"]),
)

EXAMPLE = {
    "zone": st.sampled_from(ZONES),
    "interval": st.sampled_from([30, 365]),
    "history": st.lists(EVENTS, min_size=6, max_size=14),
    "readings": st.lists(READINGS, min_size=2, max_size=3),
}
EVERY_EXAMPLE = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],  # each example is rolled back
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
}


def last_day(day, precision):
    if precision == "year":
        return date(day.year, 12, 31)
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY if precision == "month" else day


class Player:
    """Plays events through workflow and amendments, and records them in a model.

    `at` is the time of the clock, which may go back between two events; `head` is that of the
    latest ledger entry, which never does. `times` are those around which something changed.
    """

    def __init__(self, zone, interval, reporter, reviewer, curator):
        self.reporter, self.reviewer, self.curator = reporter, reviewer, curator
        self.model = Model(document(zone, interval, FIRST_DAY + 300 * DAY))
        self.zone, self.today = ZoneInfo(zone), FIRST_DAY
        self.head = self.at = datetime.combine(FIRST_DAY - DAY, time(), UTC)
        assert plan_file.check_plan(self.model.document) == []
        plan = plan_load.load_plan(self.model.document, at=self.at)
        self.rows = {row.number: row for row in plan.commitments.all()}
        self.forums = {row.code: row for row in Forum.objects.all()}
        for office in Office.objects.all():
            office.members.add(reporter)
        self.times = []

    def play(self, event):
        self.today += event.days_passed * DAY
        midnight = datetime.combine(self.today, time(), self.zone)
        self.at = (midnight + timedelta(seconds=event.seconds)).astimezone(UTC)
        getattr(self, event.name)(event)
        self.times += [self.at, self.head]

    def now(self):
        return max(self.head, self.at) + SECOND

    def choose(self, event, condition):
        updates = [update for update in self.model.updates if condition(update)]
        return updates[event.choice % len(updates)] if updates else None

    def row(self, update):
        return ProgressUpdate.objects.get(pk=update.pk)

    def recorded_at(self):
        """Return the time of the decision that was just recorded."""
        self.head = max(self.head, self.at)
        return self.head

    def submit(self, event, corrects=None):
        """Submit an update and record it in the model. Its date depends on the day of submission
        only, whenever it is published."""
        number = corrects.number if corrects else event.number
        today = self.model.local_day(self.at)
        day = today - event.days_back * DAY
        stored = min(last_day(day, event.precision), today)
        level = max(
            [LEVEL[item["source"]] for item in event.evidence if "public" not in item] + [0]
        )
        row, statuses = self.model.row(number), [None]
        for status, rule in ASSESSMENTS.items():
            past_due = row.get("due_on", "9999") < str(stored) or status != "not_achieved"
            if row["kind"] in rule.kinds and rule.least_evidence <= level and past_due:
                statuses.append(status)
        status = statuses[event.assessment % len(statuses)]
        update = submitted(
            self.rows[number],
            self.reporter,
            self.at,
            evidence=event.evidence,
            effective_on=last_day(day, event.precision) if event.enter_last_day else day,
            date_precision=event.precision,
            status=status,
            search_note=en_zh("Looked through the records."),
            forums=[self.forums[code] for code in event.forums],
            corrects=self.row(corrects) if corrects else None,
        )
        self.recorded_at()
        fields = (update.pk, number, stored, event.precision, status, level, event.forums, corrects)
        self.model.updates.append(PlayedUpdate(*fields))
        return self.model.updates[-1]

    def publish_submitted(self, event):
        update = self.choose(event, lambda update: not update.published_at)
        if update:
            self.try_to_publish(update)

    def try_to_publish(self, update):
        """Publish an update, or check that publication is refused where the model expects it."""
        target, due_on = update.corrects, self.model.row(update.number).get("due_on", "9999")
        refused = (
            (target and not target.counts)
            or update.effective_on > self.model.local_day(self.at)
            or (update.status == "not_achieved" and due_on >= str(update.effective_on))
        )
        if refused:
            with pytest.raises(TransitionRefused):
                perform(self.row(update), Action.PUBLISH, self.reviewer, self.at)
            return
        perform(self.row(update), Action.PUBLISH, self.reviewer, self.at)
        update.published_at = self.recorded_at()
        if target:
            target.superseded_at = update.published_at

    def publish(self, event):
        self.try_to_publish(self.submit(event))

    def cross(self, event):
        """Submit two updates of one day on one commitment; publish the second one first, or both at
        the same time."""
        other = SimpleNamespace(**vars(event) | {"assessment": event.assessment + 1})
        first, second = self.submit(event), self.submit(other)
        self.try_to_publish(second)
        self.times += [self.at, self.head]
        self.at += event.choice % 2 * SECOND
        self.try_to_publish(first)

    def correct(self, event):
        target = self.choose(event, lambda update: update.counts)
        self.try_to_publish(self.submit(event, target))

    def retract(self, event):
        target = self.choose(event, lambda u: u.published_at and not u.retracted_at)
        if target:
            perform(self.row(target), Action.RETRACT, self.reviewer, self.at, note="It was wrong.")
            target.retracted_at = self.recorded_at()

    def amend(self, event):
        """Amend a wording, goal, forum, date or the plan's interval, or check that an amendment
        without a difference is refused."""
        plan, today = self.model.document, str(self.model.local_day(self.at))
        row, deliverable, with_milestones = (
            self.model.row(number) for number in (event.number, "3", "4")
        )
        changes = [
            lambda: row.update(text={"en": f"It will be done by {event.choice} steps."}),
            lambda: row.update(goal=1 if row.get("goal") == 2 else 2),
            lambda: row["forums"].append({"code": "APART"}),
            lambda: deliverable.update(due_on=str(self.today + (event.choice - 50) * DAY)),
            lambda: with_milestones["milestones"][0].update(done_on=today),
            lambda: plan["plan"].update(review_interval_days=30 + event.choice),
        ]
        linked, before = [item["code"] for item in row["forums"]], deepcopy(plan)
        changes[0 if "APART" in linked and event.choice % 6 == 2 else event.choice % 6]()
        if plan == before:
            with pytest.raises(PlanFileError, match="does not differ"):
                plan_load.amend_plan(plan, reason="Nothing.", by=self.curator, at=self.at)
            return
        plan_load.amend_plan(plan, reason="It was misprinted.", by=self.curator, at=self.at)
        self.recorded_at()

    def clock(self, reading):
        """Return the parameters of a clock near days and times at which something changed."""
        model, now, clock = self.model, self.now(), {}
        interval = model.document["plan"]["review_interval_days"]
        if reading.time is not None:
            time = self.times[reading.time % len(self.times)] + reading.ticks * TICK
            clock["known_at"] = min(time, now)
        if reading.day is not None:
            days = [update.effective_on for update in model.public()]
            days += [date.fromisoformat(model.row("3")["due_on"]), self.today]
            offsets = (-1, 0, 1, interval, interval + 1, 2 * interval, 2 * interval + 1)
            day = days[reading.day % len(days)] + offsets[reading.day_offset] * DAY
            clock["as_of"] = min(day, model.local_day(now))
        return clock
