"""What any history must be told as: a plan's document, and a model that works out in plain Python,
straight from the methodology, what stood on a day by what was known at a moment.

It asks neither the database nor the tracker's code. Groupings, texts, due dates and milestones are
those of the document, which amendments change: they are today's under every clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)

# The methodology's table: kinds, least evidence, tone, whether it ages, whether it ends a schedule.
D, S = "deliverable", "standing"
TONES = ["fulfilled", "partial", "none", "adverse", "unknown", "apart"]
TABLE = {
    "not_started": (D, 1, "none", True, False),
    "started": (D, 1, "partial", True, False),
    "substantial": (D, 2, "partial", True, False),
    "completed": (D, 2, "fulfilled", False, True),
    "stalled": (D, 1, "none", True, False),
    "not_achieved": (D, 1, "adverse", False, True),
    "active": (S, 2, "fulfilled", True, False),
    "partly_active": (S, 1, "partial", True, False),
    "inactive": (S, 1, "none", True, False),
    "contrary": (S, 2, "adverse", False, False),
    "no_evidence": (D + S, 0, "unknown", True, False),
    "not_verifiable": (D + S, 0, "apart", False, True),
    "withdrawn": (D + S, 1, "apart", False, True),
}
LEVEL = {"statement": 1, "official": 2, "independent": 3}


def document(zone, interval, due_on):
    """UN has a part that another succeeded, ORG has parts in parts, APART is neither."""

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
class Played:
    """What the test itself knows of an update that it had submitted."""

    pk: int
    number: str
    effective_on: date
    precision: str
    status: str | None
    level: int
    named: list[str]
    corrects: "Played | None"
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    retracted_at: datetime | None = None

    @property
    def stands(self):
        return bool(self.published_at and not self.superseded_at and not self.retracted_at)

    def counts_at(self, moment):
        gone = [at for at in (self.superseded_at, self.retracted_at) if at]
        return self.published_at <= moment and all(at > moment for at in gone)


class Model:
    """The answers, worked out from what was played and from the plan's document as it is now."""

    def __init__(self, plan_document):
        self.document = plan_document
        self.played = []

    def row(self, number):
        return next(row for row in self.document["commitments"] if row["number"] == number)

    def local_day(self, moment):
        return moment.astimezone(ZoneInfo(self.document["plan"]["time_zone"])).date()

    def public(self):
        return [update for update in self.played if update.published_at]

    def day(self, now, as_of=None, known_at=None):
        return as_of or self.local_day(known_at or now)

    def counting(self, now, as_of=None, known_at=None):
        day = self.day(now, as_of, known_at)
        return [
            update
            for update in self.public()
            if update.effective_on <= day
            and (update.counts_at(known_at) if known_at else update.stands)
        ]

    def standing(self, now, **clock):
        """By number: status, update, date, precision, publication, level, freshness, schedule,
        number of updates."""
        day, counting = self.day(now, **clock), self.counting(now, **clock)
        told = {}
        for row in self.document["commitments"]:
            mine = [update for update in counting if update.number == row["number"]]
            claims = [update for update in mine if update.status]
            claim = max(claims, key=lambda u: (u.effective_on, u.published_at, u.pk), default=None)
            status = claim.status if claim else "unassessed"
            said = (status, None, None, None, None, 0, None)
            if claim:
                said = (status, claim.pk, claim.effective_on, claim.precision, claim.published_at)
                said += (claim.level, self.freshness(claim, day))
            told[row["number"]] = (*said, self.schedule(row, status, day), len(mine))
        return told

    def freshness(self, claim, day):
        if not TABLE[claim.status][3]:
            return "settled"
        age, length = (day - claim.effective_on).days, self.document["plan"]["review_interval_days"]
        return "current" if age <= length else "due" if age <= 2 * length else "lapsed"

    @staticmethod
    def schedule(row, status, day):
        due_on, steps = row.get("due_on"), row.get("milestones", [])
        ended = status != "unassessed" and TABLE[status][4]
        missed = [step for step in steps if step["due_on"] < str(day)]
        missed = [step for step in missed if not ("" < step.get("done_on", "") <= str(day))]
        if missed or (due_on and due_on < str(day) and not ended):
            return "overdue"
        return "on_schedule" if due_on or steps else "none"

    def groups(self, by, now, **clock):
        """By key: what the group amounts to. None is the total."""
        rows = self.document["commitments"]
        found = {}
        for row in rows:
            for key in self.keys(row, by):
                found.setdefault(key, []).append(row["number"])
        standing = self.standing(now, **clock)
        told = {key: self.amounts_to(numbers, standing) for key, numbers in found.items()}
        for key in [key for key in found if by == "forum" and key]:
            told[key]["active"] = len(self.active(key, now, **clock) & set(found[key]))
        total = self.amounts_to([row["number"] for row in rows], standing)
        return total, told, found

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
        found = {code}
        for forum in self.document["forums"]:  # parents stand before their parts
            if forum.get("parent") in found:
                found.add(forum["code"])
        return found

    def members_through(self, code):
        forums = {forum["code"]: forum for forum in self.document["forums"]}
        before = forums[code].get("successor_of")
        return self.parts(code) | ({before} if before else set())

    def active(self, code, now, **clock):
        """Numbers of the commitments with recent activity that names the forum, a part of it, or a
        successor of either."""
        through, day = self.parts(code), self.day(now, **clock)
        forums = self.document["forums"]
        through |= {item["code"] for item in forums if item.get("successor_of") in through}
        since = day - 2 * self.document["plan"]["review_interval_days"] * DAY
        return {
            update.number
            for update in self.counting(now, **clock)
            if update.level
            and update.effective_on >= since
            and through & set(update.named)
            and (update.status is None or TABLE[update.status][2] in ("fulfilled", "partial"))
        }

    def amounts_to(self, numbers, standing):
        said = {number: standing[number] for number in numbers}
        ages = [row[6] for row in said.values()]
        kinds = {}
        for kind in (D, S):
            mine = [said[number] for number in numbers if self.row(number)["kind"] == kind]
            tones = []
            for status, *_rest, freshness, _schedule, _count in mine:
                tone = TABLE[status][2] if status in TABLE else "unknown"
                tones.append("unknown" if freshness == "lapsed" else tone)
            codes = ["unassessed", *(code for code, rule in TABLE.items() if kind in rule[0])]
            kinds[kind] = {
                "counts": {code: [row[0] for row in mine].count(code) for code in codes},
                "tones": {tone: tones.count(tone) for tone in TONES},
                "of": len(mine),
                "assessable": len(mine) - tones.count("apart"),
                "fulfilled": [
                    tones.count("fulfilled"),
                    tones.count("fulfilled") + tones.count("unknown"),
                ],
                "adverse": tones.count("adverse"),
                "reading": self.reading(tones),
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
