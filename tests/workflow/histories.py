"""A plan's document, and a model that computes statuses and roll-ups of any history.

The model follows the methodology in plain Python, without the database and the tracker's code.
Groupings, texts, due dates and milestones are those of the document, which amendments change: under
every clock they are today's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.methodology import STATUSES, TONES, tones

DAY = timedelta(days=1)

D, S = "deliverable", "standing"
LEVEL = {"statement": 1, "official": 2, "independent": 3}


def document(zone, interval, due_on):
    """Return a plan's document.

    One part of UN succeeded another, ORG has nested parts, APART has no relations.
    """

    def row(number, kind, forums=(), **more):
        linked = [{"code": code} for code in forums]
        text = {"title": {"en": "Do"}, "text": {"en": "It will be done."}}
        return {"number": number, "kind": kind, "forums": linked, **text, **more}

    def forum(code, **more):
        return {"code": code, "name": {"en": code}, "kind": "dialogue", **more}

    return {
        "format": 1,
        "plan": {
            "code": "PLAN",
            "languages": ["en", "zh"],
            "title": {"en": "A plan"},
            "time_zone": zone,
            "review_interval_days": interval,
        },
        "goals": [{"number": number, "title": {"en": "Aim"}} for number in (1, 2, 3)],
        "areas": [{"number": number, "title": {"en": "Area"}} for number in (1, 2)],
        "forums": [
            forum("UN"),
            forum("GGE", parent="UN"),
            forum("OEWG", parent="UN", successor_of="GGE"),
            forum("ORG"),
            forum("BODY", parent="ORG"),
            forum("PANEL", parent="BODY"),
            forum("APART"),
        ],
        "offices": [{"code": code, "name": {"en": code}} for code in ("LEAD", "HELP")],
        "commitments": [
            row("1", S, ["GGE", "PANEL"], goal=1, area=1, supporting_goals=[3]),
            row("2", S, ["UN"], goal=2, area=1, lead_office="LEAD", supporting_offices=["HELP"]),
            row("3", D, ["OEWG"], goal=1, area=2, due_on=str(due_on)),
            row(
                "4",
                D,
                milestones=[
                    {"title": {"en": "First"}, "due_on": str(due_on + 40 * DAY)},
                    {
                        "title": {"en": "Second"},
                        "due_on": str(due_on - 40 * DAY),
                        "done_on": str(due_on + 5 * DAY),
                    },
                ],
            ),
            row("5", S, ["ORG"], goal=2, supporting_offices=["HELP"]),
        ],
    }


# The model


@dataclass
class PlayedUpdate:
    """An update that the player submitted, as the model knows it."""

    pk: int
    number: str
    effective_on: date
    precision: str
    status: str | None
    level: int
    forums: list[str]
    corrects: "PlayedUpdate | None"
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    retracted_at: datetime | None = None

    @property
    def counts(self):
        return bool(self.published_at and not self.superseded_at and not self.retracted_at)

    def counted_at(self, time):
        ends = [at for at in (self.superseded_at, self.retracted_at) if at]
        return self.published_at <= time and all(at > time for at in ends)


class Model:
    """The expected figures, computed from the played updates and the plan's present document."""

    def __init__(self, plan_document):
        self.document = plan_document
        self.updates = []

    def row(self, number):
        return next(row for row in self.document["commitments"] if row["number"] == number)

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
            if update.effective_on <= day
            and (update.counted_at(known_at) if known_at else update.counts)
        ]

    def statuses(self, now, **clock):
        """Return a tuple for each commitment, by number: status, update, date, precision, time of
        publication, evidence level, freshness, schedule, number of updates."""
        day, counting = self.day(now, **clock), self.counting(now, **clock)
        statuses = {}
        for row in self.document["commitments"]:
            updates = [update for update in counting if update.number == row["number"]]
            assessments = [update for update in updates if update.status]
            assessment = max(
                assessments, key=lambda u: (u.effective_on, u.published_at, u.pk), default=None
            )
            status = assessment.status if assessment else "unassessed"
            values = (status, None, None, None, None, 0, None)
            if assessment:
                values = (
                    status,
                    assessment.pk,
                    assessment.effective_on,
                    assessment.precision,
                    assessment.published_at,
                    assessment.level,
                    self.freshness(assessment, day),
                )
            schedule = self.schedule(row, status, day)
            statuses[row["number"]] = (*values, schedule, len(updates))
        return statuses

    def freshness(self, assessment, day):
        if not STATUSES[assessment.status].ages:
            return "settled"
        age = (day - assessment.effective_on).days
        interval = self.document["plan"]["review_interval_days"]
        return "current" if age <= interval else "due" if age <= 2 * interval else "lapsed"

    @staticmethod
    def schedule(row, status, day):
        due_on, milestones = row.get("due_on"), row.get("milestones", [])
        final = STATUSES[status].is_final
        missed = [item for item in milestones if item["due_on"] < str(day)]
        missed = [item for item in missed if not ("" < item.get("done_on", "") <= str(day))]
        if missed or (due_on and due_on < str(day) and not final):
            return "overdue"
        return "on_schedule" if due_on or milestones else "none"

    def groups(self, by, now, **clock):
        """Return the roll-up of all, the roll-ups of the groups by key, and the numbers of the
        commitments in each group by key. Key None: in no other group."""
        rows = self.document["commitments"]
        members = {}
        for row in rows:
            for key in self.keys(row, by):
                members.setdefault(key, []).append(row["number"])
        statuses = self.statuses(now, **clock)
        groups = {key: self.roll_up(numbers, statuses) for key, numbers in members.items()}
        for key in [key for key in members if by == "forum" and key]:
            groups[key]["active"] = len(self.active(key, now, **clock) & set(members[key]))
        total = self.roll_up([row["number"] for row in rows], statuses)
        return total, groups, members

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

    def active(self, code, now, **clock):
        """Return the numbers of the commitments with recent activity at the forum, a part of it, or
        a successor of either."""
        through, day = self.parts(code), self.day(now, **clock)
        forums = self.document["forums"]
        through |= {item["code"] for item in forums if item.get("successor_of") in through}
        since = day - 2 * self.document["plan"]["review_interval_days"] * DAY
        return {
            update.number
            for update in self.counting(now, **clock)
            if update.level
            and update.effective_on >= since
            and through & set(update.forums)
            and (update.status is None or STATUSES[update.status].tone in ("fulfilled", "partial"))
        }

    def roll_up(self, numbers, statuses):
        ages = [statuses[number][6] for number in numbers]
        kinds = {}
        for kind in (D, S):
            of_kind = [statuses[number] for number in numbers if self.row(number)["kind"] == kind]
            effective = []
            for status, *_rest, freshness, _schedule, _count in of_kind:
                effective.append("unknown" if freshness == "lapsed" else STATUSES[status].tone)
            kinds[kind] = {
                "counts": {code: [row[0] for row in of_kind].count(code) for code in tones(kind)},
                "tones": {tone: effective.count(tone) for tone in TONES},
                "of": len(of_kind),
                "assessable": len(of_kind) - effective.count("apart"),
                "fulfilled": [
                    effective.count("fulfilled"),
                    effective.count("fulfilled") + effective.count("unknown"),
                ],
                "adverse": effective.count("adverse"),
                "reading": self.reading(effective),
            }
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
