"""What plan files say beyond their schema is checked, and every error reported at once with its
place.

Each wrong document is the small valid one with one change.
"""

import pytest

from commitments.exceptions import PlanFileError
from tests.documents import ABSENT
from tests.factories import ForumFactory, OfficeFactory
from tests.importing.town import VALID, changed

LEAGUE, MILESTONE = VALID["forums"][0], VALID["commitments"][0]["milestones"][0]

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_a_valid_file_is_read_as_it_stands(read):
    assert read(VALID) == VALID


def test_the_least_that_a_plan_needs(read):
    least = {
        "format": 1,
        "plan": {"code": "T", "languages": ["zh"], "title": {"zh": "计划"}, "time_zone": "UTC"},
        "commitments": [
            {"number": "1", "title": {"zh": "做"}, "text": {"zh": "做。"}, "kind": "standing"}
        ],
    }
    assert read(least) == least


@pytest.mark.parametrize("number", ["（二）", "§4", "Ⅳ", "①", "ب", "क", "3b"])
def test_a_number_has_a_letter_or_digit_of_any_script(read, number):
    assert read(changed(("commitments.1.number", number)))


UNLISTED = "is not a language of the plan; its languages: en, zh"
BY_CHECKS = [
    ("plan.time_zone", "Mars/Olympus", "plan.time_zone", "no time zone “Mars/Olympus”"),
    ("goals.2.number", 4, "goals[2].number", "expected 3, found 4"),
    ("areas.1.number", 3, "areas[1].number", "expected 2, found 3"),
    ("commitments.1.number", "A.1", "commitments[1].number", "A.1 is already used by item 1 of"),
    (
        "forums.3",
        VALID["forums"][0],
        "forums[3].code",
        "LEAGUE is already used by item 1 of forums",
    ),
    (
        "offices.2",
        VALID["offices"][1],
        "offices[2].code",
        "PORT is already used by item 2 of offices",
    ),
    (
        "commitments.0.forums.1",
        {"code": "LEAGUE"},
        "commitments[0].forums[1].code",
        "already used by",
    ),
    (
        "commitments.0.criteria.1.key",
        "a",
        "commitments[0].criteria[1].key",
        "a is already used by item 1 of criteria",
    ),
    # languages
    ("plan.languages.2", "qq", "plan.languages[2]", "no known language has the tag “qq”"),
    ("forums.0.name.qq", "x", "forums[0].name.qq", "no known language has the tag “qq”"),
    ("offices.1.name.qq", "x", "offices[1].name.qq", "no known language has the tag “qq”"),
    ("plan.issuer", {"fr": "x"}, "plan.issuer.fr", f"“fr” {UNLISTED}"),
    ("plan.notice", {"fr": "x"}, "plan.notice.fr", f"“fr” {UNLISTED}"),
    ("plan.licence", {"zh-Hant": "x"}, "plan.licence.zh-Hant", f"“zh-Hant” {UNLISTED}"),
    ("goals.2.title.fr", "x", "goals[2].title.fr", f"“fr” {UNLISTED}"),
    ("goals.0.text", {"fr": "x"}, "goals[0].text.fr", f"“fr” {UNLISTED}"),
    ("areas.1.title.fr", "x", "areas[1].title.fr", f"“fr” {UNLISTED}"),
    ("commitments.0.title.fr", "x", "commitments[0].title.fr", f"“fr” {UNLISTED}"),
    ("commitments.0.text.fr", "x", "commitments[0].text.fr", f"“fr” {UNLISTED}"),
    ("commitments.1.note", {"fr": "x"}, "commitments[1].note.fr", f"“fr” {UNLISTED}"),
    ("commitments.1.kind_reason", {"fr": "x"}, "commitments[1].kind_reason.fr", f"“fr” {UNLISTED}"),
    ("commitments.0.goal_reason", {"fr": "x"}, "commitments[0].goal_reason.fr", f"“fr” {UNLISTED}"),
    (
        "commitments.0.milestones.1.title.fr",
        "x",
        "commitments[0].milestones[1].title.fr",
        f"“fr” {UNLISTED}",
    ),
    (
        "commitments.0.criteria.1.text.fr",
        "x",
        "commitments[0].criteria[1].text.fr",
        f"“fr” {UNLISTED}",
    ),
    (
        "commitments.0.criteria_reason.fr",
        "x",
        "commitments[0].criteria_reason.fr",
        f"“fr” {UNLISTED}",
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
    (
        "commitments.0.criteria.0.quote.en",
        "Build the",
        "commitments[0].criteria[0].quote.en",
        "“Build the” does not occur in the text",
    ),
    (
        "commitments.0.criteria.1.quote",
        {"zh": "参与"},
        "commitments[0].criteria[1].quote.zh",
        "“参与” does not occur in the text",
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
        "commitments.1.goal_reason",
        {"en": "It opens."},
        "commitments[1].goal_reason",
        "there is no primary goal to give a reason for",
    ),
    (
        "commitments.0.milestones.1.key",
        "m1",
        "commitments[0].milestones[1].key",
        "m1 is already used by item 1 of milestones",
    ),
    (
        "commitments.0.ends_on",
        "2026-12-31",
        "commitments[0].ends_on",
        "only a standing duty can have an end date",
    ),
    ("commitments.1.ends_on", "0002-01-01", "commitments[1].ends_on", "the end date is too early"),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_CHECKS)
def test_what_the_checks_refuse_is_reported_with_its_place(problems, path, value, place, message):
    [(found_place, found_message)] = problems(changed((path, value)))
    assert found_place == place
    assert message in found_message


def test_a_number_that_looks_like_that_of_an_earlier_commitment_is_a_repeat(problems):
    one, two = "é", "e\u0301"
    content = changed(("commitments.0.number", one), ("commitments.1.number", two))
    assert problems(content) == [
        ("commitments[1].number", f"{two} is already used by item 1 of commitments")
    ]


def test_an_item_without_a_number_is_not_called_by_that_of_another_one(read):
    with pytest.raises(PlanFileError) as refusal:
        read(changed(("commitments.1.number", ABSENT), ("commitments.0.supporting_goals.1", 4)))
    named = [str(problem).partition(": ")[2] for problem in refusal.value.problems]
    assert named == [
        "commitment A.1, item 2 of supporting_goals: no goal 4",
        "item 2 of commitments: missing: “number”",
    ]


@pytest.mark.parametrize("part", ["goals", "areas"])
def test_a_number_given_twice_is_a_repeat_and_a_gap(problems, part):
    found = problems(changed((f"{part}.1.number", 1)))
    assert (f"{part}[1].number", f"1 is already used by item 1 of {part}") in found
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


def test_commitments_may_have_criteria_of_the_same_keys(read):
    other = [{"key": key, "text": {"zh": f"要点{key}。"}} for key in "ab"]
    document = changed(("commitments.1.criteria", other))
    assert read(document) == document


def test_dates_on_the_day_of_the_start_are_fine(read):
    same_day = changed(
        ("commitments.0.due_on", "2025-02-01"),
        ("commitments.0.milestones", [{**MILESTONE, "due_on": "2025-02-01"}]),
    )
    assert read(same_day) == same_day


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2026-02-02", "the milestone is after the commitment's last day, 2026-02-01"),
        ("2025-01-31", "the milestone is before the commitment's start date, 2025-02-01"),
    ],
)
def test_a_milestone_lies_within_its_commitment(problems, day, message):
    found = problems(changed(("commitments.0.milestones.1.due_on", day)))
    assert found == [("commitments[0].milestones[1].due_on", message)]


