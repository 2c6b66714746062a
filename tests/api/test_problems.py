"""Every refusal has a type with a page of its own, and every error a code of a closed list."""

import ast
import itertools
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from commitments.api import handlers
from commitments.api.problem_types import ProblemType
from commitments.api.problems import TYPE_OF
from commitments.choices import ErrorCode
from commitments.files import storage
from commitments.models import Publisher
from commitments.texts.text import Text
from tests import steps
from tests.api.problem_details import problem, type_of
from tests.factories import MilestoneFactory

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

API = "/api/v1/"
UPDATES = f"{API}updates/"
DRAFT = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30"}

# The pages of the types


def test_every_type_has_a_page_at_the_address_that_names_it(client, db):
    listed = client.get(f"{API}problems/").json()["results"]
    assert [type_of(item) for item in listed] == list(ProblemType)
    for item in listed:
        assert client.get(item["type"]).json() == item


def test_a_page_says_what_the_type_means_and_what_to_do_in_every_language(client, db):
    page = client.get(f"{API}problems/stale-revision/").json()
    assert (page["type"], page["status"]) == (
        "http://testserver/api/v1/problems/stale-revision/",
        412,
    )
    for text in (page["title"], page["meaning"], page["remedy"]):
        assert list(text) == ["en", "zh-Hans"]
        assert all(text.values())
        assert text["en"] != text["zh-Hans"]


def test_there_is_no_page_of_another_type(client, db):
    assert type_of(problem(client.get(f"{API}problems/nothing/"), 404)) is ProblemType.NOT_FOUND


# The codes of errors, each by a request that gives it

BY_QUERY = {
    "required": "status/trend/?by=year",
    "blank": "commitments/?q=",
    "malformed": "commitments/?as_of=today",
    "undecodable": "commitments/?q=%FF",
    "too_long": f"commitments/?q={'+'.join('abcdefghijklmnopqrstuvwxyzabcdef')}",
    "out_of_range": "commitments/?page_size=0",
    "not_allowed": "commitments/?kind=x",
    "unknown_parameter": "commitments/?colour=red",
    "invalid_cursor": "updates/?cursor=x",
    "repeated": "commitments/?q=a&q=b",
    "not_found": "updates/?commitment=NOPE-1",
    "in_future": "commitments/?as_of=2999-01-01",
    "wrong_order": "status/compare/?plan=PLAN&from=2026-07-01&as_of=2026-06-01",
}
BY_DRAFT = {
    "unknown_key": {"state": "published"},
    "wrong_language": {"summary": {"fr": "Une réunion."}},
    "wrong_kind": {"status": "completed"},
    "assessment_only": {"covers_from": "2026-01-01"},
    "conflicting": {"evidence": [{**steps.STATEMENT, "citation": "A book."}]},
    "ambiguous": {"evidence": [{**steps.STATEMENT, "publisher": {"en": "One", "fr": "Two"}}]},
}


def codes_of(answer):
    return {error["code"] for error in problem(answer, answer.status_code).get("errors", ())}


@pytest.mark.parametrize(("code", "query"), BY_QUERY.items())
def test_an_error_of_the_query_has_its_code(client, duty, code, query):
    assert codes_of(client.get(f"{API}{query}")) == {code}


@pytest.mark.parametrize(("code", "fields"), BY_DRAFT.items())
def test_an_error_of_a_draft_has_its_code(api, reporter, duty, code, fields):
    for name in ("One", "Two"):
        Publisher.objects.create(key=name, name=Text({"en": name}))
    answer = api(reporter).post(UPDATES, DRAFT | fields, format="json")
    assert codes_of(answer) == {code}


def duplicate(world):
    twice = [DRAFT | {"external_ref": "one"}] * 2
    return world.reporter, UPDATES, twice, None


def not_permitted(world):
    return world.reporter, UPDATES, [DRAFT | {"commitment": "PLAN-1.3"}], None


def file_refused(world):
    update = steps.draft(world.duty, world.reporter)
    form = {"title": "Notes", "kind": "report", "source": "official"}
    form["file"] = steps.upload("notes.html", b"<html></html>")
    return world.reporter, f"{UPDATES}{update.pk}/files/", form, None


def wrong_reference(world):
    update = steps.published(world.duty, world.reporter, world.reviewer, evidence=[steps.STATEMENT])
    link = update.evidence.get()
    body = {"archived_url": link.url}
    return world.reviewer, f"{API}evidence/{link.pk}/archive/", body, update


