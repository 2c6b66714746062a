"""Reading an update file reports every error at once, with its place in the file.

Each wrong document is the valid one of `tests.documents` with one change.
"""

import hashlib
from pathlib import Path

import pytest

from commitments.exceptions import UpdateFileError
from commitments.importing import update_file
from commitments.importing.schemas import schema_documents
from tests import steps
from tests.documents import ABSENT, SOURCE, edited, write_file
from tests.documents import UPDATES as VALID

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum):
    """A plan, two of its commitments, and a forum that the file refers to."""


@pytest.fixture
def read(tmp_path):
    return lambda content: update_file.read_update_file(
        write_file(tmp_path / "updates.yaml", content)
    )


@pytest.fixture
def problems(read):
    """Return the errors of the edited file as (place, message)."""

    def problems(*edits):
        with pytest.raises(UpdateFileError, match=r"updates\.yaml cannot be used") as refusal:
            read(edited(VALID, *edits))
        return [(problem.place, problem.message) for problem in refusal.value.problems]

    return problems


def test_a_valid_file_is_read_as_it_stands_with_its_digest(read, tmp_path):
    file = read(VALID)
    assert file.value == VALID
    content = (tmp_path / "updates.yaml").read_bytes()
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_the_least_that_an_update_needs(read):
    least = {
        "format": 1,
        "plan": "PLAN",
        "updates": [
            {
                "external_ref": "1",
                "commitment": "1.1",
                "effective_on": "2024-01-01",
                "summary": {"zh": "会议。"},
            }
        ],
    }
    assert read(least).value == least