def test_a_due_date_is_not_before_the_start(problems):
    found = problems(
        changed(("commitments.0.due_on", "2025-01-31"), ("commitments.0.milestones", ABSENT))
    )
    assert found == [("commitments[0].due_on", "the due date is before the start date")]


def test_a_forum_does_not_succeed_its_own_part(problems):
    found = problems(changed(("forums.0.successor_of", "TABLE")))
    back = "the forum leads back to itself"
    assert found == [("forums[0].successor_of", back), ("forums[1].parent", back)]


def test_a_circle_through_a_forum_of_the_tracker_is_found(problems):
    ForumFactory(code="TABLE", parent=ForumFactory(code="LEAGUE"))
    document = changed(("forums", [{**LEAGUE, "parent": "TABLE"}]))
    assert problems(document) == [("forums[0].parent", "the forum leads back to itself")]


@pytest.mark.parametrize("number", ["（二）", "3b", "1.1.1", "[4]", "А-1", "5*", "III."])
def test_a_number_is_accepted_as_the_plan_prints_it(read, number):
    assert read(changed(("commitments.1.number", number)))["commitments"][1]["number"] == number


@pytest.mark.parametrize("number", ["...", "A 2", "A/2", "1?", "50%", "<b>", "a\u200bb"])
def test_a_number_that_does_not_survive_in_an_address_is_refused(problems, number):
    [(place, message)] = problems(changed(("commitments.1.number", number)))
    assert (place, "at least one letter or digit" in message) == ("commitments[1].number", True)


