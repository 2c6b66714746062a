"""A model of the methodology in plain Python, without the database and the tracker's code.

It computes from the played updates what `docs/rules.md` says of each commitment. Groupings
and texts are those of the plan's document, which amendments change: under every clock they are
today's. Criteria, dates and the review interval are those known then.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.methodology import FREE, STATUSES
from tests.workflow.histories import ACTIONS

LEVEL = {"statement": 1, "official": 2, "independent": 3}
# For questions about all that has been recorded.
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
NEED_ACTION = ("active", "partly_active")
DATE_NAMES = ("due_on", "ends_on", "m1", "m2")
# What meets no milestone, without an event or as one.
NO_MILESTONE = (None, "statement", "contrary")


@dataclass(eq=False)
class PlayedUpdate:
    """An update that the player submitted, as the model knows it.

    `criteria` are the keys of those that an event bears on, `meets` those of the milestones that
    are met by it, `named` the events in `rests_on`.
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
    meets: list[str] = field(default_factory=list)
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

    def counting_versions(self, time):
        """Return those of its chain of corrections that count: the end of the chain or none. Only
        where an administrator set the clock back there may be two, since a correction then bears
        an earlier time than what it corrects."""
        versions, later = [self.first], self.first.correction
        while later:
            versions.append(later)
            later = later.correction
        return [row for row in versions if row.counts_at(time)]

    @property
    def events(self):
        """The other updates on which it rests."""
        found = [event for _result, events in self.findings.values() for event in events]
        return list(dict.fromkeys([*self.named, *found]))

    def can_meet(self, time):
        """Return whether it is, or rests on, an event that can meet a milestone."""
        behind = [row for event in self.events for row in event.counting_versions(time)]
        return any(row.event_type not in NO_MILESTONE for row in (self, *behind))

    def lifts(self, event):
        """Return whether an event's sources count: a finding that shows something names it, or
        there is no finding."""
        return not self.findings or any(
            event in events for result, events in self.findings.values() if result != "not_shown"
        )


