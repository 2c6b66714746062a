"""Plays random histories through the real doors, and tells the model of what was done."""

from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from commitments import planfile, planload
from commitments.bilingual import Text
from commitments.choices import Action
from commitments.exceptions import PlanFileError, TransitionRefused
from commitments.models import Forum, Office, ProgressUpdate
from tests.histories import DAY, LEVEL, TABLE, Model, Played, document
from tests.steps import INTERNAL, REPORT, RESOLUTION, STATEMENT, act, submitted

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
LONG_AGO = date(2020, 2, 28)
ZONES = ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]
NAMED = [[], ["UN"], ["GGE"], ["OEWG"], ["OEWG"], ["ORG"], ["BODY"], ["PANEL"], ["APART", "OEWG"]]

# The history


EVIDENCE = [(), (INTERNAL,), (STATEMENT,), (STATEMENT, RESOLUTION), (REPORT, INTERNAL)]
# Seconds from a local midnight, where a day ends or begins for the plan and not for others.
AROUND_MIDNIGHT = [-1, -0.000001, 0, 0.000001, 1, 43_200, 86_399]
EVENTS = st.builds(
    SimpleNamespace,
    what=st.sampled_from(
        ["publish", "correct", "retract", "amend", "cross"] * 2 + ["correct", "hold", "release"]
    ),
    number=st.sampled_from("1113332345"),
    claim=st.integers(0, 12),
    evidence=st.sampled_from(EVIDENCE + 2 * EVIDENCE[3:]),
    precision=st.sampled_from(["day", "day", "month", "year"]),
    any_day=st.integers(0, 1),
    back=st.sampled_from([0, 0, 0, 0, 1, 29, 366, 800]),
    named=st.sampled_from(NAMED),
    pick=st.integers(0, 99),
    days=st.sampled_from([0, 0, 0, 0, 0, 1, 31, 200, 366]),
    seconds=st.sampled_from(AROUND_MIDNIGHT),
)
ASKS = st.builds(
    SimpleNamespace,
    day=st.none() | st.integers(0, 999),
    days=st.integers(0, 6),
    moment=st.none() | st.integers(0, 999),
    ticks=st.integers(-1, 1),
    by=st.sampled_from(["goal", "area", "forum", "forum", "office", "kind"]),
)

EXAMPLE = {
    "zone": st.sampled_from(ZONES),
    "interval": st.sampled_from([30, 365]),
    "history": st.lists(EVENTS, min_size=6, max_size=14),
    "asks": st.lists(ASKS, min_size=2, max_size=3),
}
EVERY_EXAMPLE = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],  # each is rolled back
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],  # to shorten one would take minutes
}


def last_day(day, precision):
    if precision == "year":
        return date(day.year, 12, 31)
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY if precision == "month" else day


