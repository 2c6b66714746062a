"""The figures of sets of commitments, computed by the model: roll-ups, trend and comparison."""

from datetime import date

from tests.methodology import STATUSES, TONES, tones
from tests.workflow.histories import DAY, D, S
from tests.workflow.model import END_OF_TIME, Record

# The scale of each kind, from bad to good.
SCALE = [
    {"not_achieved", "contrary"},
    {"not_started", "stalled", "inactive"},
    {"started", "partly_active"},
    {"substantial"},
    {"completed", "active"},
]


def movement(before, after, before_lapsed, after_lapsed, gap):
    """Return how a commitment with these statuses on two days changed."""
    places = {status: place for place, row in enumerate(SCALE) for status in row}
    old, new = places.get(before), places.get(after)
    on_scale = old is not None and new is not None
    if on_scale and new < old:
        return "worse"
    if after_lapsed:
        return "unchanged" if before_lapsed and not gap else "lapsed"
    if "unassessed" in (before, after):
        if before == after:
            return "unchanged"
        return "first_assessed" if before == "unassessed" else "no_longer_assessed"
    if before_lapsed or gap:
        return "reassessed"
    if on_scale:
        return "unchanged" if old == new else "better"
    if before == "no_evidence" and new is not None:
        return "evidence_found"
    if after == "no_evidence" and old is not None:
        return "no_longer_evidenced"
    return "unchanged" if before == after else "other"


class Model(Record):
    """The expected figures, computed from the played updates and the plan's present document."""

    def groups(self, by, now, **clock):
        """Return the roll-up of all, the roll-ups of the groups by key, and the numbers of the
        commitments in each group by key. Key None: in no other group."""
        members = {}
        for row in self.document["commitments"]:
            for key in self.keys(row, by):
                members.setdefault(key, []).append(row["number"])
        day, states = self.day(now, **clock), self.states(now, **clock)
        acted = self.acted(now, **clock)
        groups = {key: self.roll_up(numbers, states, acted) for key, numbers in members.items()}
        for key in [key for key in members if by == "forum" and key]:
            first = day - 2 * self.interval_at(clock.get("known_at") or END_OF_TIME) * DAY
            active = self.active(key, self.counting(now, **clock), first)
            groups[key]["active"] = len(active & set(members[key]))
        return self.total(now, **clock), groups, members

    def total(self, now, **clock):
        numbers = [row["number"] for row in self.document["commitments"]]
        return self.roll_up(numbers, self.states(now, **clock), self.acted(now, **clock))

    def keys(self, row, by):
        if by == "forum":
            linked = {item["code"] for item in row["forums"]}
            codes = [forum["code"] for forum in self.document["forums"]]
            return [code for code in codes if linked & self.members_through(code)] or [None]
        if by == "office":
            lead = [row["lead_office"]] if "lead_office" in row else []
            return [*lead, *row.get("supporting_offices", [])] or [None]
        return [str(row[by]) if by in row else None]

    def parts(self, code):
        parts = {code}
        for forum in self.document["forums"]:  # parents come before their parts
            if forum.get("parent") in parts:
                parts.add(forum["code"])
        return parts

    def members_through(self, code):
        forums = {forum["code"]: forum for forum in self.document["forums"]}
        predecessor = forums[code].get("successor_of")
        return self.parts(code) | ({predecessor} if predecessor else set())

    def active(self, code, counting, first):
        """Return the numbers of the commitments with an action from a day on at the forum, a part
        of it, or a successor of either, that has public evidence."""
        through = self.parts(code)
        forums = self.document["forums"]
        through |= {item["code"] for item in forums if item.get("successor_of") in through}
        return {
            update.number
            for update in counting
            if update.is_action
            and update.public
            and update.effective_on >= first
            and through & set(update.forums)
        }

    def acted(self, now, **clock):
        """Return the numbers of the commitments with an action within one review interval, and of
        those with one that is more than a statement."""
        interval = self.interval_at(clock.get("known_at") or END_OF_TIME)
        first = self.day(now, **clock) - interval * DAY
        recent = [
            update
            for update in self.counting(now, **clock)
            if update.is_action and update.effective_on >= first
        ]
        deeds = [update for update in recent if update.event_type != "statement"]
        return {
            "any": {update.number for update in recent},
            "beyond_statements": {update.number for update in deeds},
        }

    def roll_up(self, numbers, states, acted):
        kinds = {}
        for kind in (D, S):
            of_kind = [number for number in numbers if self.row(number)["kind"] == kind]
            statuses = [states[number]["status"] for number in of_kind]
            effective = [
                "unknown"
                if states[number]["freshness"] == "lapsed"
                else STATUSES[states[number]["status"]].tone
                for number in of_kind
            ]
            low, unknown = effective.count("fulfilled"), effective.count("unknown")
            kinds[kind] = {
                "counts": {code: statuses.count(code) for code in tones(kind)},
                "tones": {tone: effective.count(tone) for tone in TONES},
                "of": len(of_kind),
                "assessable": len(of_kind) - effective.count("apart"),
                "fulfilled": [low, low + unknown],
                "acted": {name: len(found & set(of_kind)) for name, found in acted.items()},
                "adverse": effective.count("adverse"),
                "lapsed": sum(states[number]["freshness"] == "lapsed" for number in of_kind),
                "overdue": sum(states[number]["schedule"] == "overdue" for number in of_kind),
                "reading": self.reading(effective),
            }
        ages = [states[number]["freshness"] for number in numbers]
        ages = {age: ages.count(age) for age in ("current", "due", "lapsed", "settled")}
        return {"commitments": len(numbers), **kinds, "freshness": ages, "active": None}

    @staticmethod
    def reading(tones):
        if all(tone == "apart" for tone in tones):
            return "empty"
        if all(tone == "fulfilled" for tone in tones):
            return "fulfilled"
        if "fulfilled" in tones or "partial" in tones:
            return "some"
        return "unknown" if "unknown" in tones else "none"

    def years(self, now, **clock):
        """Return the last day of each year of the trend; of the last one, the day of the clock."""
        day, counting = self.day(now, **clock), self.counting(now, **clock)
        first = min([day, *(update.effective_on for update in counting if update.status)])
        return [min(date(year, 12, 31), day) for year in range(first.year, day.year + 1)]

    def comparison(self, first, last, known_at=None):
        """Return what each commitment had on two days and whether that had lapsed, how it changed,
        whether an assessment had lapsed when the next one came in between, and whether those of the
        two days answer different criteria; by number."""
        clock = {"known_at": known_at} if known_at else {}
        before, after = (self.states(END_OF_TIME, as_of=day, **clock) for day in (first, last))
        compared = {}
        for number in before:
            states = before[number], after[number]
            statuses = [state["status"] for state in states]
            lapsed = [state["freshness"] == "lapsed" for state in states]
            answered = [self._answered(state["update"]) for state in states if state["update"]]
            gap = any(
                self._renewed_after_lapse(number, row.effective_on, clock)
                for row in self.counting(END_OF_TIME, as_of=last, **clock)
                if row.number == number and row.status and row.effective_on > first
            )
            moved = len(answered) == 2 and answered[0] != answered[1]
            how = movement(*statuses, *lapsed, gap)
            compared[number] = (*statuses, *lapsed, how, gap, moved)
        return compared

    def _answered(self, pk):
        """Return the criteria that an assessment answers, by their keys."""
        return next(set(update.findings) for update in self.updates if update.pk == pk)

    def _renewed_after_lapse(self, number, day, clock):
        eve = self.states(END_OF_TIME, as_of=day - DAY, **clock)[number]
        return eve["freshness"] == "lapsed"