# What meets no milestone, without an event or as one.
NO_MILESTONE = (None, "statement", "contrary")


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
        # (time, days): the review interval of the plan from this time on.
        self.intervals = []
        # The times from which a commitment had a date, with its number, the date's name, which for
        # milestones is their key, and the day.
        self.dates = []

    def row(self, number):
        return next(row for row in self.document["commitments"] if row["number"] == number)

    @property
    def interval(self):
        return self.document["plan"]["review_interval_days"]

    def interval_at(self, time):
        """Return the review interval known at a time; today's where none was yet."""
        known = [days for at, days in self.intervals if at <= time]
        return known[-1] if known else self.interval

    def dates_known(self, number, name, time):
        """Return the days that a date had until a time, the first one first."""
        dates = [row for row in self.dates if row[1:3] == (number, name) and row[0] <= time]
        return [day for _at, _number, _name, day in dates]

    def record_dates(self, at, numbers):
        """Record the dates in the document of these commitments that differ from those known
        before. Move later times of theirs back to `at`: the clock had run ahead."""
        self.dates = [
            (min(time, at) if row[0] in numbers else time, *row) for time, *row in self.dates
        ]
        for item in self.criteria:
            if item.number in numbers:
                item.added_at = min(item.added_at, at)
                item.retired_at = item.retired_at and min(item.retired_at, at)
        for row in self.document["commitments"]:
            present = {name: row[name] for name in ("due_on", "ends_on") if name in row}
            present |= {item["key"]: item["due_on"] for item in row.get("milestones", [])}
            for name, day in present.items():
                known = self.dates_known(row["number"], name, END_OF_TIME)
                if known[-1:] != [date.fromisoformat(day)]:
                    self.dates.append((at, row["number"], name, date.fromisoformat(day)))

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

    def bases(self, update, time, *, lifting=False, own=True):
        """Return the updates on which one rests as they count, itself first; with `lifting` only
        those whose sources count, without `own` none of its own chain but itself."""
        events = [event for event in update.events if not lifting or update.lifts(event)]
        if own and update.counts_at(time):
            events.append(update)
        return [update, *(row for event in events for row in event.counting_versions(time))]

    def level(self, update, time, *, own=True):
        return max(row.own_level for row in self.bases(update, time, lifting=True, own=own))

    def levels(self, updates, known_at=None):
        """Return the evidence levels of updates by id, None of those that were withdrawn."""
        time = known_at or END_OF_TIME
        return {
            row.pk: None if row.retracted_at else self.level(row, time, own=False)
            for row in updates
        }

    def acted_on(self, update, time):
        """Return the day of the newest action on which an update rests."""
        rows = self.bases(update, time)
        return max((row.effective_on for row in rows if row.is_action), default=None)

    def freshness(self, assessment, day, time):
        if not STATUSES[assessment.status].ages:
            return "settled"
        interval = self.interval_at(time)
        [ends_on] = self.dates_known(assessment.number, "ends_on", time)[-1:] or [None]
        has_ended = ends_on is not None and ends_on < day
        last = ends_on if has_ended else day
        if assessment.status in NEED_ACTION:
            acted_on = self.acted_on(assessment, time)
            if acted_on is None or (last - acted_on).days > 3 * interval:
                return "lapsed"
        age = (last - assessment.effective_on).days
        if age > 2 * interval:
            return "lapsed"
        return "settled" if has_ended else "current" if age <= interval else "due"

    def gaps(self, assessment, before, time):
        """Return the codes of coverage of an assessment; `before` is the one before it."""
        sources = {
            piece.get("url") or piece["citation"]
            for row in self.bases(assessment, time, lifting=True)
            for piece in row.public
        }
        gaps = {"one_source"} if len(sources) == 1 else set()
        if self.level(assessment, time) == 1:
            gaps.add("statements_only")
        if self._renewed_without_action(assessment, before, time):
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

    def _renewed_without_action(self, assessment, before, time):
        if before is None or STATUSES[assessment.status].tone not in ("fulfilled", "partial"):
            return False
        newest, earlier = (self.acted_on(row, time) for row in (assessment, before))
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
            "level": self.level(current, time) if current else 0,
            "freshness": current and self.freshness(current, day, time),
            **self.schedule(number, updates, status, day, time),
            "updates": len(updates),
            "action": last and (last.pk, last.effective_on, last.precision, last.event_type),
            # Those of an assessment that was withdrawn since are withheld.
            "findings": sorted(result for result, _events in current.findings.values())
            if current and not current.retracted_at
            else [],
            "criteria": self.criteria_in_use(number, time),
            "gaps": self.gaps(current, earlier[-1], time) if current else set(),
        }

    def schedule(self, number, updates, status, day, time):
        """Return the dates known at a time, and whether the commitment meets them on a day."""
        dates = {name: self.dates_known(number, name, time) for name in DATE_NAMES}
        due, ends, *steps = (days[-1] if days else None for days in dates.values())
        met = {key: self._meeting(key, updates, time) for key in DATE_NAMES[2:]}
        late = [due, *(step for key, step in zip(met, steps, strict=True) if not met[key])]
        if any(last and last < day for last in late) and not STATUSES[status].is_final:
            schedule = "overdue"
        else:
            schedule = "on_schedule" if due or any(steps) else "none"
        return {
            "schedule": schedule,
            "due_on": (due, *dates["due_on"][:1], max(0, len(dates["due_on"]) - 1)),
            "ends_on": ends,
            "milestones": {
                key: (days[-1], days[0], len(days) - 1, *met[key])
                for key, days in dates.items()
                if key in met and days
            },
        }

    @staticmethod
    def _meeting(key, updates, time):
        """Return the day and the id of the first of these updates that meets a milestone."""
        meeting = [row for row in updates if key in row.meets and row.can_meet(time)]
        meeting.sort(key=lambda row: row.order)
        return (meeting[0].effective_on, meeting[0].pk) if meeting else ()
