"""Random histories, played through the workflow and recorded in the model."""

from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from commitments import ledger, workflow
from commitments.choices import Action
from commitments.exceptions import ActionRefused, PlanFileError, TimeRefused
from commitments.importing import plan_file, plan_load
from commitments.models import Forum, Office, ProgressUpdate
from commitments.workflow import FindingFields
from tests.factories import UserFactory
from tests.steps import draft, perform
from tests.words import en_zh
from tests.workflow.compose import compose, corrected_text, last_day
from tests.workflow.histories import DAY, EVENTS, READINGS, ZONES, criterion, document
from tests.workflow.model import PlayedCriterion
from tests.workflow.model_figures import Model
from tests.workflow.model_requirements import refusal

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
FIRST_DAY = date(2020, 2, 28)

EXAMPLE = {
    "zone": st.sampled_from(ZONES),
    "interval": st.sampled_from([30, 365]),
    "history": st.lists(EVENTS, min_size=8, max_size=16),
    "readings": st.lists(READINGS, min_size=2, max_size=3),
}
EVERY_EXAMPLE = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],  # each example is rolled back
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
}


class Player:
    """Plays events through workflow and amendments, and records them in a model.

    `at` is the time of the clock, which may go back between two events; `head` is that of the
    latest ledger entry, which goes back too when an administrator confirms the time. `times` are
    those around which something changed.
    """

    def __init__(self, zone, interval, reporter, reviewer, curator):
        self.administrator = UserFactory(username="administrator", is_superuser=True)
        self.reporter, self.reviewer, self.curator = reporter, reviewer, curator
        self.model = Model(document(zone, interval, FIRST_DAY + 300 * DAY))
        self.zone, self.today = ZoneInfo(zone), FIRST_DAY
        self.head = self.at = datetime.combine(FIRST_DAY - DAY, time(), UTC)
        assert plan_file.check_plan(self.model.document) == []
        plan = plan_load.load_plan(self.model.document, at=self.at).plan
        self.rows = {row.number: row for row in plan.commitments.all()}
        self.forums = {row.code: row for row in Forum.objects.all()}
        for office in Office.objects.all():
            office.members.add(reporter)
        for row in self.model.document["commitments"]:
            keys = [item["key"] for item in row.get("criteria", [])]
            self.model.criteria += [PlayedCriterion(row["number"], key, self.at) for key in keys]
        self.model.intervals.append((self.at, interval))
        self.model.record_dates(self.at, [])
        self.times = []

    def play(self, event):
        self.today += event.days_passed * DAY
        midnight = datetime.combine(self.today, time(), self.zone)
        self.at = (midnight + timedelta(seconds=event.seconds)).astimezone(UTC)
        if not -MINUTE <= self.at - self.head <= 400 * DAY:
            with pytest.raises(TimeRefused):
                ledger.check_time(self.at)
            workflow.confirm_time(by=self.administrator, at=self.at, reason="So it is.")
            self.head = self.at
        getattr(self, event.name)(event)
        self.times += [self.at, self.head]

    def now(self):
        return max(self.head, self.at) + SECOND

    def choose(self, event, condition):
        """Return one of the updates that meet a condition, mostly one on which others rest."""
        updates = [update for update in self.model.updates if condition(update)]
        named = {event for update in self.model.public() for event in update.events}
        if named & set(updates) and event.choice % 3:
            updates = [update for update in updates if update in named]
        return updates[event.choice % len(updates)] if updates else None

    def row(self, update):
        return ProgressUpdate.objects.get(pk=update.pk)

    def recorded_at(self):
        """Return the time of the decision that was just recorded."""
        self.head = max(self.head, self.at)
        return self.head

    # Updates

    def submit(self, event, corrects=None):
        """Submit an update, if its author may, and return it. Its date depends on the day of
        submission only, whenever it is published."""
        today = self.model.local_day(self.at)
        update = compose(self.model, event, today, corrects)
        day = today - event.days_back * DAY
        entered = last_day(day, event.precision) if event.enter_last_day else day
        return self.submit_update(update, entered)

    def submit_update(self, update, entered):
        """Submit an update and return it, or check that it is refused where the model expects it
        and return None. `entered` is the date that the author enters."""
        assessment = {}
        if update.status:
            assessment = {
                "covers_from": update.covers_from,
                "findings": {
                    key: FindingFields(result, [event.pk for event in events])
                    for key, (result, events) in update.findings.items()
                },
                "rests_on": [event.pk for event in update.named],
            }
        row = draft(
            self.rows[update.number],
            self.reporter,
            self.at,
            evidence=update.evidence,
            effective_on=entered,
            date_precision=update.precision,
            event_type=update.event_type,
            status=update.status,
            criteria=update.criteria,
            meets=update.meets,
            search_note=en_zh("Looked through the records."),
            summary=en_zh(f"A meeting was held, as recorded at {self.at}."),
            forums=[self.forums[code] for code in update.forums],
            corrects=self.row(update.corrects) if update.corrects else None,
            **assessment,
        )
        assert row.effective_on == update.effective_on
        reason = refusal(self.model, update, self.at)
        if not self.moves(row, Action.SUBMIT, self.reporter, reason):
            return None
        self.recorded_at()
        update.pk = row.pk
        self.model.updates.append(update)
        return update

    def moves(self, row, action, by, reason):
        """Perform an action and return whether it was performed, which must be the case unless the
        model has a reason to refuse it."""
        problems = []
        try:
            perform(row, action, by, self.at)
        except ActionRefused as error:
            problems = [str(problem) for problem in error.problems]
        assert bool(problems) == bool(reason), (problems, reason)
        return not problems

    def publish_submitted(self, event):
        update = self.choose(event, lambda update: not update.published_at)
        if update:
            self.try_to_publish(update)

    def try_to_publish(self, update):
        """Publish an update, or check that publication is refused where the model expects it."""
        reason = refusal(self.model, update, self.at, publishing=True)
        if not self.moves(self.row(update), Action.PUBLISH, self.reviewer, reason):
            return
        update.published_at = self.recorded_at()
        if update.corrects:
            update.corrects.superseded_at = update.published_at
            update.corrects.correction = update

    def publish(self, event):
        update = self.submit(event)
        if update:
            self.try_to_publish(update)

    def cross(self, event):
        """Submit two updates of one day on one commitment; publish the second one first, or both at
        the same time."""
        other = SimpleNamespace(**vars(event) | {"assessment": event.assessment + 1})
        submitted = [self.submit(event), self.submit(other)]
        for update in filter(None, reversed(submitted)):
            self.try_to_publish(update)
            self.times += [self.at, self.head]
            self.at += event.choice % 2 * SECOND

    def correct(self, event):
        update = self.submit(event, self.choose(event, lambda update: update.counts))
        if update:
            self.try_to_publish(update)

    def correct_text(self, event):
        """Correct no more than the text of an update. Where the clock went back past its day, the
        update lies in the future, and so would its correction: there is none."""
        today = self.model.local_day(self.at)
        target = self.choose(event, lambda u: u.counts and u.effective_on <= today)
        if target:
            correction = corrected_text(target)
            if self.submit_update(correction, correction.effective_on):
                self.try_to_publish(correction)

    def retract(self, event):
        target = self.choose(event, lambda u: u.published_at and not u.retracted_at)
        if target:
            perform(self.row(target), Action.RETRACT, self.reviewer, self.at, note="It was wrong.")
            target.retracted_at = self.recorded_at()

    # Amendments

    def amend(self, event):
        """Amend a wording, goal, forum, date, criterion or the plan's interval, or check that an
        amendment without a difference is refused."""
        plan, moved = self.model.document, str(self.today + (event.choice - 50) * DAY)
        row, deliverable, with_milestones, with_end = (
            self.model.row(number) for number in (event.number, "3", "4", "5")
        )
        changes = [
            lambda: row.update(text={"en": f"It will be done by {event.choice} steps."}),
            lambda: row.update(goal=1 if row.get("goal") == 2 else 2),
            lambda: row["forums"].append({"code": "APART"}),
            lambda: deliverable.update(due_on=moved),
            lambda: with_milestones["milestones"][event.choice % 2].update(due_on=moved),
            lambda: with_end.update(ends_on=moved),
            lambda: plan["plan"].update(review_interval_days=30 + event.choice),
            lambda: self.replace_criterion(row),
        ]
        linked, before = [item["code"] for item in row["forums"]], deepcopy(plan)
        which = event.choice % len(changes)
        changes[0 if "APART" in linked and which == 2 else which]()
        if plan == before:
            with pytest.raises(PlanFileError, match="does not differ"):
                plan_load.amend_plan(plan, reason="Nothing.", by=self.curator, at=self.at)
            return
        plan_load.amend_plan(plan, reason="It was misprinted.", by=self.curator, at=self.at)
        at = self.recorded_at()
        if before["plan"] != plan["plan"]:
            self.model.intervals.append((at, self.model.interval))
        pairs = zip(before["commitments"], plan["commitments"], strict=True)
        changed = [new["number"] for old, new in pairs if old != new]
        self.model.record_dates(at, changed)
        self.record_criteria(row)

    def replace_criterion(self, row):
        """Replace the first criterion of a commitment; one without gets two."""
        used = sum(item.number == row["number"] for item in self.model.criteria)
        kept = row.get("criteria", [criterion("x")])[1:] or [criterion("y")]
        row["criteria"] = [*kept, criterion(f"n{used}")]

    def record_criteria(self, row):
        keys = {item["key"] for item in row.get("criteria", [])}
        known = [item for item in self.model.criteria if item.number == row["number"]]
        for item in known:
            if item.retired_at is None and item.key not in keys:
                item.retired_at = self.head
        for key in keys - {item.key for item in known}:
            self.model.criteria.append(PlayedCriterion(row["number"], key, self.head))

    # Clocks

    def clock(self, reading):
        """Return the parameters of a clock near days and times at which something changed."""
        model, now, clock = self.model, self.now(), {}
        interval = model.interval
        if reading.time is not None:
            time = self.times[reading.time % len(self.times)] + reading.ticks * TICK
            clock["known_at"] = min(time, now)
        if reading.day is not None:
            days = [update.effective_on for update in model.public()]
            days += [day for *_names, day in model.dates] + [self.today]
            ends = [end for n in (1, 2, 3) for end in (n * interval, n * interval + 1)]
            day = days[reading.day % len(days)] + [-1, 0, 1, *ends][reading.day_offset] * DAY
            clock["as_of"] = min(day, model.local_day(now))
        return clock