def test_a_quote_may_run_over_the_lines_of_a_hard_wrapped_text(read):
    document = changed(
        ("commitments.0.text.en", "Build it with\nthe  League."),
        ("commitments.0.forums.0.quote.en", "with the League"),
        ("commitments.1.text.zh", "参与圆桌\n会议。"),
        ("commitments.1.forums", [{"code": "TABLE", "quote": {"zh": "圆桌会议"}}]),
    )
    assert read(document) == document


def test_milestones_may_have_the_same_title(read):
    document = changed(("commitments.0.milestones.1.title", {"en": "Plans drawn"}))
    assert read(document) == document


@pytest.mark.parametrize(
    ("path", "value", "meant"),
    [
        ("commitments.0.forums.1", {"code": "LEAGE"}, "no forum “LEAGE”; meant LEAGUE?"),
        ("forums.1.parent", "LEAGU", "no forum “LEAGU”; meant LEAGUE?"),
        ("commitments.1.lead_office", "WORK", "no office “WORK”; meant WORKS?"),
        ("plan.time_zone", "Europe/Lisboa", "no time zone “Europe/Lisboa”; meant Europe/Lisbon?"),
    ],
)
def test_the_code_that_was_probably_meant_is_named(problems, path, value, meant):
    assert [message for _place, message in problems(changed((path, value)))] == [meant]


def test_forums_and_offices_that_the_tracker_has_may_be_referred_to(read):
    ForumFactory(code="BRIX")
    OfficeFactory(code="SHOP")
    document = changed(
        ("forums.0.parent", "BRIX"),
        ("commitments.1.forums", [{"code": "BRIX", "quote": {"zh": "圆桌会议"}}]),
        ("commitments.1.lead_office", "SHOP"),
    )
    assert read(document) == document


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
    assert [place for place, _message in found] == [
        "plan.time_zone",
        "areas[1].number",
        "forums[1].parent",
        "commitments[0].forums[0].quote.en",
        "commitments[0].due_on",
        "commitments[0].milestones[0].due_on",
        "commitments[0].milestones[1].due_on",
        "commitments[1].number",
        "commitments[1].goal",
        "commitments[1].lead_office",
    ]


def test_errors_of_all_sorts_are_reported_in_one_round(problems):
    found = problems(
        changed(
            ("plan.colour", "red"),
            ("goals.2.number", "3"),
            ("forums.1.parent", "BRIX"),
            ("commitments.0.kind", "club"),
            ("commitments.0.forums.0.quote.en", "the Leagues"),
            ("commitments.1.title", ABSENT),
            ("commitments.1.lead_office", "SHOP"),
        )
    )
    assert [place for place, _message in found] == [
        "plan",
        "goals[2].number",
        "forums[1].parent",
        "commitments[0].kind",
        "commitments[0].forums[0].quote.en",
        "commitments[1]",
        "commitments[1].lead_office",
    ]


def test_what_depends_on_a_part_that_cannot_be_read_is_not_reported_too(problems):
    [(place, _message)] = problems(changed(("goals.0.number", "one")))
    assert place == "goals[0].number"
    [(place, _message)] = problems(changed(("commitments.0.text", "Build it.")))
    assert place == "commitments[0].text"


def test_an_error_reads_as_one_line_with_its_place(read):
    with pytest.raises(PlanFileError) as refusal:
        read(changed(("commitments.0.forums.1", {"code": "BRIX"})))
    assert [str(problem) for problem in refusal.value.problems] == [
        "plan.yaml:69:5: commitment A.1, forums BRIX: no forum “BRIX”"
    ]
    assert str(refusal.value).endswith("plan.yaml cannot be used.")
