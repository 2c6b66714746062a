"""Reading a plan file reports every error at once, with its place in the file.

Each wrong document is the small valid one below with one change.
"""

import pytest

from commitments.exceptions import PlanFileError
from commitments.importing import plan_file
from tests.documents import ABSENT, edited, write_file
from tests.factories import ForumFactory, OfficeFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

VALID = {
    "format": 1,
    "plan": {
        "code": "TOWN",
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
            "start_on": "2025-02-01",
            "due_on": "2026-02-01",
            "lead_office": "WORKS",
            "supporting_offices": ["PORT"],
            "milestones": [
                {"title": {"en": "Plans drawn"}, "due_on": "2025-05-01"},
                {"title": {"en": "Half built"}, "due_on": "2025-09-01", "done_on": "2025-08-30"},
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


@pytest.fixture
def read(tmp_path):
    """Read a file with this content: bytes, text or a value."""

    def read(content):
        return plan_file.read_plan_file(write_file(tmp_path / "plan.yaml", content))

    return read


@pytest.fixture
def problems(read):
    """Return the errors of a file with this content as (place, message)."""

    def problems(content):
        with pytest.raises(PlanFileError) as refusal:
            read(content)
        return [(problem.place, problem.message) for problem in refusal.value.problems]

    return problems


def test_a_valid_file_is_read_as_it_stands(read):
    assert read(VALID) == VALID


def test_the_least_that_a_plan_needs(read):
    least = {
        "format": 1,
        "plan": {"code": "T", "title": {"zh": "计划"}, "time_zone": "UTC"},
        "commitments": [
            {"number": "1", "title": {"zh": "做"}, "text": {"zh": "做。"}, "kind": "standing"}
        ],
    }
    assert read(least) == least


DAY = 'is not a date such as "2017-03-01"'
LONG = "x" * 301
MILESTONE = "commitments.0.milestones.0"
BY_SCHEMA = [
    # unknown keys
    ("plans", [], "", "unknown key “plans”; allowed: areas, commitments, format, forums"),
    ("plan.colour", "red", "plan", "unknown key “colour”; allowed: adopted_on, code, issuer"),
    ("goals.0.reason", "x", "goals[0]", "unknown key “reason”; allowed: number, text, title"),
    ("areas.1.text", {"en": "x"}, "areas[1]", "unknown key “text”; allowed: number, title"),
    ("forums.1.url", "x", "forums[1]", "unknown key “url”; allowed: closed_on, code, kind, name"),
    ("offices.0.head", "x", "offices[0]", "unknown key “head”; allowed: code, name"),
    ("commitments.1.status", "active", "commitments[1]", "unknown key “status”; allowed: area"),
    ("commitments.0.forums.0.name", "x", "commitments[0].forums[0]", "“name”; allowed: code, qu"),
    (f"{MILESTONE}.note", "x", "commitments[0].milestones[0]", "unknown key “note”"),
    ("commitments.0.text.fr", "x", "commitments[0].text", "unknown key “fr”; allowed: en, zh"),
    # missing keys
    ("format", ABSENT, "", "missing: “format”"),
    ("plan", ABSENT, "", "missing: “plan”"),
    ("commitments", ABSENT, "", "missing: “commitments”"),
    ("plan.code", ABSENT, "plan", "missing: “code”"),
    ("plan.title", ABSENT, "plan", "missing: “title”"),
    ("plan.time_zone", ABSENT, "plan", "missing: “time_zone”"),
    ("goals.2.title", ABSENT, "goals[2]", "missing: “title”"),
    ("areas.0.number", ABSENT, "areas[0]", "missing: “number”"),
    ("forums.0.kind", ABSENT, "forums[0]", "missing: “kind”"),
    ("forums.0.name", ABSENT, "forums[0]", "missing: “name”"),
    ("offices.1.code", ABSENT, "offices[1]", "missing: “code”"),
    ("commitments.1.number", ABSENT, "commitments[1]", "missing: “number”"),
    ("commitments.1.title", ABSENT, "commitments[1]", "missing: “title”"),
    ("commitments.1.text", ABSENT, "commitments[1]", "missing: “text”"),
    ("commitments.1.kind", ABSENT, "commitments[1]", "missing: “kind”"),
    ("commitments.0.forums.0.code", ABSENT, "commitments[0].forums[0]", "missing: “code”"),
    (f"{MILESTONE}.due_on", ABSENT, "commitments[0].milestones[0]", "missing: “due_on”"),
    # wrong types
    ("commitments.0.number", 9.1, "commitments[0].number", "9.1 is not of type string"),
    ("commitments.0.number", 9, "commitments[0].number", "9 is not of type string"),
    ("goals.0.number", "1", "goals[0].number", '"1" is not of type integer'),
    ("areas.0.number", True, "areas[0].number", "true is not of type integer"),
    ("commitments.0.area", "one", "commitments[0].area", '"one" is not of type integer'),
    ("commitments.0.supporting_goals.0", 2.5, "commitments[0].supporting_goals[0]", "2.5 is not"),
    ("plan.review_interval_days", "90", "plan.review_interval_days", '"90" is not of type int'),
    ("plan.title", "Town plan", "plan.title", '"Town plan" is not of type object'),
    ("plan", None, "plan", "null is not of type object"),
    ("plan.plan_number", 7, "plan.plan_number", "7 is not of type string"),
    ("commitments", {}, "commitments", "{} is not of type array"),
    ("commitments.1", "A.2", "commitments[1]", '"A.2" is not of type object'),
    ("commitments.1.text.en", None, "commitments[1].text.en", "null is not of type string"),
    # values that are not allowed
    ("format", 2, "format", "2 is not allowed; only 1 is"),
    ("commitments.1.kind", "ongoing", "commitments[1].kind", "choose one of: deliverable, stand"),
    ("forums.0.kind", "club", "forums[0].kind", '"club" is not allowed; choose one of: un_body'),
    ("plan.adopted_on", "2025-02-29", "plan.adopted_on", f'"2025-02-29" {DAY}'),
    ("plan.adopted_on", "20250131", "plan.adopted_on", DAY),
    ("plan.adopted_on", "2025-W05-5", "plan.adopted_on", DAY),
    ("commitments.0.start_on", "2025-2-1", "commitments[0].start_on", DAY),
    ("commitments.0.due_on", "1 May 2026", "commitments[0].due_on", DAY),
    (f"{MILESTONE}.due_on", "2025-13-01", "commitments[0].milestones[0].due_on", DAY),
    (f"{MILESTONE}.done_on", "", "commitments[0].milestones[0].done_on", DAY),
    # bounds
    ("goals.0.number", 0, "goals[0].number", "0 is less than the minimum of 1"),
    ("areas.0.number", 1_000_001, "areas[0].number", "1000001 is greater than the maximum"),
    ("plan.review_interval_days", 0, "plan.review_interval_days", "less than the minimum of 1"),
    ("plan.review_interval_days", 36501, "plan.review_interval_days", "greater than the maximum"),
    ("commitments", [], "commitments", "empty"),
    ("plan.locality", "", "plan.locality", "One line of text, not blank"),
    ("plan.locality", "x" * 201, "plan.locality", "is longer than"),
    ("plan.plan_number", "x" * 51, "plan.plan_number", "is longer than"),
    ("plan.title.en", " ", "plan.title.en", "One line of text, not blank"),
    ("plan.title.en", LONG, "plan.title.en", "is longer than"),
    (
        "commitments.0.forums.0.quote.en",
        LONG,
        "commitments[0].forums[0].quote.en",
        "is longer than",
    ),
    ("offices.0.code", "W" * 61, "offices[0].code", "is longer than"),
    ("commitments.1.number", "1" * 21, "commitments[1].number", "is longer than"),
    ("commitments.1.title", {}, "commitments[1].title", "empty: give English (en), Chinese (zh)"),
    (
        "commitments.0.supporting_goals",
        [2, 2],
        "commitments[0].supporting_goals",
        "duplicate values",
    ),
    (
        "commitments.0.supporting_offices",
        ["PORT"] * 2,
        "commitments[0].supporting_offices",
        "duplicate values",
    ),
    # characters
    ("plan.code", "town", "plan.code", "capital letters, digits and underscores"),
    ("plan.code", "NEW-TOWN", "plan.code", '"NEW-TOWN" does not meet the rule'),
    ("plan.code", "T" * 17, "plan.code", "does not meet the rule"),
    ("forums.0.code", "The League", "forums[0].code", "Capital letters, digits and hyphens"),
    (
        "commitments.1.number",
        "A 2",
        "commitments[1].number",
        '"A 2" does not meet the rule: Number as printed',
    ),
    ("commitments.1.number", "", "commitments[1].number", "does not meet the rule"),
    ("commitments.1.number", "A/2", "commitments[1].number", "does not meet the rule"),
    ("plan.title.en", "Two\nlines", "plan.title.en", '"Two\\nlines" does not meet the rule'),
    ("plan.title.en", "Next\x85line", "plan.title.en", "does not meet the rule"),
    ("plan.locality", "a\0b", "plan.locality", "does not meet the rule"),
    ("commitments.1.text.zh", "a\u2028b", "commitments[1].text.zh", "does not meet the rule"),
    ("commitments.1.text.zh", "a\0b", "commitments[1].text.zh", "does not meet the rule"),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_SCHEMA)
def test_what_the_schema_refuses_is_reported_with_its_place(problems, path, value, place, message):
    [(found_place, found_message)] = problems(changed((path, value)))
    assert found_place == place
    assert message in found_message


BY_CHECKS = [
    ("plan.time_zone", "Mars/Olympus", "plan.time_zone", "no time zone “Mars/Olympus”"),
    ("goals.2.number", 4, "goals[2].number", "expected 3, found 4"),
    ("areas.1.number", 3, "areas[1].number", "expected 2, found 3"),
    ("commitments.1.number", "A.1", "commitments[1].number", "A.1 is already used by commitme"),
    ("forums.3", VALID["forums"][0], "forums[3].code", "LEAGUE is already used by forums[0]"),
    ("offices.2", VALID["offices"][1], "offices[2].code", "PORT is already used by offices[1]"),
    (
        "commitments.0.forums.1",
        {"code": "LEAGUE"},
        "commitments[0].forums[1].code",
        "already used by",
    ),
    # quotes
    (
        "commitments.0.forums.0.quote.en",
        "The League",
        "commitments[0].forums[0].quote.en",
        "“The League” does not occur in the text",
    ),
    (
        "commitments.0.forums.0.quote.zh",
        "圆桌",
        "commitments[0].forums[0].quote.zh",
        "“圆桌” does not occur in the text",
    ),
    # references
    ("commitments.1.goal", 4, "commitments[1].goal", "no goal 4"),
    ("commitments.0.supporting_goals.1", 4, "commitments[0].supporting_goals[1]", "no goal 4"),
    ("commitments.1.area", 3, "commitments[1].area", "no area 3"),
    ("commitments.0.forums.1", {"code": "BRIX"}, "commitments[0].forums[1]", "no forum “BRIX”"),
    ("forums.0.parent", "BRIX", "forums[0].parent", "no forum “BRIX”"),
    ("forums.0.successor_of", "BRIX", "forums[0].successor_of", "no forum “BRIX”"),
    ("commitments.1.lead_office", "SHOP", "commitments[1].lead_office", "no office “SHOP”"),
    (
        "commitments.0.supporting_offices.1",
        "SHOP",
        "commitments[0].supporting_offices[1]",
        "no office “SHOP”",
    ),
    # what does not go together
    ("forums.0.parent", "LEAGUE", "forums[0].parent", "the forum leads back to itself"),
    (
        "commitments.1.due_on",
        "2026-01-01",
        "commitments[1].due_on",
        "only a deliverable can have a due",
    ),
    ("commitments.0.due_on", "2025-01-31", "commitments[0].due_on", "due date is before the start"),
    (
        "commitments.0.goal",
        2,
        "commitments[0].supporting_goals",
        "must not include the primary goal",
    ),
    (
        "commitments.0.lead_office",
        "PORT",
        "commitments[0].supporting_offices",
        "must not include the lead office",
    ),
    (
        "commitments.0.milestones.1.title.en",
        "Plans drawn",
        "commitments[0].milestones[1].title",
        "another milestone has the same title",
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_CHECKS)
def test_what_the_checks_refuse_is_reported_with_its_place(problems, path, value, place, message):
    [(found_place, found_message)] = problems(changed((path, value)))
    assert found_place == place
    assert message in found_message


@pytest.mark.parametrize("part", ["goals", "areas"])
def test_a_number_given_twice_is_a_repeat_and_a_gap(problems, part):
    found = problems(changed((f"{part}.1.number", 1)))
    assert (f"{part}[1].number", f"1 is already used by {part}[0]") in found
    assert any(
        place == f"{part}[1].number" and "expected 2, found 1" in text for place, text in found
    )


@pytest.mark.parametrize("link", ["parent", "successor_of"])
def test_every_forum_of_a_circle_is_named(problems, link):
    plain = [
        (f"forums.{index}.{key}", ABSENT) for index, key in ((1, "parent"), (2, "successor_of"))
    ]
    circle = [
        (f"forums.{index}.{link}", code) for index, code in enumerate(("TABLE", "PANEL", "LEAGUE"))
    ]
    found = problems(changed(*plain, *circle))
    assert found == [
        (f"forums[{index}].{link}", "the forum leads back to itself") for index in range(3)
    ]


def test_a_due_date_on_the_day_of_the_start_is_fine(read):
    same_day = changed(("commitments.0.due_on", "2025-02-01"))
    assert read(same_day) == same_day


def test_forums_and_offices_that_the_tracker_has_may_be_referred_to(read):
    ForumFactory(code="BRIX")
    OfficeFactory(code="SHOP")
    document = changed(
        ("forums.0.parent", "BRIX"),
        ("commitments.1.forums", [{"code": "BRIX", "quote": {"zh": "圆桌会议"}}]),
        ("commitments.1.lead_office", "SHOP"),
    )
    assert read(document) == document


def test_all_errors_of_the_schema_are_reported_at_once(problems):
    found = problems(
        changed(
            ("plan.code", "town"),
            ("goals.2.number", "3"),
            ("forums.1.kind", "club"),
            ("commitments.0.due_on", "soon"),
            ("commitments.0.milestones.1.title", {}),
            ("commitments.1.number", 1.1),
            ("commitments.1.note", "x"),
            ("remarks", "x"),
        )
    )
    assert sorted(place for place, _message in found) == [
        "",
        "commitments[0].due_on",
        "commitments[0].milestones[1].title",
        "commitments[1].note",
        "commitments[1].number",
        "forums[1].kind",
        "goals[2].number",
        "plan.code",
    ]


def test_all_errors_of_the_checks_are_reported_at_once(problems):
    found = problems(
        changed(
            ("plan.time_zone", "Mars/Olympus"),
            ("areas.1.number", 3),
            ("forums.1.parent", "BRIX"),
            ("commitments.0.forums.0.quote.en", "the Leagues"),
            ("commitments.0.due_on", "2025-01-01"),
            ("commitments.1.number", "A.1"),
            ("commitments.1.goal", 9),
            ("commitments.1.lead_office", "SHOP"),
        )
    )
    assert sorted(place for place, _message in found) == [
        "areas[1].number",
        "commitments[0].due_on",
        "commitments[0].forums[0].quote.en",
        "commitments[1].goal",
        "commitments[1].lead_office",
        "commitments[1].number",
        "forums[1].parent",
        "plan.time_zone",
    ]


def test_an_error_reads_as_one_line_with_its_place(read):
    with pytest.raises(PlanFileError) as refusal:
        read(changed(("commitments.0.forums.1", {"code": "BRIX"})))
    assert [str(problem) for problem in refusal.value.problems] == [
        "commitments[0].forums[1]: no forum “BRIX”"
    ]
    assert str(refusal.value).endswith("plan.yaml cannot be used.")


def test_what_is_missing_is_reported_once(problems):
    found = problems(changed(("commitments.1.kind", ABSENT), ("commitments.1.title", ABSENT)))
    assert len(set(found)) == len(found)
