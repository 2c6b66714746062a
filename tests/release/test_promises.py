"""What programs rely on stays: each way to break the promise of a release (docs/stability.md) is
named, what may be added is not, and no release that was made is broken by the code as it is."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from commitments import __version__
from commitments.api.deprecations import DEPRECATIONS, Deprecation
from tests.release.broken import broken, retired_names
from tests.release.promised import promised, read_promised, types_of, write_promised
from tools import migrations
from tools.release import PROMISES, frozen_promises

pytestmark = pytest.mark.alike

RELEASED = sorted(migrations.RELEASED.glob(f"*{PROMISES}"))
GOALS, UPDATES = "GET /api/v1/goals/", "POST /api/v1/updates/"
SINCE, SUNSET = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def value(*types, required=False):
    return {"types": list(types), "required": required}


def operation(route, parameters, body, answers):
    return {
        "route": route,
        "parameters": parameters,
        "body": body,
        "body_required": False,
        "answers": answers,
    }


def table(*columns, foreign_keys=()):
    return {
        "columns": [list(column) for column in columns],
        "primary_key": ["id"],
        "foreign_keys": list(foreign_keys),
        "parameters": ["known_at"],
    }


BEFORE = {
    "operations": {
        GOALS: operation(
            "api:goal-list",
            {"query plan": value("string"), "query page": value("integer")},
            {},
            {"200 application/json": ["Goal"]},
        ),
        UPDATES: operation(
            "api:update-list",
            {"header Idempotency-Key": value("string")},
            {"application/json": ["UpdateRequest"]},
            {"201 application/json": ["Update"]},
        ),
    },
    "messages": {"change": ["Change"]},
    "components": {
        "Goal": {"keys": {"title": value("Text", required=True)}},
        "UpdateRequest": {"keys": {"status": value("Status"), "day": value("string date")}},
        "Status": {"codes": ["started", "stalled"]},
        "Text": {"types": ["object of string"]},
        "TextRequest": {"types": ["object of string"]},
    },
    "format_version": "1.2",
    "tables": {
        "updates": table(("id", "integer, required"), ("title_…", "string"), ("day", "date")),
        "evidence": table(
            ("id", "integer, required"),
            ("update", "integer"),
            foreign_keys=[[["update"], "updates", ["id"]]],
        ),
    },
    "exports": {"updates": ["id", "title_…"]},
    "contents": {"1": {"methodology": 2, "update_fields": ["status"], "evidence_fields": ["url"]}},
    "subjects": {"1": {"goal": ["number", "title"]}},
    "addresses": {"<language>/<plan:plan>/brief/": "pages:brief"},
}


def put(*path, to):
    """Return a change that puts something at a place."""

    def change(promises):
        *places, last = path
        for place in places:
            promises = promises[place]
        promises[last] = to

    return change


def drop(*path):
    """Return a change that takes away what is at a place."""

    def change(promises):
        *places, last = path
        for place in places:
            promises = promises[place]
        del promises[last]

    return change


def breaks(*changes, deprecations=(), at=SUNSET):
    now = deepcopy(BEFORE)
    for change in changes:
        change(now)
    return broken(BEFORE, now, retired_names(deprecations, at))


GOAL_LIST, POSTED = ("operations", GOALS), ("operations", UPDATES)
TITLE = ("components", "Goal", "keys", "title")
ROWS = ("tables", "updates", "columns")
BROKEN = [
    (drop(*GOAL_LIST), f"{GOALS} is gone"),
    (drop(*GOAL_LIST, "parameters", "query plan"), f"{GOALS}, query plan is gone"),
    (
        put(*GOAL_LIST, "parameters", "query plan", to=value("integer")),
        f"{GOALS}, query plan was string and is integer",
    ),
    (
        put(*GOAL_LIST, "parameters", "query plan", to=value("string", required=True)),
        f"{GOALS}, query plan is required now",
    ),
    (
        put(*GOAL_LIST, "parameters", "query by", to=value("string", required=True)),
        f"{GOALS}, query by is required now",
    ),
    (
        put(*GOAL_LIST, "answers", "200 application/json", to=["Aim"]),
        f"{GOALS}, answer 200 application/json was Goal and is Aim",
    ),
    (
        drop(*POSTED, "answers", "201 application/json"),
        f"{UPDATES}, answer 201 application/json is gone",
    ),
    (drop(*POSTED, "body", "application/json"), f"{UPDATES}, body application/json is gone"),
    (put(*POSTED, "body_required", to=True), f"{UPDATES} requires a body"),
    (drop("messages", "change"), "message change is gone"),
    (drop("components", "Status"), "Status is gone"),
    (put("components", "Text", to={"codes": []}), "Text is another sort of thing"),
    (drop(*TITLE), "Goal.title is gone"),
    (
        put(*TITLE, to=value("Text", "null", required=True)),
        "Goal.title was Text and is Text or null",
    ),
    (put(*TITLE, "required", to=False), "Goal.title may be missing now"),
    (drop("components", "UpdateRequest", "keys", "day"), "UpdateRequest.day is gone"),
    (
        put("components", "UpdateRequest", "keys", "day", "required", to=True),
        "UpdateRequest.day is required now",
    ),
    (
        put("components", "UpdateRequest", "keys", "plan", to=value("string", required=True)),
        "UpdateRequest.plan is required now",
    ),
    (put("components", "Status", "codes", to=["started"]), "Status.stalled is gone"),
    (
        put("components", "TextRequest", "types", to=["string"]),
        "TextRequest was object of string and is string",
    ),
    (drop("tables", "updates"), "table updates is gone"),
    (drop(*ROWS, 2), "table updates.day is gone"),
    (put(*ROWS, 2, 0, to="on"), "table updates.day is gone"),
    (put(*ROWS, 2, 1, to="datetime"), "table updates.day was date and is datetime"),
    (put(*ROWS, 0, 1, to="integer"), "table updates.id was integer, required and is integer"),
    (put("tables", "updates", "primary_key", to=["day"]), "table updates has another key"),
    (
        put("tables", "evidence", "foreign_keys", to=[]),
        "table evidence: update leads no more to updates",
    ),
    (
        put("tables", "evidence", "parameters", to=[]),
        "table evidence has no parameter known_at any more",
    ),
    (put("format_version", to="1.1"), "FORMAT_VERSION was 1.2 and is 1.1"),
    (
        put("exports", "updates", to=["id", "day"]),
        "export updates has no column title_… any more",
    ),
    (drop("exports", "updates"), "export updates has no column id any more"),
    (
        put("contents", "1", "update_fields", to=["status", "event_type"]),
        "version 1 of the canonical content is no longer what it was",
    ),
    (
        put("subjects", "1", "goal", to=["number", "title", "text"]),
        "version 1 of the canonical content of what curators maintain is no longer what it was",
    ),
    (
        drop("addresses", "<language>/<plan:plan>/brief/"),
        "address <language>/<plan:plan>/brief/ is gone",
    ),
]


@pytest.mark.parametrize(("change", "words"), BROKEN, ids=[words for _change, words in BROKEN])
def test_what_breaks_the_promise_is_named(change, words):
    assert words in breaks(change)


def columns(*rows):
    return put(*ROWS, to=[list(row) for row in rows])


ID, DAY, PLAN = ("id", "integer, required"), ("day", "date"), ("plan", "string")
TITLES = ("title_…", "string")
MISPLACED = "table updates has new columns before others, or another order"


def test_columns_stay_in_their_order_and_new_ones_come_last():
    raised = put("format_version", to="1.3")
    assert breaks(columns(ID, DAY, TITLES)) == [MISPLACED]
    assert breaks(columns(ID, TITLES, PLAN, DAY), raised) == [MISPLACED]
    assert breaks(columns(ID, TITLES, DAY, PLAN), raised) == []


def test_a_new_column_or_table_raises_the_second_number():
    words = "updates.plan: the second number of FORMAT_VERSION 1.2 must rise"
    assert breaks(columns(ID, TITLES, DAY, PLAN)) == [words]
    new = put("tables", "goals", to=table(ID))
    assert breaks(new) == ["goals.id: the second number of FORMAT_VERSION 1.2 must rise"]
    for version in ("1.3", "1.10", "2.0"):
        assert breaks(new, put("format_version", to=version)) == []


ADDED = [
    put("operations", "GET /api/v1/areas/", to=BEFORE["operations"][GOALS]),
    put(*GOAL_LIST, "parameters", "query by", to=value("string")),
    put(*GOAL_LIST, "parameters", "query plan", to=value("string", "integer")),
    put(*GOAL_LIST, "parameters", "query plan", to=value("array of string")),
    put(*GOAL_LIST, "answers", "200 text/csv", to=["string"]),
    put(*POSTED, "body", "multipart/form-data", to=["UpdateRequest"]),
    put("messages", "erasure", to=["Erasure"]),
    put("components", "Aim", to={"codes": ["far"]}),
    put("components", "Goal", "keys", "code", to=value("string", required=True)),
    put("components", "UpdateRequest", "keys", "day", to=value("string date", "null")),
    put("components", "UpdateRequest", "keys", "note", to=value("string")),
    put("components", "Status", "codes", to=["stalled", "paused", "started"]),
    put("tables", "updates", "foreign_keys", to=[[["id"], "updates", ["id"]]]),
    put("tables", "updates", "parameters", to=["as_of", "known_at"]),
    put(*ROWS, 2, 1, to="date, required"),
    put("format_version", to="1.3"),
    put("exports", "updates", to=["day", "id", "title_…"]),
    put("exports", "forums", to=["code"]),
    put("contents", "2", to=BEFORE["contents"]["1"]),
    put("subjects", "2", to={"goal": ["number", "title", "text"]}),
    put("addresses", "robots.txt", to="robots"),
    put("addresses", "<language>/<plan:plan>/brief/", to="pages:sheet"),
]


@pytest.mark.parametrize("change", ADDED)
def test_what_may_be_added_is_not_named(change):
    assert breaks(change) == []


RETIRED = [
    (drop(*GOAL_LIST), {"route": "api:goal-list"}),
    (
        drop(*GOAL_LIST, "parameters", "query plan"),
        {"route": "api:goal-list", "parameter": "plan"},
    ),
    (drop(*TITLE), {"route": "api:goal-list", "part": "Goal.title"}),
    (drop("components", "Goal"), {"route": "api:goal-list", "part": "Goal"}),
    (drop("addresses", "<language>/<plan:plan>/brief/"), {"route": "pages:brief"}),
    (
        put("components", "Status", "codes", to=["started"]),
        {"route": "api:update-list", "part": "Status.stalled"},
    ),
]


@pytest.mark.parametrize(("change", "names"), RETIRED)
def test_what_was_announced_may_go_once_its_time_is_over(change, names):
    announced = [Deprecation(since=SINCE, sunset=SUNSET, **names)]
    assert len(breaks(change)) == 1
    assert len(breaks(change, deprecations=announced, at=SINCE)) == 1
    assert breaks(change, deprecations=announced) == []


def test_a_column_that_was_announced_goes_with_a_raised_first_number():
    announced = [Deprecation("api:data-table", SINCE, SUNSET, column="updates.title_…")]
    gone, raised = columns(ID, DAY), put("format_version", to="2.0")
    words = "updates.title_…: the first number of FORMAT_VERSION 1.2 must rise"
    assert breaks(gone, deprecations=announced) == [words]
    assert breaks(gone, raised, deprecations=announced) == []
    assert breaks(gone, raised) == ["table updates.title_… is gone"]


def test_only_a_column_that_was_wrong_where_it_is_empty_now_may_be_empty():
    wrong = "status.findings_shown"
    before = BEFORE | {"tables": {"status": table(("findings_shown", "integer, required"))}}
    empty, other = (
        before | {"tables": {"status": table(("findings_shown", kind))}}
        for kind in ("integer", "string")
    )
    assert broken(before, empty) == []
    words = f"table {wrong} was integer, required and is string"
    assert broken(before, other)[0] == words


def test_an_announcement_allows_nothing_else():
    announced = [Deprecation("api:goal-list", SINCE, SUNSET, parameter="page")]
    assert len(breaks(drop(*GOAL_LIST), deprecations=announced)) == 1
    assert len(breaks(drop(*TITLE), deprecations=announced)) == 1


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"$ref": "#/components/schemas/Text"}, ["Text"]),
        ({"$ref": "#/components/schemas/NullEnum"}, ["null"]),
        ({"type": ["string", "null"], "format": "date"}, ["null", "string date"]),
        ({"type": "array", "items": {"type": "integer"}}, ["array of integer"]),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, ["integer", "string"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ["object of string"]),
        ({"type": "object", "additionalProperties": True}, ["object"]),
        ({}, ["anything"]),
    ],
)
def test_types_are_kept_in_words_without_prose(schema, types):
    assert types_of({**schema, "description": "What it means."}) == types


@pytest.fixture(scope="module")
def now():
    return promised()


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_no_promise_of_a_release_is_broken(path, now):
    assert broken(read_promised(path), now, retired_names(DEPRECATIONS, timezone.now())) == []


def test_what_is_promised_is_read_as_it_was_written(now, tmp_path):
    path = tmp_path / f"now{PROMISES}"
    write_promised(path)
    assert read_promised(path) == json.loads(json.dumps(now))
    assert broken(read_promised(path), now) == []


def test_what_is_promised_is_all_that_programs_see(now):
    assert now["operations"]["GET /api/v1/goals/"]["route"] == "api:goal-list"
    assert now["operations"]["POST /api/v1/updates/"]["body_required"]
    assert now["components"]["Plan"]["keys"]["second_rating"]["types"] == ["PlanSecondRating"]
    assert "draft" in now["components"]["PlanVisibility"]["codes"]
    assert ["title_…", "string"] in now["tables"]["commitments"]["columns"]
    assert now["messages"] == {"change": ["WebhookMessage"]}
    assert "text_…" in now["exports"]["commitments"]
    assert "summary" in now["contents"]["1"]["update_fields"]
    assert now["subjects"]["1"]["goal"] == ["number", "title", "text"]
    assert now["addresses"]["<language>/<plan:plan>/grid.svg"] == "pages:grid-svg"
    badge = "embed/<str:language>/<plan:plan>/badge.svg"
    assert now["addresses"][badge] == "embed:plan-badge"
    assert not [address for address in now["addresses"] if "api/" in address or "admin" in address]


def test_what_is_kept_of_this_version_is_what_it_promises(now):
    """Until it has a tag, `make freeze` keeps it anew; afterwards the version has to rise."""
    kept = frozen_promises(__version__)
    assert not kept.exists() or read_promised(kept) == json.loads(json.dumps(now))
