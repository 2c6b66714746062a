"""What plan files say beyond their schema is checked, and every error reported at once with its
place.

Each wrong document is the small valid one with one change.
"""

import pytest

from commitments.exceptions import PlanFileError
from tests.documents import ABSENT
from tests.factories import ForumFactory, OfficeFactory
from tests.importing.town import VALID, changed

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


UNLISTED = "is not a language of the plan; its languages: en, zh"
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
    (
        "commitments.0.criteria.1.key",
        "a",
        "commitments[0].criteria[1].key",
        "a is already used by criteria[0]",
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
    ("commitments.1.goal_reason", {"fr": "x"}, "commitments[1].goal_reason.fr", f"“fr” {UNLISTED}"),
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
        "commitments.0.milestones.1.key",
        "m1",
        "commitments[0].milestones[1].key",
        "m1 is already used by milestones[0]",
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


def test_commitments_may_have_criteria_of_the_same_keys(read):
    other = [{"key": key, "text": {"zh": f"要点{key}。"}} for key in "ab"]
    document = changed(("commitments.1.criteria", other))
    assert read(document) == document


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