def submission(world, commitment=None, **fields):
    update = steps.draft(commitment or world.duty, world.reporter, **fields)
    return world.reporter, f"{UPDATES}{update.pk}/submit/", {}, update


def evidence_needed(world):
    return submission(world, evidence=[], event_type="participation")


def before_plan(world):
    world.duty.plan.adopted_on = date(2026, 1, 1)
    world.duty.plan.save()
    return submission(world, effective_on=date(2025, 1, 1))


def event_needed(world):
    return submission(world, status="active", event_type=None)


def not_supported(world):
    return submission(world, world.deliverable, status="not_achieved")


def not_published(world):
    event = steps.draft(world.duty, world.reporter)
    return submission(world, status="partly_active", rests_on=[event.pk])


def dropped(world):
    milestone = MilestoneFactory(commitment=world.deliverable, retired_at=steps.NOW)
    return submission(world, world.deliverable, meets=[milestone.key])


def rating_needed(world):
    world.duty.plan.second_rating = "blind"
    world.duty.plan.save()
    update = steps.submitted(world.duty, world.reporter, status="active")
    return world.reviewer, f"{API}updates/{update.pk}/publish/", {}, update


def file_missing(world):
    update = steps.submitted(world.duty, world.reporter, evidence=[steps.file_evidence()])
    storage.evidence_storage().delete(update.evidence.get().file.name)
    return world.reviewer, f"{API}updates/{update.pk}/publish/", {}, update


BY_WORKFLOW = [
    duplicate,
    not_permitted,
    file_refused,
    wrong_reference,
    evidence_needed,
    before_plan,
    event_needed,
    not_supported,
    not_published,
    dropped,
    rating_needed,
    file_missing,
]


class World:
    def __init__(self, **rows):
        self.__dict__ |= rows


@pytest.fixture
def world(duty, deliverable, office_duty, reporter, reviewer):
    return World(duty=duty, deliverable=deliverable, reporter=reporter, reviewer=reviewer)


@pytest.mark.parametrize("make", BY_WORKFLOW)
def test_an_error_of_the_workflow_has_its_code(api, world, make):
    caller, path, body, update = make(world)
    shape = "multipart" if make is file_refused else "json"
    headers = {"If-Match": f'"{update.revision}"'} if update else {}
    answer = api(caller).post(path, body, format=shape, headers=headers)
    assert codes_of(answer) == {make.__name__}


# What one of several updates is refused for.
BY_LIST = {"stale": 1, "not_possible": 2}


@pytest.mark.parametrize(("code", "revision"), BY_LIST.items())
def test_an_error_of_one_of_several_has_its_code(api, world, code, revision):
    update = steps.submitted(world.duty, world.reporter)
    sent = [{"id": update.pk, "revision": revision}]
    answer = api(world.reporter).post(f"{API}updates/submit/", sent, format="json")
    assert [error["code"] for error in answer.json()["errors"]] == [code]


def test_no_code_of_the_list_is_one_that_nothing_gives():
    given = {*BY_QUERY, *BY_DRAFT, *BY_LIST, *(make.__name__ for make in BY_WORKFLOW)}
    assert given == {*ErrorCode.values()}


def test_whatever_the_workflow_refuses_over_the_api_has_a_code():
    """Erasures are asked for in the admin only."""
    code = Path(settings.BASE_DIR) / "commitments"
    files = [*code.glob("workflow/*.py"), code / "access" / "tokens.py"]
    without = [
        f"{path.name}:{call.lineno}"
        for path in files
        if path.name != "erasure.py"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Problem"
        if len(call.args) < 3
    ]
    assert without == []


def test_a_missing_note_is_an_error_of_the_data(api, duty, reporter, reviewer):
    update = steps.submitted(duty, reporter)
    headers = {"If-Match": f'"{update.revision}"'}
    answer = api(reviewer).post(f"{UPDATES}{update.pk}/return/", {}, format="json", headers=headers)
    [error] = problem(answer, 400)["errors"]
    assert (error["pointer"], error["code"]) == ("#/note", "required")


def test_every_error_of_every_item_of_a_list_is_named_at_once(api, duty, reporter):
    bad = [
        {**steps.STATEMENT, "kind": "rumour", "colour": "red", "dated_on": "May"},
        steps.REPORT,
        {"title": ""},
    ]
    answer = api(reporter).post(
        UPDATES, DRAFT | {"evidence": bad, "forums": ["NOPE"]}, format="json"
    )
    found = {(error["pointer"], error["code"]) for error in problem(answer, 400)["errors"]}
    assert found == {
        ("#/evidence/0/kind", "not_allowed"),
        ("#/evidence/0/colour", "unknown_key"),
        ("#/evidence/0/dated_on", "malformed"),
        ("#/evidence/2/title", "blank"),
        ("#/evidence/2/kind", "required"),
        ("#/evidence/2/source", "required"),
        ("#/forums/0", "not_found"),
    }


