"""Nothing is ignored and nothing is guessed: what the API does not understand is refused with a
problem detail (RFC 9457) that names it; no request makes it fail, and no answer is HTML."""

import base64
import gzip
import json
import re

import pytest
import time_machine
from rest_framework.test import APIClient

from commitments.models import ProgressUpdate
from tests import steps
from tests.api.problem_details import problem
from tests.factories import GoalFactory

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def client(duty):
    """An anonymous caller whom a failing server answers, as in use, with 500."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def writer(client, reporter):
    client.force_authenticate(reporter)
    return client


def cursor(text):
    return base64.b64encode(text.encode()).decode()


# Queries. The last parameter of each is the one that is refused.

QUERIES = """
commitments/?colour=red             commitments/?Status=active           commitments/?format=pdf
commitments/?status=brilliant       commitments/?status=                 commitments/?cursor=x
commitments/?status=active&status=  commitments/?kind=promise            commitments/?freshness=old
commitments/?schedule=late          commitments/?plan=plan               commitments/?plan=NOPE
commitments/?forum=NOPE             commitments/?office=NOPE             commitments/?goal=99
commitments/?goal=one               commitments/?serves=99               commitments/?area=99
commitments/?evidence_level_min=4   commitments/?evidence_level_min=-1   commitments/?q=
commitments/?evidence_level_min=1&evidence_level_min=2                   commitments/?q=a&q=b
commitments/?q=%00                  commitments/?ordering=title          commitments/?ordering=
commitments/?ordering=number&ordering=status                             commitments/?as_of=today
commitments/?as_of=01/06/2026     commitments/?as_of=2026-02-30     commitments/?as_of=2026-07-02
commitments/?as_of=2026-06-01&as_of=2026-06-02                   commitments/?known_at=2026-06-30
commitments/?known_at=2026-06-30T12:00:00      commitments/?known_at=2026-07-01T04:00:00.000001Z
commitments/?known_at=9999-12-31T23:59:59-14:00             commitments/?changed_since=2026-06-30
commitments/?page_size=0            commitments/?page_size=201           commitments/?page_size=abc
commitments/?page_size=             commitments/?page_size=%D9%A3        commitments/?page=99999
commitments/?page_size=1&page_size=2     commitments/?page=0             commitments/?page=two
commitments/PLAN-1.1/?status=active commitments/PLAN-1.1/?as_of=2026-07-02
commitments/PLAN-1.1/?page_size=10  updates/?cursor=zzz                  updates/?cursor=%FF
updates/?page=1                     updates/?page_size=201               updates/?state=secret
updates/?status=brilliant           updates/?commitment=PLAN             updates/?commitment=PLAN-9
updates/?commitment=PLAN-1.1&commitment=NOPE-1                           updates/?freshness=current
updates/?ordering=id                updates/?changed_since=now
updates/?known_at=2026-08-01T00:00:00Z                                   plans/?plan=PLAN
plans/?page_size=201                plans/PLAN/?x=1                      goals/?plan=NOPE
areas/?plan=NOPE                    forums/?kind=club                    forums/?plan=NOPE
offices/?plan=PLAN                  milestones/?commitment=NOPE-1        status/?group_by=colour
status/?group_by=                   status/?group_by=kind&group_by=forum status/?ordering=number
status/?page_size=10                status/?status=brilliant             status/?as_of=2026-07-02
updates/?cursor=                    commitments/?ordering=,              commitments/?page=
commitments/?page=1&page=1          commitments/?page=last               schema/?x=1
commitments/?plan=%00               commitments/?ordering=number,        updates/?status=unassessed
codes/?language=zh                  ledger/head/?x                       ?x=1
ledger/proof/?seq=none              ledger/consistency/?from=-1
commitments/?as_of=2026-6-1         status/?as_of=%D9%A2026-06-01    updates/?as_of=2026-06-01%0A
""".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "query", [*QUERIES, f"updates/?cursor={cursor('p=abc')}", f"updates/?cursor={cursor('p=%00')}"]
)
def test_a_query_that_is_not_understood_is_refused_by_the_name_of_its_parameter(client, query):
    errors = problem(client.get(f"/api/v1/{query}"), 400)["errors"]
    last = re.search(r"[?&](\w+)(=[^&]*)?$", query)[1]
    assert {error["parameter"] for error in errors} == {last}
    assert all(error["detail"] for error in errors)


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        (
            "commitments/?x=1",
            "acted_since active_at area as_of changed_since coverage criterion due_after "
            "due_before event_type "
            "evidence_level_min fields "
            "format forum freshness goal kind known_at office ordering page page_size plan q "
            "schedule serves status tone",
        ),
        (
            "updates/?x=1",
            "as_of author_office changed_since commitment cursor effective_from effective_to "
            "event_type external_ref fields format forum goal known_at office page_size plan q "
            "state status",
        ),
        ("commitments/?kind=x", "deliverable standing"),
        ("commitments/?freshness=x", "current due lapsed settled"),
        ("commitments/?schedule=x", "none on_schedule overdue"),
        ("commitments/?plan=x", "PLAN"),
        ("commitments/?forum=x", "FORUM none"),
        ("commitments/?office=x", "OFFICE none"),
        ("commitments/?goal=x", "6 none"),
        ("commitments/?evidence_level_min=x", "0 1 2 3"),
        (
            "commitments/?ordering=x",
            "-due_on -effective_on -last_action -number -status due_on effective_on last_action "
            "number status",
        ),
        ("updates/?state=x", "discarded draft published retracted returned submitted superseded"),
        ("status/?group_by=x", "area forum goal kind office"),
        ("status/?group_by=goal", "PLAN"),
    ],
)
def test_a_refusal_says_what_is_allowed(client, plan, forum, office, query, allowed):
    GoalFactory(plan=plan, number=6)
    [error] = problem(client.get(f"/api/v1/{query}"), 400)["errors"]
    assert sorted(str(value) for value in error["allowed"]) == allowed.split()


@pytest.mark.parametrize(
    "query",
    [
        "updates/?as_of=0001-01-01",
        "commitments/?changed_since=0001-01-01T00:00:00Z",
        "commitments/?as_of=0001-01-01",
        "commitments/PLAN-1.1/?as_of=0001-01-01",
        "status/?as_of=0001-01-01",
        "commitments/?known_at=0001-01-01T00:00:00Z",
        "commitments/?known_at=0001-01-01T00:00:00%2B14:00",
        "commitments/?changed_since=0001-01-01T00:00:00%2B14:00",
        "updates/?changed_since=9999-12-31T23:59:59-14:00",
    ],
)
def test_a_day_at_either_end_of_the_calendar_is_read_or_refused(client, query):
    answer = client.get(f"/api/v1/{query}")
    assert answer.status_code in (200, 400)


def test_every_bad_parameter_is_named_at_once(client):
    errors = problem(client.get("/api/v1/commitments/?status=x&kind=y&as_of=z"), 400)["errors"]
    assert sorted(error["parameter"] for error in errors) == ["as_of", "kind", "status"]


@pytest.mark.long
def test_the_future_begins_when_the_day_ends_in_the_plans_time_zone(client):
    with time_machine.travel("2026-07-01T15:59:59Z", tick=False):
        problem(client.get("/api/v1/commitments/?plan=PLAN&as_of=2026-07-02"), 400)
    with time_machine.travel("2026-07-01T16:00:00Z", tick=False):
        answer = client.get("/api/v1/commitments/?plan=PLAN&as_of=2026-07-02")
    assert answer.status_code == 200


# Bodies. Each is JSON text; `…` stands for the members of a good draft.

GOOD = '"commitment": "PLAN-1.1", "effective_on": "2026-07-01", "summary": {"en": "A meeting."}'
SOURCE = '"title": "T", "kind": "report", "source": "independent"'

# Each row: what is added to a good draft, and the pointer to it in the refusal.
MEMBERS = [
    ('"colour": "red"', "#/colour"),
    ('"state": "published"', "#/state"),
    ('"author": 1', "#/author"),
    ('"publisher": 1', "#/publisher"),
    ('"id": 1', "#/id"),
    ('"a/b~c": 1', "#/a~1b~0c"),
    ('"a%62": 1', "#/a%2562"),
    ('"页 1": 1', "#/%E9%A1%B5%201"),
    ('"status": "brilliant"', "#/status"),
    ('"status": "unassessed"', "#/status"),
    ('"status": "completed"', "#/status"),
    ('"status": 1', "#/status"),
    ('"status": {}', "#/status"),
    ('"status": ["active"]', "#/status"),
    ('"status": ""', "#/status"),
    ('"date_precision": "hour"', "#/date_precision"),
    ('"date_precision": null', "#/date_precision"),
    ('"search_note": ["text"]', "#/search_note"),
    ('"search_note": {"english": "text"}', "#/search_note"),
    ('"search_note": {"fr": "texte"}', "#/search_note"),
    ('"search_note": {"en": 1}', "#/search_note"),
    ('"search_note": {"en": "a\\u0000b"}', "#/search_note"),
    ('"search_note": null', "#/search_note"),
    ('"forums": "FORUM"', "#/forums"),
    ('"forums": ["NOPE"]', "#/forums/0"),
    ('"forums": ["a\\u0000b"]', "#/forums/0"),
    ('"forums": [{}]', "#/forums/0"),
    ('"forums": null', "#/forums"),
    ('"forums": {}', "#/forums"),
    ('"external_ref": ""', "#/external_ref"),
    ('"external_ref": []', "#/external_ref"),
    ('"external_ref": true', "#/external_ref"),
    ('"external_ref": "a\\u0000b"', "#/external_ref"),
    (f'"external_ref": "{"x" * 201}"', "#/external_ref"),
    ('"external_ref": 5', "#/external_ref"),
    ('"external_ref": 1e400', "#/external_ref"),
    ('"corrects": "abc"', "#/corrects"),
    ('"corrects": {}', "#/corrects"),
    ('"corrects": true', "#/corrects"),
    ('"corrects": 999999999', "#/corrects"),
    ('"corrects": -1', "#/corrects"),
    ('"corrects": 99999999999999999999999999', "#/corrects"),
    ('"corrects": ""', "#/corrects"),
    ('"corrects": 1e400', "#/corrects"),
    ('"evidence": {}', "#/evidence"),
    ('"evidence": [1]', "#/evidence/0"),
    (f'"evidence": [{{{SOURCE}, "url": "javascript:alert(1)"}}]', "#/evidence/0/url"),
    (f'"evidence": [{{{SOURCE}, "url": "ftp://example.org/"}}]', "#/evidence/0/url"),
    (f'"evidence": [{{{SOURCE}, "citation": "C", "public": "perhaps"}}]', "#/evidence/0/public"),
    (f'"evidence": [{{{SOURCE}, "citation": "C", "public": null}}]', "#/evidence/0/public"),
    (f'"evidence": [{{{SOURCE}, "citation": "C", "language": "qq"}}]', "#/evidence/0/language"),
    *(
        (
            f'"evidence": [{{{SOURCE}, "citation": "C", "dated_on": "{day}"}}]',
            "#/evidence/0/dated_on",
        )
        for day in ("May", "٢٠٢٦-٠٦-٣٠", "20260630", "2026-W26-2", "2026-06-30\\n")
    ),
    (
        f'"evidence": [{{{SOURCE}, "citation": "C", "archived_url": ""}}]',
        "#/evidence/0/archived_url",
    ),
    (f'"evidence": [{{{SOURCE}, "citation": "C", "public": "no"}}]', "#/evidence/0/public"),
    (f'"evidence": [{{{SOURCE}}}]', "#/evidence/0"),
    (f'"evidence": [{{{SOURCE}, "citation": "C", "url": "https://e.org/"}}]', "#/evidence/0"),
]


def post(client, text, content_type="application/json"):
    return client.generic("POST", "/api/v1/updates/", text, content_type=content_type)


@pytest.mark.parametrize(("member", "pointer"), MEMBERS)
def test_a_member_that_is_not_understood_is_refused_with_a_pointer_to_it(writer, member, pointer):
    answer = post(writer, f"{{{GOOD}, {member}}}")
    assert [error["pointer"] for error in problem(answer, 400)["errors"]] == [pointer]
    assert ProgressUpdate.objects.count() == 0


def test_a_number_that_is_no_id_corrects_nothing(writer, duty, reporter, reviewer):
    first = steps.published(duty, reporter, reviewer)
    problem(post(writer, f'{{{GOOD}, "corrects": {first.pk}.5}}'), 400)


def test_a_draft_without_its_required_members_is_refused_with_a_pointer_to_each(writer):
    errors = problem(post(writer, "{}"), 400)["errors"]
    assert [error["pointer"] for error in errors] == ["#/commitment", "#/effective_on"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name)
        for name, text in {
            "empty": "",
            "no JSON": "commitment=PLAN-1.1",
            "a list": "[]",
            "null": "null",
            "a string": '"x"',
            "a number": "1",
            "a key twice": f'{{{GOOD}, "commitment": "PLAN-1.1"}}',
            "a nested key twice": f'{{{GOOD}, "search_note": {{"en": "a", "en": "b"}}}}',
            "NaN": f'{{{GOOD}, "external_ref": NaN}}',
            "Infinity": f'{{{GOOD}, "corrects": -Infinity}}',
            "a lone surrogate": f'{{{GOOD}, "external_ref": "\\ud800"}}',
            "a lone surrogate as key": f'{{{GOOD}, "\\udfff": 1}}',
            "lists 20,000 deep": "[" * 20_000 + "]" * 20_000,
            "objects 20,000 deep": '{"a":' * 20_000 + "1" + "}" * 20_000,
            "a deep member": f'{{{GOOD}, "evidence": {"[" * 20_000}{"]" * 20_000}}}',
            "a number of 5,000 digits": f'{{{GOOD}, "corrects": {"9" * 5_000}}}',
            "Latin-1": f'{{{GOOD}, "external_ref": "\xe9"}}'.encode("latin-1"),
            "UTF-16": f"{{{GOOD}}}".encode("utf-16"),
            "a byte order mark": b"\xef\xbb\xbf" + f"{{{GOOD}}}".encode(),
            "two values": f"{{{GOOD}}} {{}}",
            "a text of 20,001 characters": f'{{{GOOD}, "search_note": {{"en": "{"x" * 20_001}"}}}}',
        }.items()
    ],
)
def test_a_body_that_is_no_plain_json_object_is_refused(writer, text):
    problem(post(writer, text), 400)
    assert ProgressUpdate.objects.count() == 0


def test_a_body_of_three_megabytes_is_refused(writer):
    found = problem(post(writer, f"{{{GOOD}{' ' * 3_000_000}}}"), 413)
    assert (
        found["detail"]
        == "The request is too large: at most 2.5 MB is allowed, not counting files."
    )
    assert ProgressUpdate.objects.count() == 0


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "///"],
)
def test_a_body_of_another_type_is_refused(writer, content_type):
    problem(post(writer, f"{{{GOOD}}}", content_type), 415)


def test_a_body_in_another_coding_is_refused_as_that(writer):
    coded = {"content_type": "application/json", "headers": {"Content-Encoding": "gzip"}}
    for body in (gzip.compress(f"{{{GOOD}}}".encode()), f"{{{GOOD}}}"):
        answer = writer.generic("POST", "/api/v1/updates/", body, **coded)
        assert "Content-Encoding" in problem(answer, 415)["detail"]
    assert ProgressUpdate.objects.count() == 0


# Addresses, methods, headers


UNKNOWN = """
nothing/ updates/abc/ updates/99999999999999999999/ plans/NOPE/ plans/%FF/ goals/1/
commitments/PLAN-9.9/ commitments/PLAN/ forums/NOPE/ updates/999999/ evidence/999999/
updates/1/approve/
""".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "path",
    [
        *UNKNOWN,
        "plans/%00/",
        "commitments/PLAN-%00/",
    ],
)
def test_an_unknown_address_is_a_problem_detail(client, path):
    problem(client.get(f"/api/v1/{path}"), 404)


@pytest.mark.parametrize("path", ["plans/", "status/", "schema/", "updates/", "me/"])
def test_a_wrong_method_is_a_problem_detail(writer, path):
    answer = writer.generic("PUT", f"/api/v1/{path}", "{}", content_type="application/json")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("query", ["plan=PLAN", "unknown=1", "format=xml"])
def test_a_wrong_method_is_refused_before_its_query(client, query):
    answer = client.get(f"/api/v1/updates/publish/?{query}")
    problem(answer, 405)
    assert answer.headers["Allow"] == "POST, OPTIONS"


def test_a_wrong_method_on_the_page_of_the_schema_is_a_problem_detail(client):
    problem(client.post("/api/v1/docs/"), 405)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "image/png;q=0", "x"])
def test_there_is_json_whatever_is_asked_for(client, accept):
    for path, kind in (("plans/", "application/json"), ("plans/X/", "application/problem+json")):
        answer = client.get(f"/api/v1/{path}", headers={"Accept": accept})
        assert answer.headers["Content-Type"] == kind
        assert answer.json()


@pytest.mark.parametrize("charset", ["hex", "idna", "undefined", "utf-16"])
def test_an_address_is_read_as_utf_8_whatever_charset_is_named(served, duty, charset):
    for path in ("/api/v1/commitments/?q=%E5%8F%82%E4%B8%8E", "/en/PLAN/commitments/?q=x"):
        answer = served.get(path, content_type=f"text/plain; charset={charset}")
        assert answer.status_code == 200
    answer = served.get("/api/v1/plans/?seite=1", content_type=f"text/plain; charset={charset}")
    assert problem(answer, 400)["errors"][0]["parameter"] == "seite"


def test_a_host_that_is_not_ours_gets_a_problem_detail(client):
    problem(client.get("/api/v1/plans/", headers={"Host": "evil.example"}), 400)


@pytest.mark.parametrize(
    "header",
    ["Token", "Token a b", "Token wrong", "Token \xff"],
)
def test_a_token_that_is_none_is_refused(client, header):
    answer = client.get("/api/v1/plans/", headers={"Authorization": header})
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_errors_of_the_server_itself_are_problem_details_too(client, monkeypatch):
    monkeypatch.setattr("commitments.api.views_site.all_codes", lambda: 1 / 0)
    found = problem(client.get("/api/v1/codes/"), 500)
    assert "division" not in json.dumps(found)
