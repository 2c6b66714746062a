"""A plan's document, and the random histories that are played on it."""

from datetime import timedelta
from types import SimpleNamespace

from hypothesis import strategies as st

from tests.steps import INTERNAL, REPORT, RESOLUTION, STATEMENT

DAY = timedelta(days=1)

D, S = "deliverable", "standing"


def document(zone, interval, due_on):
    """Return a plan's document.

    One part of UN succeeded another, ORG has nested parts, APART has no relations. Of each kind,
    one commitment has no criteria.
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
            row(
                "1",
                S,
                ["GGE", "PANEL"],
                goal=1,
                area=1,
                supporting_goals=[3],
                criteria=[criterion("a"), criterion("b")],
            ),
            row("2", S, ["UN"], goal=2, area=1, lead_office="LEAD", supporting_offices=["HELP"]),
            row(
                "3",
                D,
                ["OEWG"],
                goal=1,
                area=2,
                due_on=str(due_on),
                criteria=[criterion("a"), criterion("b"), criterion("c")],
            ),
            row(
                "4",
                D,
                milestones=[
                    {"key": "m1", "title": {"en": "First"}, "due_on": str(due_on + 40 * DAY)},
                    {"key": "m2", "title": {"en": "Second"}, "due_on": str(due_on - 40 * DAY)},
                ],
            ),
            row(
                "5",
                S,
                ["ORG"],
                goal=2,
                supporting_offices=["HELP"],
                ends_on=str(due_on + 60 * DAY),
                criteria=[criterion(key) for key in "abcd"],
            ),
        ],
    }


def criterion(key):
    return {"key": key, "text": {"en": f"Sources show {key}."}}


# Events of a history, and clocks under which it is read. Integers choose from what exists by then.

FORUMS = [[], ["UN"], ["GGE"], ["OEWG"], ["OEWG"], ["ORG"], ["BODY"], ["PANEL"], ["APART", "OEWG"]]
ZONES = ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]
EVIDENCE = [(), (INTERNAL,), (STATEMENT,), (STATEMENT, RESOLUTION), (REPORT, INTERNAL)]
ACTIONS = ["statement", "participation", "contribution", "instrument", "outcome"]
EVENT_TYPES = [*ACTIONS, *ACTIONS, "contrary", "context"]
RESULTS = ["shown", "shown", "shown", "in_part", "not_shown", "against"]
# Seconds from a local midnight, where the plan's day changes but not that of other time zones.
AROUND_MIDNIGHT = [-1, -0.000001, 0, 0.000001, 1, 43_200, 86_399]
EVENTS = st.builds(
    SimpleNamespace,
    name=st.sampled_from(
        ["publish"] * 5
        + ["correct", "correct", "retract", "retract"]
        + ["correct_text", "amend", "cross", "submit", "publish_submitted"]
    ),
    number=st.sampled_from("111113355524444"),
    form=st.sampled_from(["event", "event", "assessment", "assessment", "both"]),
    event_type=st.sampled_from(EVENT_TYPES),
    assessment=st.integers(0, 12),
    # Whether it may break a rule, which refuses it.
    daring=st.sampled_from([False] * 6 + [True]),
    results=st.sampled_from([["shown"] * 4, ["shown"] * 4, ["shown", "in_part"] * 2])
    | st.lists(st.sampled_from(RESULTS), min_size=4, max_size=4),
    # Which events an assessment names, and how many intervals its period is long.
    named=st.lists(st.integers(0, 9), min_size=1, max_size=3),
    intervals=st.sampled_from([0, 1, 2, 2, 2]),
    bears_on=st.integers(0, 4),
    meets=st.sampled_from([[], ["m1"], ["m2"], ["m1", "m2"]]),
    evidence=st.sampled_from(EVIDENCE + 2 * EVIDENCE[3:]),
    precision=st.sampled_from(["day", "day", "month", "year"]),
    enter_last_day=st.integers(0, 1),
    days_back=st.sampled_from([0, 0, 0, 0, 0, 1, 29, 366, 800]),
    forums=st.sampled_from(FORUMS),
    choice=st.integers(0, 99),
    days_passed=st.sampled_from([0, 0, 0, 0, 0, 1, 31, 200, 366]),
    seconds=st.sampled_from(AROUND_MIDNIGHT),
)
READINGS = st.builds(
    SimpleNamespace,
    day=st.none() | st.integers(0, 999),
    day_offset=st.integers(0, 8),
    time=st.none() | st.integers(0, 999),
    ticks=st.integers(-1, 1),
    group_by=st.sampled_from(["goal", "area", "forum", "forum", "office", "kind"]),
    # What is compared with the day of the reading.
    days_before=st.sampled_from([1, 31, 366, 800]),
)
FIRST_READING = SimpleNamespace(
    day=None, day_offset=0, time=None, group_by="forum", days_before=366
)
# Everything, today, compared with a year ago.
FIRST_READING = SimpleNamespace(
    day=None, day_offset=0, time=None, group_by="forum", days_before=366
)