class Player:
    """Plays events through the workflow and amendments, and tells the model of what was done.

    The clock may go back a little between two events: the ledger's times never do.
    """

    def __init__(self, zone, interval, reporter, reviewer, curator):
        self.reporter, self.reviewer, self.curator = reporter, reviewer, curator
        self.model = Model(document(zone, interval, LONG_AGO + 300 * DAY))
        self.zone, self.today = ZoneInfo(zone), LONG_AGO
        self.head = self.at = datetime.combine(LONG_AGO - DAY, time(), UTC)
        assert planfile.check(self.model.document) == []
        plan = planload.load(self.model.document, at=self.at)
        self.rows = {row.number: row for row in plan.commitments.all()}
        self.forums = {row.code: row for row in Forum.objects.all()}
        for office in Office.objects.all():
            office.members.add(reporter)
        self.moments = []

    def play(self, event):
        self.today += event.days * DAY
        midnight = datetime.combine(self.today, time(), self.zone)
        self.at = (midnight + timedelta(seconds=event.seconds)).astimezone(UTC)
        getattr(self, event.what)(event)
        self.moments += [self.at, self.head]

    def now(self):
        return max(self.head, self.at) + SECOND

    def chosen(self, event, wanted):
        found = [update for update in self.model.played if wanted(update)]
        return found[event.pick % len(found)] if found else None

    def row(self, update):
        return ProgressUpdate.objects.get(pk=update.pk)

    def recorded(self):
        self.head = max(self.head, self.at)
        return self.head

    def hold(self, event, corrects=None):
        """Submits, and publishes nothing: its day is that of now, whenever it is published."""
        number = corrects.number if corrects else event.number
        today = self.model.local_day(self.at)
        day = today - event.back * DAY
        stored = min(last_day(day, event.precision), today)
        level = max(
            [LEVEL[item["source"]] for item in event.evidence if "public" not in item] + [0]
        )
        row, claims = self.model.row(number), [None]
        for status, (kinds, least, *_rest) in TABLE.items():
            past_due = row.get("due_on", "9999") < str(stored) or status != "not_achieved"
            claims += [status] if row["kind"] in kinds and least <= level and past_due else []
        status = claims[event.claim % len(claims)]
        update = submitted(
            self.rows[number],
            self.reporter,
            self.at,
            evidence=event.evidence,
            effective_on=last_day(day, event.precision) if event.any_day else day,
            date_precision=event.precision,
            status=status,
            search_note=Text("Looked through the records."),
            forums=[self.forums[code] for code in event.named],
            corrects=self.row(corrects) if corrects else None,
        )
        self.recorded()
        fields = (update.pk, number, stored, event.precision, status, level, event.named, corrects)
        self.model.played.append(Played(*fields))
        return self.model.played[-1]

    def release(self, event):
        held = self.chosen(event, lambda update: not update.published_at)
        if held:
            self.publish_held(held)

    def publish_held(self, update):
        target, due_on = update.corrects, self.model.row(update.number).get("due_on", "9999")
        refused = (
            (target and not target.stands)
            or update.effective_on > self.model.local_day(self.at)
            or (update.status == "not_achieved" and due_on >= str(update.effective_on))
        )
        if refused:
            with pytest.raises(TransitionRefused):
                act(self.row(update), Action.PUBLISH, self.reviewer, self.at)
            return
        act(self.row(update), Action.PUBLISH, self.reviewer, self.at)
        update.published_at = self.recorded()
        if target:
            target.superseded_at = update.published_at

    def publish(self, event):
        self.publish_held(self.hold(event))

    def cross(self, event):
        """Two of one day on one commitment: the later one is published first, or both at once."""
        other = SimpleNamespace(**vars(event) | {"claim": event.claim + 1})
        first, second = self.hold(event), self.hold(other)
        self.publish_held(second)
        self.moments += [self.at, self.head]
        self.at += event.pick % 2 * SECOND
        self.publish_held(first)

    def correct(self, event):
        self.publish_held(self.hold(event, self.chosen(event, lambda update: update.stands)))

    def retract(self, event):
        target = self.chosen(event, lambda u: u.published_at and not u.retracted_at)
        if target:
            act(self.row(target), Action.RETRACT, self.reviewer, self.at, note="It was wrong.")
            target.retracted_at = self.recorded()

    def amend(self, event):
        """Wordings, goals, links, dates and the interval of the plan, one of them at a time."""
        plan, today = self.model.document, str(self.model.local_day(self.at))
        row, dated, stepped = (self.model.row(number) for number in (event.number, "3", "4"))
        change = [
            lambda: row.update(text={"en": f"It will be done by {event.pick} steps."}),
            lambda: row.update(goal=1 if row.get("goal") == 2 else 2),
            lambda: row["forums"].append({"code": "APART"}),
            lambda: dated.update(due_on=str(self.today + (event.pick - 50) * DAY)),
            lambda: stepped["milestones"][0].update(done_on=today),
            lambda: plan["plan"].update(review_interval_days=30 + event.pick),
        ]
        linked, before = [item["code"] for item in row["forums"]], deepcopy(plan)
        change[0 if "APART" in linked and event.pick % 6 == 2 else event.pick % 6]()
        if plan == before:
            with pytest.raises(PlanFileError, match="Nothing differs"):
                planload.amend(plan, reason="Nothing.", by=self.curator, at=self.at)
            return
        planload.amend(plan, reason="It was misprinted.", by=self.curator, at=self.at)
        self.recorded()

    def clock(self, ask):
        """What is asked for: near days and moments at which something was done."""
        model, now, clock = self.model, self.now(), {}
        length = model.document["plan"]["review_interval_days"]
        if ask.moment is not None:
            moment = self.moments[ask.moment % len(self.moments)] + ask.ticks * TICK
            clock["known_at"] = min(moment, now)
        if ask.day is not None:
            days = [update.effective_on for update in model.public()]
            days += [date.fromisoformat(model.row("3")["due_on"]), self.today]
            later = (-1, 0, 1, length, length + 1, 2 * length, 2 * length + 1)[ask.days]
            clock["as_of"] = min(days[ask.day % len(days)] + later * DAY, model.local_day(now))
        return clock