@pytest.mark.parametrize(
    "body",
    [
        {"summary": 5, "forums": {}, "evidence": "none", "corrects": "x", "status": "done"},
        {"findings": [], "rests_on": [0, "x", 2**70], "external_ref": "x" * 201, "corrects": 9},
        {"evidence": [{"url": "ftp://example.org/", "public": "yes", "kind": None}, 5]},
        [5],
    ],
)
def test_sentences_are_free_of_the_words_of_libraries(api, duty, reporter, body):
    sent = DRAFT | body if isinstance(body, dict) else body
    # `problem` looks for such words.
    assert problem(api(reporter).post(UPDATES, sent, format="json"), 400)["errors"]


# Refusals of other kinds


@pytest.mark.parametrize("header", ["Digest x", "Basic cmVwb3J0", "Banana", "Token x", "Bearer"])
def test_credentials_that_are_not_understood_are_refused_and_not_ignored(client, plan, header):
    answer = client.get(f"{API}plans/", headers={"Authorization": header})
    is_token = header.split()[0] in ("Token", "Bearer")
    expected = ProblemType.INVALID_TOKEN if is_token else ProblemType.UNKNOWN_SCHEME
    assert type_of(problem(answer, 401)) is expected
    assert answer.headers["WWW-Authenticate"]


def test_an_expired_and_a_revoked_token_are_refused_alike(client, reporter, noon):
    texts = [steps.token(reporter) for _ in range(2)]
    first, second = reporter.auth_token_set.order_by("pk")
    first.delete()
    second.expiry = steps.NOW
    second.save()
    noon.shift(1)
    for text in texts:
        answer = client.get(f"{API}plans/", headers={"Authorization": f"Bearer {text}"})
        assert type_of(problem(answer, 401)) is ProblemType.INVALID_TOKEN


@pytest.mark.parametrize("part", ["q=%FF", "q=%C3", "q=%", "q=%zz", "q=a%E4b", "%FF=1"])
def test_what_cannot_be_decoded_is_refused(client, duty, part):
    found = problem(client.get(f"{API}commitments/?{part}"), 400)
    assert "undecodable" in {error["code"] for error in found["errors"]}


def test_a_cursor_of_another_list_is_refused(client, duty, reporter, reviewer):
    for _ in range(2):
        steps.published(duty, reporter, reviewer)
    steps.record_loaded(duty.plan)
    lists = ("updates/", "ledger/", "changes/", "contents/")
    cursors = {}
    for path in lists:
        address = client.get(f"{API}{path}?page_size=1").json()["next"]
        if address:
            cursors[path] = re.search(r"cursor=([^&]+)", address)[1]
    assert len(cursors) >= 3
    for path, (other, cursor) in itertools.product(lists, cursors.items()):
        answer = client.get(f"{API}{path}?cursor={cursor}")
        if path == other:
            assert answer.status_code == 200
        else:
            assert codes_of(answer) == {"invalid_cursor"}


def test_every_type_is_given_by_something():
    """By an exception of a view, or by a handler of what fails outside of views."""
    by_views = {problem_type for _exception, problem_type in TYPE_OF}
    code = Path(handlers.__file__).read_text(encoding="utf-8")
    by_handlers = {ProblemType[name] for name in re.findall(r"ProblemType\.(\w+)", code)}
    assert by_views | by_handlers == {*ProblemType}


def test_a_foreign_host_is_told_without_being_named(db):
    request = RequestFactory().get(API, headers={"Host": "elsewhere.example.org"})
    found = handlers.bad_request(request, Exception())
    assert b'"type": "/api/v1/problems/malformed-request/"' in found.content


def test_the_documentation_names_every_type_with_its_status():
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    table = text.partition("\n## Errors\n")[2].partition("\n## ")[0]
    found = {}
    for row in re.findall(r"^\| ([0-9, ]+) \| (.*) \|$", table, re.MULTILINE):
        names = re.findall(r"`([a-z-]+)`", row[1])
        found |= dict.fromkeys(set(names) & {*ProblemType.values()}, row[0].split(", "))
    assert set(found) == {*ProblemType.values()}
    for name, statuses in found.items():
        assert str(ProblemType(name).status) in statuses
