"""The plan of a town, the smallest with something of everything, and changes of it."""

from tests.documents import edited

VALID = {
    "format": 1,
    "plan": {
        "code": "TOWN",
        "languages": ["en", "zh"],
        "title": {"en": "Town plan", "zh": "城镇计划"},
        "adopted_on": "2025-01-31",
        "time_zone": "Europe/Lisbon",
        "review_interval_days": 90,
        "locality": "A town",
        "plan_number": "7",
    },
    "goals": [{"number": number, "title": {"en": f"Goal {number}"}} for number in (1, 2, 3)],
    "areas": [{"number": number, "title": {"en": f"Area {number}"}} for number in (1, 2)],
    "forums": [
        {"code": "LEAGUE", "name": {"en": "The League"}, "kind": "regional_organisation"},
        {"code": "TABLE", "name": {"en": "Round Table"}, "kind": "dialogue", "parent": "LEAGUE"},
        {"code": "PANEL", "name": {"en": "Panel"}, "kind": "dialogue", "successor_of": "TABLE"},
    ],
    "offices": [
        {"code": "WORKS", "name": {"en": "Works"}},
        {"code": "PORT", "name": {"en": "Port"}},
    ],
    "commitments": [
        {
            "number": "A.1",
            "area": 1,
            "title": {"en": "Build"},
            "text": {"en": "Build it with the League."},
            "kind": "deliverable",
            "goal": 1,
            "supporting_goals": [2],
            "forums": [{"code": "LEAGUE", "quote": {"en": "the League"}}],
            "criteria": [
                {"key": "a", "text": {"en": "It is built."}, "quote": {"en": "Build it"}},
                {"key": "b", "text": {"en": "The League took part."}},
            ],
            "criteria_reason": {"en": "One for the building, one for the partner."},
            "start_on": "2025-02-01",
            "due_on": "2026-02-01",
            "lead_office": "WORKS",
            "supporting_offices": ["PORT"],
            "milestones": [
                {"key": "m1", "title": {"en": "Plans drawn"}, "due_on": "2025-05-01"},
                {"key": "m2", "title": {"en": "Half built"}, "due_on": "2025-09-01"},
            ],
        },
        {
            "number": "A.2",
            "title": {"zh": "参与"},
            "text": {"zh": "参与圆桌会议。"},
            "kind": "standing",
        },
    ],
}


def changed(*edits):
    return edited(VALID, *edits)
