"""A model of the methodology in plain Python, without the database and the tracker's code.

It computes from the played updates what `docs/methodology.md` says of each commitment. Groupings,
texts, due dates and milestones are those of the plan's document, which amendments change: under
every clock they are today's. Criteria and the review interval are those known then.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.methodology import STATUSES
from tests.workflow.histories import ACTIONS

LEVEL = {"statement": 1, "official": 2, "independent": 3}
# For questions about all that has been recorded.
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
NEED_ACTION = ("active", "partly_active")
# They need no findings.
FREE = ("withdrawn", "not_verifiable")


@dataclass(eq=False)
class PlayedUpdate:
    """An update that the player submitted, as the model knows it.

    `criteria` are the keys of those that an event bears on, `named` the events in `rests_on`.
    `findings` give, by the keys of criteria, a result and the events that show it.
    """

    number: str
    effective_on: date
    precision: str = "day"
    event_type: str | None = None
    status: str | None = None
    covers_from: date | None = None
    evidence: tuple = ()
    forums: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    findings: dict[str, tuple[str, list["PlayedUpdate"]]] = field(default_factory=dict)
    named: list["PlayedUpdate"] = field(default_factory=list)
    corrects: "PlayedUpdate | None" = None
    pk: int | None = None
    correction: "PlayedUpdate | None" = None
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    retracted_at: datetime | None = None

    @property
    def public(self):
        return [piece for piece in self.evidence if piece.get("public", True)]

    @property
    def own_level(self):
        return max((LEVEL[piece["source"]] for piece in self.public), default=0)

    @property
    def facts(self):
        """What others rest on, apart from the text."""
        sources = sorted(piece["title"] for piece in self.public)
        return self.event_type, self.effective_on, sorted(self.criteria), sources

    @property
    def is_action(self):
        return self.event_type in ACTIONS

    @property
    def order(self):
        return self.effective_on, self.published_at, self.pk

    @property
    def first(self):
        """The first update of its chain of corrections."""
        return self.corrects.first if self.corrects else self

    def counts_at(self, time):
        ends = [at for at in (self.superseded_at, self.retracted_at) if at]
        return bool(
            self.published_at and self.published_at <= time and all(at > time for at in ends)
        )

    @property
    def counts(self):
        return self.counts_at(END_OF_TIME)

    def later_versions(self, time):
        """Return the corrections of this update, and those of these, that were published then."""
        later = self.correction
        while later and later.published_at <= time:
            yield later
            later = later.correction

    def end(self, time):
        """Return the published end of its chain of corrections; None if that is withdrawn."""
        end = [self, *self.later_versions(time)][-1]
        return end if end.counts_at(time) else None

    @property
    def events(self):
        """The other updates on which it rests."""
        found = [event for _result, events in self.findings.values() for event in events]
        return list(dict.fromkeys([*self.named, *found]))

    def lifts(self, event):
        """Return whether an event's sources count: a finding that shows something names it, or
        there is no finding."""
        return not self.findings or any(
            event in events for result, events in self.findings.values() if result != "not_shown"
        )


@dataclass
class PlayedCriterion:
    number: str
    key: str
    added_at: datetime
    retired_at: datetime | None = None

    def is_in_use(self, time):
        return self.added_at <= time and (self.retired_at is None or self.retired_at > time)


class Record:
    """What is recorded of a plan, and what follows from it for each commitment.

    A clock is given as `now` and its parameters, `as_of` and `known_at`.
    """

    def __init__(self, plan_document):
        self.document = plan_document
        self.updates = []
        self.criteria = []
        # The times from which the plan had a review interval, with that interval.
        self.intervals = []

    def row(self, number):
        return next(row for row in self.document["commitments"] if row["number"] == number)

    @property
    def interval(self):
        return self.document["plan"]["review_interval_days"]

    def interval_at(self, time):
        """Return the review interval known at a time; today's where none was yet."""
        known = [days for at, days in self.intervals if at <= time]
        return known[-1] if known else self.interval

    def local_day(self, time):
        return time.astimezone(ZoneInfo(self.document["plan"]["time_zone"])).date()

    def public(self):
        return [update for update in self.updates if update.published_at]

    def day(self, now, as_of=None, known_at=None):
        return as_of or self.local_day(known_at or now)

    def counting(self, now, as_of=None, known_at=None):
        day = self.day(now, as_of, known_at)
        return [
            update
            for update in self.public()
            if update.effective_on <= day and update.counts_at(known_at or END_OF_TIME)
        ]

    def criteria_in_use(self, number, time):
        return {row.key for row in self.criteria if row.number == number and row.is_in_use(time)}

    # What an assessment rests on

    def bases(self, update, day, time, *, lifting=False):
        """Return the updates on which one rests as they count, itself first; with `lifting` only
        those whose sources count."""
        events = [event for event in update.events if not lifting or update.lifts(event)]
        ends = [event.end(time) for event in events]
        return [update, *(end for end in ends if end and end.effective_on <= day)]

    def level(self, update, day, time):
        return max(row.own_level for row in self.bases(update, day, time, lifting=True))

    def levels(self, updates, now, **clock):
        """Return the evidence levels of updates by id, None of those that were withdrawn."""
        day, time = self.day(now, **clock), clock.get("known_at") or END_OF_TIME
        return {row.pk: None if row.retracted_at else self.level(row, day, time) for row in updates}

    def acted_on(self, update, day, time):
        """Return the day of the newest action on which an update rests."""
        rows = self.bases(update, day, time)
        return max((row.effective_on for row in rows if row.is_action), default=None)

    def freshness(self, assessment, day, time):
        if not STATUSES[assessment.status].ages:
            return "settled"
        interval = self.interval_at(time)
        if assessment.status in NEED_ACTION:
            acted_on = self.acted_on(assessment, day, time)
            if acted_on is None or (day - acted_on).days > 3 * interval:
                return "lapsed"
        age = (day - assessment.effective_on).days
        return "current" if age <= interval else "due" if age <= 2 * interval else "lapsed"

    def gaps(self, assessment, before, day, time):
        """Return the codes of coverage of an assessment; `before` is the one before it."""
        sources = {
            piece.get("url") or piece["citation"]
            for row in self.bases(assessment, day, time, lifting=True)
            for piece in row.public
        }
        gaps = {"one_source"} if len(sources) == 1 else set()
        if self.level(assessment, day, time) == 1:
            gaps.add("statements_only")
        if self._renewed_without_action(assessment, before, day, time):
            gaps.add("renewed_without_action")
        if any(event.end(time) is None for event in assessment.events):
            gaps.add("rests_on_retracted")
        if any(self._changed(event, time) for event in assessment.events):
            gaps.add("rests_on_changed")
        in_use = self.criteria_in_use(assessment.number, time)
        is_free = assessment.status in FREE and not assessment.findings
        if set(assessment.findings) != in_use and not is_free:
            gaps.add("criteria_changed")
        return gaps

    def _renewed_without_action(self, assessment, before, day, time):
        if before is None or STATUSES[assessment.status].tone not in ("fulfilled", "partial"):
            return False
        newest, earlier = (self.acted_on(row, day, time) for row in (assessment, before))
        return newest is None or (earlier is not None and newest <= earlier)

    @staticmethod
    def _changed(event, time):
        versions = [event, *event.later_versions(time)]
        return any(old.facts != new.facts for old, new in pairwise(versions))

    # Each commitment

    def assessments(self, number, counting):
        found = [update for update in counting if update.number == number and update.status]
        return sorted(found, key=lambda update: update.order)

    def states(self, now, **clock):
        """Return the state of each commitment by number, and of each assessment its findings."""
        day, counting = self.day(now, **clock), self.counting(now, **clock)
        time = clock.get("known_at") or END_OF_TIME
        return {
            row["number"]: self._state(row, counting, day, time)
            for row in self.document["commitments"]
        }

    def _state(self, row, counting, day, time):
        number = row["number"]
        updates = [update for update in counting if update.number == number]
        actions = sorted((row for row in updates if row.is_action), key=lambda row: row.order)
        last = actions[-1] if actions else None
        *earlier, current = [None, None, *self.assessments(number, counting)]
        status = current.status if current else "unassessed"
        return {
            "status": status,
            "update": current and current.pk,
            "effective_on": current and current.effective_on,
            "covers_from": current and current.covers_from,
            "precision": current and current.precision,
            "published_at": current and current.published_at,
            "level": self.level(current, day, time) if current else 0,
            "freshness": current and self.freshness(current, day, time),
            "schedule": self.schedule(row, status, day),
            "updates": len(updates),
            "action": last and (last.pk, last.effective_on, last.precision, last.event_type),
            "findings": sorted(result for result, _events in current.findings.values())
            if current
            else [],
            "criteria": self.criteria_in_use(number, time),
            "gaps": self.gaps(current, earlier[-1], day, time) if current else set(),
        }

    @staticmethod
    def schedule(row, status, day):
        due_on, milestones = row.get("due_on"), row.get("milestones", [])
        final = STATUSES[status].is_final
        missed = [item for item in milestones if item["due_on"] < str(day)]
        missed = [item for item in missed if not ("" < item.get("done_on", "") <= str(day))]
        if missed or (due_on and due_on < str(day) and not final):
            return "overdue"
        return "on_schedule" if due_on or milestones else "none"