DAY = 'is not a date such as "2017-03-01"'
TAG = "does not meet the rule: A BCP 47 language tag such as en, zh-Hans or pt-BR."
BY_SCHEMA = [
    ("format", 2, "format", "2 is not allowed; only 1 is"),
    ("format", ABSENT, "", "missing: “format”"),
    ("plan", ABSENT, "", "missing: “plan”"),
    ("plan", 7, "plan", "7 is not of type string"),
    ("author", "reporter", "", "unknown key “author”; allowed: format, forums, notice, plan, upd"),
    ("updates", ABSENT, "", "missing: “updates”"),
    ("updates", [], "updates", "too few items; at least 1"),
    ("notice", {}, "notice", "empty: give the words in at least one language"),
    ("notice.en", " ", "notice.en", '" " does not meet the rule: Text, not blank'),
    ("forums.0.kind", "club", "forums[0].kind", '"club" is not allowed; choose one of: un_body,'),
    ("forums.0.name", ABSENT, "forums[0]", "missing: “name”"),
    ("updates.0.external_ref", ABSENT, "updates[0]", "missing: “external_ref”"),
    (
        "updates.0.external_ref",
        "",
        "updates[0].external_ref",
        '"" does not meet the rule: One line with',
    ),
    (
        "updates.0.external_ref",
        " x",
        "updates[0].external_ref",
        '" x" does not meet the rule: One line with',
    ),
    ("updates.0.external_ref", "x\n", "updates[0].external_ref", "does not meet the rule"),
    ("updates.0.external_ref", "x" * 201, "updates[0].external_ref", "longer than 200 characters"),
    ("updates.0.commitment", 1.1, "updates[0].commitment", "1.1 is not of type string"),
    ("updates.0.commitment", ABSENT, "updates[0]", "missing: “commitment”"),
    ("updates.0.effective_on", "May 2024", "updates[0].effective_on", DAY),
    ("updates.0.effective_on", "2024-02-30", "updates[0].effective_on", DAY),
    ("updates.0.effective_on", 2024, "updates[0].effective_on", "2024 is not of type string"),
    ("updates.0.date_precision", "week", "updates[0].date_precision", "day, month, year"),
    ("updates.1.status", "done", "updates[1].status", '"done" is not allowed; choose one of: not'),
    ("updates.1.status", "unassessed", "updates[1].status", '"unassessed" is not allowed'),
    ("updates.1.status", None, "updates[1].status", "null is not allowed"),
    (
        "updates.1.state",
        "published",
        "updates[1]",
        "unknown key “state”; allowed: commitment, corrects, covers_from, criteria, date_precision",
    ),
    ("updates.0.summary", ABSENT, "updates[0]", "missing: “summary”"),
    ("updates.0.summary", "Held.", "updates[0].summary", '"Held." is not of type object'),
    ("updates.0.summary.EN", "x", "updates[0].summary", f'"EN" {TAG}'),
    ("updates.0.forums.1", "LEAGUE", "updates[0].forums", "the list contains duplicate values"),
    ("updates.0.event_type", "meeting", "updates[0].event_type", "choose one of: statement, parti"),
    ("updates.0.event_type", None, "updates[0].event_type", "null is not allowed"),
    ("updates.0.criteria", "a", "updates[0].criteria", '"a" is not of type array'),
    ("updates.0.criteria", ["a", "a"], "updates[0].criteria", "duplicate values"),
    ("updates.0.criteria", ["A"], "updates[0].criteria[0]", "rule: Small letters and digits, a le"),
    ("updates.1.covers_from", "2024", "updates[1].covers_from", DAY),
    ("updates.1.rests_on.1", "event-1", "updates[1].rests_on", "duplicate values"),
    ("updates.1.based_on", ["event-1"], "updates[1]", "unknown key “based_on”; allowed: commit"),
    ("updates.1.findings", ["a"], "updates[1].findings", '["a"] is not of type object'),
    ("updates.1.findings", {"1": {"result": "shown"}}, "updates[1].findings", '"1" does not meet'),
    ("updates.1.findings", {"a": "shown"}, "updates[1].findings.a", "not of type object"),
    ("updates.1.findings", {"a": {}}, "updates[1].findings.a", "missing: “result”"),
    (
        "updates.1.findings",
        {"a": {"result": "yes"}},
        "updates[1].findings.a.result",
        '"yes" is not allowed; choose one of: shown, in_part, not_shown, against',
    ),
    (
        "updates.1.findings",
        {"a": {"result": "shown", "note": "x"}},
        "updates[1].findings.a",
        "unknown key “note”; allowed: events, result",
    ),
    (
        "updates.1.findings",
        {"a": {"result": "shown", "events": ["event-1"] * 2}},
        "updates[1].findings.a.events",
        "duplicate values",
    ),
    ("updates.0.evidence.0.kind", ABSENT, "updates[0].evidence[0]", "missing: “kind”"),
    ("updates.0.evidence.0.kind", "blog", "updates[0].evidence[0].kind", "choose one of: resolut"),
    ("updates.0.evidence.0.source", 3, "updates[0].evidence[0].source", "3 is not allowed"),
    (
        "updates.0.evidence.0.title",
        " ",
        "updates[0].evidence[0].title",
        '" " does not meet the rule: One line of text, not blank, without control characters or',
    ),
    (
        "updates.0.evidence.0.title",
        "a\u202eb",
        "updates[0].evidence[0].title",
        "control characters or signs that override its direction; or such a line in each",
    ),
    (
        "updates.0.evidence.0.title",
        "a\nb",
        "updates[0].evidence[0].title",
        "does not meet the rule: One line",
    ),
    (
        "updates.0.evidence.0.title",
        "x" * 501,
        "updates[0].evidence[0].title",
        "than 500 char",
    ),
    (
        "updates.0.evidence.0.title",
        {},
        "updates[0].evidence[0].title",
        "empty: give the words in at least one language",
    ),
    (
        "updates.0.evidence.0.title",
        {"en": " "},
        "updates[0].evidence[0].title.en",
        '" " does not meet the rule: One line of text, not blank',
    ),
    (
        "updates.0.evidence.0.publisher",
        {"en": "x" * 301},
        "updates[0].evidence[0].publisher.en",
        "than 300 char",
    ),
    (
        "updates.0.evidence.0.publisher",
        {"English": "The forum"},
        "updates[0].evidence[0].publisher",
        f'"English" {TAG}',
    ),
    (
        "updates.0.evidence.0.publisher",
        ["The forum"],
        "updates[0].evidence[0].publisher",
        '["The forum"] is not of type string, object',
    ),
    (
        "updates.0.evidence.0.language",
        "English",
        "updates[0].evidence[0].language",
        f'"English" {TAG}',
    ),
    ("updates.0.evidence.0.dated_on", "2024", "updates[0].evidence[0].dated_on", DAY),
    ("updates.0.evidence.0.public", "yes", "updates[0].evidence[0].public", "not of type boolean"),
    ("updates.0.evidence.1", SOURCE, "updates[0].evidence", "the list contains duplicate values"),
    ("updates.0.evidence.0.file", "a.pdf", "updates[0].evidence[0]", "unknown key “file”; allowed"),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_SCHEMA)
def test_what_the_schema_refuses_is_reported_with_its_place(problems, path, value, place, message):
    [(found_place, found_message)] = problems((path, value))
    assert found_place == place
    assert message in found_message


