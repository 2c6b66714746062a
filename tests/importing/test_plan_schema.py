"""Plan files are checked against their schema, and every error is reported at once with its place.

Each wrong document is the small valid one with one change.
"""

import pytest

from tests.documents import ABSENT
from tests.importing.town import changed

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

DAY = 'is not a date such as "2017-03-01"'
TAG = "does not meet the rule: A BCP 47 language tag such as en, zh-Hans or pt-BR."
LONG = "x" * 301
MILESTONE = "commitments.0.milestones.0"
CRITERIA = "commitments.0.criteria"


def criteria(keys):
    """Return a criterion for each key."""
    return [{"key": key, "text": {"en": f"Criterion {key}."}} for key in keys]


BY_SCHEMA = [
    # unknown keys
    ("plans", [], "", "unknown key “plans”; allowed: areas, commitments, format, forums"),
    ("plan.colour", "red", "plan", "unknown key “colour”; allowed: adopted_on, code, issuer"),
    ("goals.0.reason", "x", "goals[0]", "unknown key “reason”; allowed: number, text, title"),
    ("areas.1.text", {"en": "x"}, "areas[1]", "unknown key “text”; allowed: number, title"),
    ("forums.1.url", "x", "forums[1]", "unknown key “url”; allowed: closed_on, code, kind, name"),
    ("offices.0.head", "x", "offices[0]", "unknown key “head”; allowed: code, members, name"),
    ("commitments.1.status", "active", "commitments[1]", "unknown key “status”; allowed: area"),
    ("commitments.0.forums.0.name", "x", "commitments[0].forums[0]", "“name”; allowed: code, qu"),
    (f"{CRITERIA}.0.note", "x", "commitments[0].criteria[0]", "“note”; allowed: key, quote, text"),
    (f"{MILESTONE}.note", "x", "commitments[0].milestones[0]", "unknown key “note”"),
    ("forums.0.same_as", "https://example.org/1", "forums[0].same_as", "is not of type array"),
    ("forums.0.same_as", ["https://a.org/1"] * 2, "forums[0].same_as", "duplicate values"),
    ("forums.0.same_as", ["http://a.org/1"], "forums[0].same_as[0]", "begins with https://"),
    ("forums.0.same_as", ["https://a.org/ 1"], "forums[0].same_as[0]", "begins with https://"),
    ("forums.0.same_as", ["Q1065"], "forums[0].same_as[0]", '"Q1065" does not meet the rule'),
    # missing keys
    ("format", ABSENT, "", "missing: “format”"),
    ("plan", ABSENT, "", "missing: “plan”"),
    ("commitments", ABSENT, "", "missing: “commitments”"),
    ("plan.code", ABSENT, "plan", "missing: “code”"),
    ("plan.languages", ABSENT, "plan", "missing: “languages”"),
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
    (f"{CRITERIA}.1.key", ABSENT, "commitments[0].criteria[1]", "missing: “key”"),
    (f"{CRITERIA}.1.text", ABSENT, "commitments[0].criteria[1]", "missing: “text”"),
    (f"{MILESTONE}.key", ABSENT, "commitments[0].milestones[0]", "missing: “key”"),
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
    ("plan.languages", "en", "plan.languages", '"en" is not of type array'),
    ("plan.languages.1", None, "plan.languages[1]", "null is not of type string"),
    ("plan", None, "plan", "null is not of type object"),
    ("plan.plan_number", 7, "plan.plan_number", "7 is not of type string"),
    ("commitments", {}, "commitments", "{} is not of type array"),
    ("commitments.1", "A.2", "commitments[1]", '"A.2" is not of type object'),
    ("commitments.1.text.en", None, "commitments[1].text.en", "null is not of type string"),
    (CRITERIA, {}, "commitments[0].criteria", "{} is not of type array"),
    (f"{CRITERIA}.0.key", 1, "commitments[0].criteria[0].key", "1 is not of type string"),
    (f"{CRITERIA}.0.text", "It is.", "commitments[0].criteria[0].text", "is not of type object"),
    ("commitments.0.criteria_reason", "x", "commitments[0].criteria_reason", "not of type object"),
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
    (f"{MILESTONE}.due_on", "", "commitments[0].milestones[0].due_on", DAY),
    ("commitments.1.ends_on", "soon", "commitments[1].ends_on", DAY),
    (f"{MILESTONE}.key", "M 1", "commitments[0].milestones[0].key", "does not meet the rule"),
    # bounds
    ("goals.0.number", 0, "goals[0].number", "0 is less than the minimum of 1"),
    ("areas.0.number", 1_000_001, "areas[0].number", "1000001 is greater than the maximum"),
    ("plan.review_interval_days", 0, "plan.review_interval_days", "less than the minimum of 1"),
    ("plan.review_interval_days", 36501, "plan.review_interval_days", "greater than the maximum"),
    ("commitments", [], "commitments", "too few items; at least 1"),
    ("plan.languages", [], "plan.languages", "too few items; at least 1"),
    ("plan.languages", ["en", "en"], "plan.languages", "duplicate values"),
    ("plan.licence_url", "CC0", "plan.licence_url", "begins with https://"),
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
    ("commitments.1.title", {}, "commitments[1].title", "empty: give the words in at least one"),
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
    # Of the criteria that a commitment has there are two to six.
    (CRITERIA, [], "commitments[0].criteria", ""),
    (CRITERIA, criteria("a"), "commitments[0].criteria", ""),
    (CRITERIA, criteria("abcdefg"), "commitments[0].criteria", ""),
    (f"{CRITERIA}.1.text.en", "x" * 501, "commitments[0].criteria[1].text.en", "is longer than"),
    (f"{CRITERIA}.0.quote.en", "x" * 501, "commitments[0].criteria[0].quote.en", "is longer than"),
    (f"{CRITERIA}.1.text", {}, "commitments[0].criteria[1].text", "empty: give the words"),
    (f"{CRITERIA}.1.key", "a" * 11, "commitments[0].criteria[1].key", "longer than 10 characters"),
    # characters
    (f"{CRITERIA}.1.key", "B", "commitments[0].criteria[1].key", "Small letters and digits, a le"),
    (f"{CRITERIA}.1.key", "1b", "commitments[0].criteria[1].key", "does not meet the rule"),
    (f"{CRITERIA}.1.key", "b\n", "commitments[0].criteria[1].key", "does not meet the rule"),
    (f"{CRITERIA}.1.text.en", "a\nb", "commitments[0].criteria[1].text.en", "One line of text"),
    ("plan.languages.1", "EN", "plan.languages[1]", f'"EN" {TAG}'),
    ("plan.languages.1", "zh-hant", "plan.languages[1]", f'"zh-hant" {TAG}'),
    ("plan.languages.1", "pt_BR", "plan.languages[1]", f'"pt_BR" {TAG}'),
    ("plan.languages.1", "en\n", "plan.languages[1]", f'"en\\n" {TAG}'),
    ("commitments.0.text.English", "x", "commitments[0].text", f'"English" {TAG}'),
    ("forums.0.name.zh-hant", "x", "forums[0].name", f'"zh-hant" {TAG}'),
    ("plan.code", "town", "plan.code", "capital letters, digits and underscores"),
    ("plan.code", "NEW-TOWN", "plan.code", '"NEW-TOWN" does not meet the rule'),
    ("plan.code", "T" * 17, "plan.code", "is longer than 16 characters"),
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
    ("commitments.1.text.zh", "a\u202eb", "commitments[1].text.zh", "override its direction"),
    ("plan.locality", "a\u202db", "plan.locality", "override its direction"),
    (f"{CRITERIA}.0.text.en", "a\u202eb", "commitments[0].criteria[0].text.en", "its direction"),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_SCHEMA)
def test_what_the_schema_refuses_is_reported_with_its_place(problems, path, value, place, message):
    [(found_place, found_message)] = problems(changed((path, value)))
    assert found_place == place
    assert message in found_message


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


def test_what_is_missing_is_reported_once(problems):
    found = problems(changed(("commitments.1.kind", ABSENT), ("commitments.1.title", ABSENT)))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("keys", ["ab", "abcdef"])
def test_two_to_six_criteria_are_allowed(read, keys):
    document = changed((CRITERIA, criteria(keys)))
    assert read(document) == document
