"""What is reported on each commitment of a generated record, round by round.

A history is a pure function of the seed and the place of the commitment, so an interrupted
generation goes on as if it had not been interrupted. The statuses follow from the findings by the
rules of the workflow.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from commitments.choices import (
    ACTIONS,
    DEEDS,
    DatePrecision,
    FindingResult,
    Kind,
    Source,
    Status,
)
from commitments.clocks import period_end
from commitments.workflow.assessments import MAX_PERIOD_INTERVALS, following_statuses
from tests.performance import plans
from tests.performance.sizes import SEED, Size

DAYS_PER_ROUND = 120
# Of the last round, beside its update: the share of commitments with one that is not published.
UNPUBLISHED = (("draft", 0.05), ("submitted", 0.03), ("returned", 0.01), ("discarded", 0.01))
EVENT_TYPES = (
    ["statement"] * 5
    + ["participation"] * 6
    + ["contribution"] * 3
    + ["instrument"] * 2
    + ["outcome"] * 2
    + ["context"] * 3
    + ["contrary"]
)
SOURCES = ["statement"] * 4 + ["official"] * 3 + ["independent"] * 3
MAX_PIECES = 3


@dataclass(frozen=True)
class Piece:
    """A piece of evidence."""

    source: str
    is_link: bool
    public: bool
    publisher: int


@dataclass(frozen=True)
class Fields:
    """An update as its author writes it; other updates are named by their ids.

    `findings` are results and events by the key of the criterion. `state` is what becomes of it
    by its own actions, and `retracts` the update that is withdrawn after it was published.
    """

    id: int
    effective_on: date
    precision: str = DatePrecision.DAY.value
    event_type: str | None = None
    status: str | None = None
    covers_from: date | None = None
    forum: int | None = None
    criteria: str = ""
    meets: str = ""
    findings: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    rests_on: tuple[int, ...] = ()
    needs_note: bool = False
    pieces: tuple[Piece, ...] = ()
    corrects: int | None = None
    state: str = "published"
    retracts: int | None = None
    archives: bool = False

    @property
    def level(self):
        return max((Source(row.source).level for row in self.pieces if row.public), default=0)


@dataclass(frozen=True)
class Calendar:
    """When the plans are reported on: from `begin` on, in rounds; in each round one plan after the
    other."""

    begin: datetime
    size: Size

    @classmethod
    def until(cls, end, size):
        return cls(end - timedelta(days=DAYS_PER_ROUND * size.rounds), size)

    @property
    def adopted(self):
        return plans.adoption_day(self.begin.date())

    def unit(self, round_, plan):
        """Return when a plan is reported on in a round, and for how long."""
        share = timedelta(days=DAYS_PER_ROUND) / self.size.plans
        return self.begin + timedelta(days=DAYS_PER_ROUND) * round_ + share * plan, share


@dataclass
class History:
    """The updates of one commitment. `ends` are the published ends of chains of corrections by the
    id of the chain, `chains` the chain of each update."""

    calendar: Calendar
    plan: int
    commitment: int
    updates: dict[int, Fields] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    chains: dict[int, int] = field(default_factory=dict)
    met: str = ""

    def __post_init__(self):
        self.rng = Random(f"{SEED}/history/{self.plan}/{self.commitment}")
        self.interval = plans.INTERVALS[self.plan % len(plans.INTERVALS)]
        self.standing = plans.is_standing(self.commitment)
        self.kind = Kind.STANDING if self.standing else Kind.DELIVERABLE
        self.keys = plans.criteria_of(self.commitment)
        self.due_on = plans.due_on(self.commitment, self.calendar.adopted)
        rounds = self.calendar.size.rounds
        # Some are never assessed, some not for long.
        self.assessed_until = self.rng.choices((0, rounds // 2, rounds), (15, 15, 70))[0]
        # How much of it is carried out.
        self.zeal = self.rng.random()
        # From so many rounds on nothing but context is reported on it.
        self.active_until = self.rng.choices((rounds // 3, rounds), (12, 88))[0]

    def rounds(self):
        """Yield the updates of each round: one, and after the last, perhaps one that is not
        published."""
        size = self.calendar.size
        offset = self.plan * size.commitments + self.commitment + 1
        for round_ in range(size.rounds):
            yield self._published(round_, round_ * size.updates_per_round + offset)
        drawn = self.rng.random()
        for state, share in UNPUBLISHED:
            if drawn < share:
                pk = size.rounds * size.updates_per_round + offset
                yield replace(self._event(size.rounds - 1, pk), state=state, meets="")
                return
            drawn -= share

    def _published(self, round_, pk):
        make = self._event
        if round_ and round_ < self.assessed_until:
            make = self.rng.choices((self._event, self._assessment, self._both), (60, 33, 7))[0]
        correctable = [end for end in self.ends.values() if self._holds(end)]
        if correctable and self.rng.random() < 0.05:
            fields = self._correction(round_, pk, self.rng.choice(correctable))
        else:
            fields = make(round_, pk)
        chain = self.chains[fields.corrects] if fields.corrects else pk
        self.updates[pk], self.chains[pk], self.ends[chain] = fields, chain, pk
        self.met += fields.meets
        if round_ > 2 and self.rng.random() < 0.02:
            fields = replace(fields, retracts=self.rng.choice(list(self.ends.values())))
            del self.ends[self.chains[fields.retracts]]
        elif fields.pieces and fields.pieces[0].is_link and self.rng.random() < 0.01:
            fields = replace(fields, archives=True)
        return fields

    def _holds(self, pk):
        """Return whether nothing was withdrawn on which an update rests."""
        return all(self.chains[event] in self.ends for event in self.updates[pk].rests_on)

    def _day(self, round_):
        """Return a day of the hundred before the round."""
        begin, _share = self.calendar.unit(round_, self.plan)
        return begin.date() - timedelta(days=self.rng.randint(2, 100))

    def _event(self, round_, pk):
        over = round_ >= self.active_until
        event_type = "context" if over else self.rng.choice(EVENT_TYPES)
        begin, _share = self.calendar.unit(round_, self.plan)
        day, precision = self._day(round_), DatePrecision.DAY.value
        if self.rng.random() < 0.1:
            precision = DatePrecision.MONTH.value
            day = period_end(day, precision, begin.date() - timedelta(days=1))
        left = [key for key in plans.milestones_of(self.commitment) if key not in self.met]
        meets = left[0] if left and event_type in DEEDS and self.rng.random() < 0.15 else ""
        forums = plans.forums_of(self.plan, self.commitment)
        return Fields(
            pk,
            day,
            precision,
            event_type,
            forum=self.rng.choice(forums) if self.rng.random() < 0.6 else None,
            criteria=self.rng.choice(self.keys) if self.keys and self.rng.random() < 0.7 else "",
            meets=meets,
            pieces=self._pieces(1),
        )

    def _pieces(self, least):
        pieces = []
        for number in range(self.rng.choice((least, 1, 1, 2, 2, MAX_PIECES))):
            source, is_link = self.rng.choice(SOURCES), self.rng.random() < 0.8
            public = number == 0 or self.rng.random() < 0.9
            publisher = int(self.rng.paretovariate(0.5)) % publishers_of(self.calendar.size)
            pieces.append(Piece(source, is_link, public, publisher))
        return tuple(pieces)

    def _correction(self, round_, pk, target):
        """Return a correction of an update: another source, and sometimes another day."""
        former = self.updates[target]
        pieces, day = former.pieces, former.effective_on
        if former.status is None:
            pieces = self._pieces(1)
            if self.rng.random() < 0.3:
                day -= timedelta(days=1)
        return replace(
            former,
            id=pk,
            effective_on=day,
            precision=DatePrecision.DAY.value,
            pieces=pieces,
            corrects=target,
            retracts=None,
            archives=False,
            meets="",
        )

    def _both(self, round_, pk):
        """Return an event that is an assessment too, and rests on itself."""
        event = self._event(round_, pk)
        draft = replace(event, precision=DatePrecision.DAY.value)
        return self._assessed(draft, [event]) or event

    def _assessment(self, round_, pk):
        """Return an assessment that rests on published events; an event if none can be made."""
        day = self._day(round_)
        events = [self.updates[end] for end in self.ends.values()]
        events = [row for row in events if row.event_type and row.effective_on <= day]
        draft = Fields(pk, day, pieces=self._pieces(0) if self.rng.random() < 0.3 else ())
        return self._assessed(draft, events[-4:]) or self._event(round_, pk)

    def _assessed(self, draft, events):
        """Return a draft with findings that rest on these events, and a status that follows."""
        first = None
        if self.standing:
            length = self.rng.choice((1, MAX_PERIOD_INTERVALS)) * self.interval
            first = max(draft.effective_on - timedelta(days=length), self.calendar.adopted)
        findings = tuple(self._finding(key, draft, events) for key in self.keys)
        if not self.keys:
            # Then that sources say nothing of it is all that can be said without more events.
            status = Status.NO_EVIDENCE.value
            return replace(draft, status=status, covers_from=first, needs_note=True)
        named = {pk for _key, _result, pks in findings for pk in pks}
        lifting = {
            pk for _key, result, pks in findings if result != FindingResult.NOT_SHOWN for pk in pks
        }
        basis = [draft, *(row for row in events if row.id in named)]
        level = max(row.level for row in (draft, *(row for row in events if row.id in lifting)))
        acted = first is not None and any(
            row.event_type in ACTIONS and first <= row.effective_on <= draft.effective_on
            for row in basis
        )
        results = [result for _key, result, _pks in findings]
        permitted = following_statuses(self.kind, results, level=level, acted=acted, stalled=False)
        if self.rng.random() < 0.1:
            self.rng.shuffle(permitted)
        status = next((row for row in permitted if self._fits(row, draft, level, acted)), None)
        if status is None:
            return None
        return replace(
            draft,
            status=status.value,
            covers_from=first,
            findings=findings,
            rests_on=tuple(sorted(named)),
            needs_note=status.rule.search_note,
        )

    def _finding(self, key, draft, events):
        """Return what is found of a criterion, and the events that show it: none means the draft
        itself, if it is an event."""
        results = (FindingResult.SHOWN, FindingResult.IN_PART, FindingResult.NOT_SHOWN)
        weights = (self.zeal, 0.4, 1.2 - self.zeal)
        result = self.rng.choices(results, weights)[0]
        own = draft.event_type is not None
        acts = [row for row in events if row.event_type not in ("contrary", "context")]
        if result is not FindingResult.NOT_SHOWN and not acts:
            adverse = any(row.event_type == "contrary" for row in events)
            result = FindingResult.AGAINST if adverse else FindingResult.NOT_SHOWN
        shown = acts if result is not FindingResult.AGAINST else events
        if own or result is FindingResult.NOT_SHOWN or not shown:
            return key, result.value, ()
        chosen = self.rng.sample(shown, min(len(shown), self.rng.choice((1, 1, 2))))
        return key, result.value, tuple(sorted(row.id for row in chosen))

    def _fits(self, status, draft, level, acted):
        rule = status.rule
        if status is Status.NOT_ACHIEVED and (
            self.due_on is None
            or self.due_on >= draft.effective_on
            or moves_due_date(self.commitment)
        ):
            return False
        if rule.needs_action and not acted:
            return False
        return level >= rule.least_evidence


def moves_due_date(commitment):
    """Return whether a curator puts the due date of a commitment off."""
    return commitment % 24 == 12 and plans.due_on(commitment, date(2000, 1, 1)) is not None


def publishers_of(size):
    return max(50, size.plans * 4)