EVENT = VALID["updates"][0]
UNLISTED = "is not a language of the plan; its languages: en, zh"
UNKNOWN = "no known language has the tag “qq”"
NO_EVENT_9 = "no earlier update “event-9”, in this file or in the tracker"
BY_RULE = [
    ("plan", "TOWN", "plan", "no plan “TOWN”"),
    ("updates.2.commitment", "7.7", "updates[2].commitment", "plan PLAN has no commitment “7.7”"),
    ("notice.fr", "Exemple.", "notice.fr", f"“fr” {UNLISTED}"),
    ("updates.0.summary.fr", "Réuni.", "updates[0].summary.fr", f"“fr” {UNLISTED}"),
    ("updates.2.search_note.fr", "Cherché.", "updates[2].search_note.fr", f"“fr” {UNLISTED}"),
    ("forums.0.name.qq", "x", "forums[0].name.qq", UNKNOWN),
    ("updates.0.evidence.0.title", {"qq": "x"}, "updates[0].evidence[0].title.qq", UNKNOWN),
    ("updates.0.evidence.1.publisher", {"qq": "x"}, "updates[0].evidence[1].publisher.qq", UNKNOWN),
    ("updates.0.forums.2", "BRIX", "updates[0].forums[2]", "no forum “BRIX”"),
    ("forums.0.parent", "BRIX", "forums[0].parent", "no forum “BRIX”"),
    ("forums.0.parent", "LEAGUE", "forums[0].parent", "the forum leads back to itself"),
    (
        "forums.1",
        VALID["forums"][0],
        "forums[1].code",
        "LEAGUE is already used by item 1 of forums",
    ),
    (
        "updates.3",
        {**EVENT, "external_ref": "status-2"},
        "updates[3].external_ref",
        "status-2 is already used by item 3 of updates",
    ),
    ("updates.1.rests_on.1", "event-9", "updates[1].rests_on[1]", NO_EVENT_9),
    (
        "updates.1.findings",
        {"a": {"result": "shown", "events": ["event-1", "event-9"]}},
        "updates[1].findings.a.events[1]",
        NO_EVENT_9,
    ),
    (
        "updates.1.rests_on.0",
        "status-2",
        "updates[1].rests_on[0]",
        "no earlier update “status-2”, in this file or in the tracker",
    ),
    (
        "updates.1.rests_on.0",
        "status-1",
        "updates[1].rests_on[0]",
        "no earlier update “status-1”, in this file or in the tracker",
    ),
    (
        "updates.2.rests_on",
        ["event-1"],
        "updates[2].rests_on[0]",
        "“event-1” is about another commitment",
    ),
    (
        "updates.2.findings",
        {"a": {"result": "shown", "events": ["event-1"]}},
        "updates[2].findings.a.events[0]",
        "“event-1” is about another commitment",
    ),
    (
        "updates.0.corrects",
        "status-1",
        "updates[0].corrects",
        "no earlier update “status-1”, in this file or in the tracker",
    ),
    (
        "updates.0.corrects",
        "event-1",
        "updates[0].corrects",
        "no earlier update “event-1”, in this file or in the tracker",
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), BY_RULE)
def test_what_breaks_a_rule_is_reported_with_its_place(problems, path, value, place, message):
    assert problems((path, value)) == [(place, message)]


def test_an_event_of_the_tracker_is_earlier_too(read, duty, reporter):
    steps.draft(duty, reporter, external_ref="event-9")
    read(edited(VALID, ("updates.1.rests_on.1", "event-9")))


def test_an_event_of_the_tracker_on_another_commitment_is_refused(problems, deliverable, reporter):
    steps.draft(deliverable, reporter, external_ref="event-9")
    assert problems(("updates.1.rests_on.1", "event-9")) == [
        ("updates[1].rests_on[1]", "“event-9” is about another commitment")
    ]


def test_every_error_of_a_file_is_listed_at_once(problems):
    found = problems(
        ("updates.2.commitment", "7.7"),
        ("updates.0.forums.2", "BRIX"),
        ("updates.1.rests_on.0", "event-9"),
        ("updates.2.external_ref", "event-1"),
    )
    assert [place for place, _message in found] == [
        "updates[0].forums[2]",
        "updates[1].rests_on[0]",
        "updates[2].external_ref",
        "updates[2].commitment",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("format: [1", "is not YAML", id="no YAML"),
        pytest.param(b"\xffformat: 1", r"is not UTF-8 \(byte 0\)", id="not UTF-8"),
    ],
)
def test_what_is_no_yaml_is_refused(read, content, message):
    with pytest.raises(UpdateFileError, match=message):
        read(content)


def test_a_key_given_twice_is_one_error_among_others(read):
    with pytest.raises(UpdateFileError) as refusal:
        read("format: 1\nformat: 1")
    assert [str(problem) for problem in refusal.value.problems] == [
        "updates.yaml:1:1: missing: “plan”, “updates”",
        "updates.yaml:2:1: the key “format” occurs twice",
    ]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UpdateFileError, match="No such file"):
        update_file.read_update_file(str(tmp_path / "none.yaml"))


def test_the_documentation_names_every_key():
    schema = schema_documents()["updates.schema.json"]
    text = Path("docs/plan-file.md").read_text(encoding="utf-8")
    text = text[text.index("# Update files") :]
    keys = {*schema["properties"]}
    for part in ("update", "finding", "evidence"):
        keys |= {*schema["$defs"][part]["properties"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
