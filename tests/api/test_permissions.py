"""Who gets which answer: every address of the API, by every method, for every persona.

The world: a published plan with one commitment that an office leads. `reporter` (the author) and
`colleague` are members of that office, `other_reporter` is not; `reviewer` returned or published
the update. Requests carry a token, a valid body and the ETag that the update has.
"""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

from commitments.choices import Action, Role, State
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import AccessToken
from tests import steps
from tests.examples import some
from tests.factories import MeetingFactory

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

PERSONAS = [
    "anonymous",
    "visitor",
    "reporter",
    "other_reporter",
    "colleague",
    "reviewer",
    "curator",
    "administrator",
]
DECIDE = ("reviewer", "curator", "administrator")
METHODS = ["GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]

FILE_FACTS = {"title": "Notes", "kind": "report", "source": "official"}

TABLE = Path(__file__).parents[1] / "data" / "permissions.txt"
ROWS = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def is_granted(row):
    """Return whether a row grants something to somebody."""
    return any(code.startswith("2") for code in row[3:])


# A quick run asks for what somebody is granted, and of a published update also for what nobody is.
# Of those who decide, and of the others, it has one for each answer.
PARTS = [
    pytest.param(
        state,
        granted,
        marks=() if granted or state == "published" else pytest.mark.long,
        id=f"{state} {'granted' if granted else 'granted to nobody'}",
    )
    for state, granted in dict.fromkeys((row[0], is_granted(row)) for row in ROWS)
]


@pytest.fixture
def people(visitor, reporter, other_reporter, colleague, reviewer, curator, administrator, office):
    office.members.add(reporter)
    everyone = (visitor, reporter, other_reporter, colleague, reviewer, curator, administrator)
    return dict(zip(PERSONAS[1:], everyone, strict=True))


def update_in(state, commitment, reporter, reviewer):
    """An update that assessments a status, with evidence of every sort."""
    pieces = (steps.REPORT, steps.INTERNAL, steps.file_evidence(), steps.RESOLUTION)
    story = {"status": "active", "evidence": pieces}
    if state == State.DISCARDED:
        draft = steps.draft(commitment, reporter, **story)
        return steps.perform(draft, Action.DISCARD, reporter)
    if state == State.SUPERSEDED:
        first = steps.published(commitment, reporter, reviewer, **story)
        steps.published(commitment, reporter, reviewer, corrects=first, **story)
        return first
    make = getattr(steps, state)
    people = (reporter,) if state in (State.DRAFT, State.SUBMITTED) else (reporter, reviewer)
    return make(commitment, *people, **story)


def body_of(method, path, state):
    if method == "POST" and path == "/updates/":
        commitment = {"office": "PLAN-1.3", "no_office": "PLAN-1.1"}[state]
        return {
            "commitment": commitment,
            "effective_on": "2026-07-01",
            "summary": {"en": "A meeting was held."},
        }
    if path in ("/updates/submit/", "/updates/return/", "/updates/publish/"):
        # Of an item that is refused the answer says so itself.
        return [{"id": 1, "revision": 1}]
    if path == "/updates/{update}/evidence/":
        return steps.STATEMENT
    if path == "/updates/{update}/files/":
        return {**FILE_FACTS, "file": steps.upload("notes.txt", b"Notes of the meeting.")}
    if path.endswith("/archive/"):
        return {"archived_url": "https://archive.example.org/1"}
    if path.startswith("/evidence/"):
        return {"title": "A better title"}
    if path == "/updates/{update}/":
        return {"summary": {"en": "A longer meeting was held."}}
    if path == "/updates/{update}/rate/":
        return {"status": "active"}
    return {"note": "Because."} if path.startswith("/updates/{update}/") else {}


def answer(client, method, address, body):
    """The status of one request, whose effects are undone."""
    shape = "multipart" if "file" in (body or ()) else "json"
    with transaction.atomic():
        response = getattr(client, method.lower())(address, data=body, format=shape)
        if response.streaming:
            list(response)  # read to its end, a file is closed
        transaction.set_rollback(True)
    return str(response.status_code)


def kind_of_cell(cell):
    name, _client, expected = cell
    return name in DECIDE, expected


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize(("state", "granted"), PARTS)
def test_each_persona_gets_the_answer_that_the_table_says(
    people, office_duty, duty, forum, state, granted, ledger_key
):
    made = State(state) if state in State.values() else State.PUBLISHED
    update = update_in(made, office_duty, people["reporter"], people["reviewer"])
    evidence = [item.pk for item in update.evidence.order_by("pk")]
    names = {"plan": "PLAN", "forum": "FORUM", "office": "OFFICE", "commitment": "PLAN-1.3"}
    names |= dict(zip(["evidence", "internal", "file", "link"], evidence, strict=True))
    names |= {"meeting": MeetingFactory(forum=forum, public=True).pk}
    names |= {"update": update.pk, "subject": "plan", "tile": "0/000.p/1"}
    names |= {"table": "updates", "quarter": "2020-Q1", "problem": "not-found"}
    steps.record_loaded(office_duty.plan)
    sign_checkpoint(ledger_key, steps.NOW)
    update.refresh_from_db()
    clients = []
    for name in PERSONAS:
        client = APIClient(headers={"If-Match": f'"{update.revision}"'})
        if name in people:
            client.credentials(HTTP_AUTHORIZATION=f"Token {steps.token(people[name])}")
        clients.append(client)
    names["token"] = AccessToken.objects.get(user=people["reporter"]).pk
    rows = [row for row in ROWS if (row[0], is_granted(row)) == (state, granted)]
    wrong = []
    for _state, methods, path, *expected in rows:
        address = "/api/v1" + path.format(**names)
        for method in methods.split(","):
            for name, client, code in some(
                [*zip(PERSONAS, clients, expected, strict=True)], kind_of_cell
            ):
                body = None if method == "GET" else body_of(method, path, state)
                got = answer(client, method, address, body)
                if got != code:
                    wrong.append(f"{method} {path}, {name}: {got}, not {code}")
    assert wrong == []


def routes(patterns=None, prefix=""):
    """Every address of the URL configuration, with `{}` for each parameter."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        here = prefix + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "{}", str(entry.pattern).strip("^$"))
        if isinstance(entry, URLPattern):
            yield "/" + here.replace("^", "").replace("$", "")
        else:
            yield from routes(entry.url_patterns, here)


def in_the_table():
    found = {}
    for _state, methods, path, *_expected in ROWS:
        template = "/api/v1" + re.sub(r"\{\w+\}", "{}", path)
        found.setdefault(template, set()).update(methods.split(","))
    return found


def test_every_route_of_the_api_is_in_the_table():
    ours = {route for route in routes() if route.startswith("/api/")}
    assert len(ours) > 25
    assert ours == set(in_the_table())


def test_every_route_is_asked_by_every_method():
    assert {path: set(METHODS) - methods for path, methods in in_the_table().items()} == {
        path: set() for path in in_the_table()
    }


def test_a_returned_update_is_hidden_from_a_reviewer_who_did_not_return_it(
    api, duty, reporter, reviewer, other_reviewer
):
    update = steps.returned(duty, reporter, reviewer)
    assert api(reviewer).get(f"/api/v1/updates/{update.pk}/").status_code == 200
    assert api(other_reviewer).get(f"/api/v1/updates/{update.pk}/").status_code == 404


@pytest.mark.parametrize("author", ["all_rounder", "administrator"])
def test_nobody_publishes_or_returns_their_own_update_whatever_roles_they_hold(
    api, duty, request, author
):
    client = api(request.getfixturevalue(author))
    body = {
        "commitment": "PLAN-1.1",
        "effective_on": "2026-07-01",
        "event_type": "statement",
        "summary": {"en": "A meeting."},
        "evidence": [steps.REPORT],
    }
    made = client.post("/api/v1/updates/", body, format="json")
    address = made.headers["Location"]
    sent = client.post(f"{address}submit/", headers={"If-Match": made.headers["ETag"]})
    for action in ("publish", "return"):
        headers = {"If-Match": sent.headers["ETag"]}
        answer = client.post(f"{address}{action}/", {"note": "x"}, format="json", headers=headers)
        assert (sent.status_code, answer.status_code) == (200, 403)
    assert client.get(address).json()["state"] == "submitted"


def test_an_editor_who_is_a_reviewer_too_cannot_publish_what_they_edited(
    api, office, office_duty, reporter, all_rounder
):
    office.members.add(reporter, all_rounder)
    update = steps.draft(office_duty, reporter)
    client = api(all_rounder)
    address = f"/api/v1/updates/{update.pk}/"
    edited = client.patch(
        address, {"search_note": {"en": "x"}}, format="json", headers={"If-Match": '"1"'}
    )
    submitted = client.post(f"{address}submit/", headers={"If-Match": edited.headers["ETag"]})
    published = client.post(f"{address}publish/", headers={"If-Match": submitted.headers["ETag"]})
    assert (edited.status_code, submitted.status_code, published.status_code) == (200, 200, 403)


@pytest.mark.long
def test_the_list_of_updates_holds_what_its_reader_may_see_and_no_more(api, people, office_duty):
    steps.draft(office_duty, people["reporter"])
    steps.submitted(office_duty, people["reporter"])
    steps.published(office_duty, people["reporter"], people["reviewer"])
    states = {
        name: [
            row["state"] for row in api(people.get(name)).get("/api/v1/updates/").json()["results"]
        ]
        for name in PERSONAS
    }
    everything = ["published", "submitted", "draft"]
    assert states == {
        "anonymous": ["published"],
        "visitor": ["published"],
        "reporter": everything,
        "other_reporter": ["published"],
        "colleague": everything,
        "reviewer": ["published", "submitted"],
        "curator": everything,
        "administrator": everything,
    }


ACTIONS = ("submit", "recall", "discard", "return", "publish", "retract")


@pytest.mark.long
@pytest.mark.parametrize("state", State.values())
def test_an_update_offers_each_persona_the_actions_that_the_table_allows_them(
    api, people, office_duty, state
):
    update = update_in(State(state), office_duty, people["reporter"], people["reviewer"])
    allowed = {name: set() for name in PERSONAS}
    for _state, methods, path, *expected in [row for row in ROWS if row[0] == state]:
        action = "write" if methods == "PATCH" else path.removesuffix("/").rpartition("/")[2]
        if path.startswith("/updates/{update}/") and action in ("write", *ACTIONS):
            for name, status in zip(PERSONAS, expected, strict=True):
                allowed[name] |= {action} if status == "200" else set()
    for name in PERSONAS:
        answer = api(people.get(name)).get(f"/api/v1/updates/{update.pk}/")
        if answer.status_code == 200:
            offered = set(answer.json()["allowed_actions"]) - {"archive", "reassign"}
            assert (name, offered) == (name, allowed[name])


def test_a_curator_is_offered_drafts_of_former_reporters_to_hand_over_and_no_others(
    api, duty, reporter, other_reporter, colleague, curator
):
    drafts = {person: steps.draft(duty, person) for person in (reporter, other_reporter, colleague)}
    other_reporter.groups.set([Group.objects.get(name=Role.REVIEWER.group)])
    colleague.groups.clear()
    listed = api(curator).get("/api/v1/updates/?state=draft").json()["results"]
    offered = {row["id"] for row in listed if "reassign" in row["allowed_actions"]}
    assert len(listed) == len(drafts)
    assert offered == {drafts[person].pk for person in (other_reporter, colleague)}


def test_a_session_without_a_csrf_token_writes_nothing(duty, reporter):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(reporter, backend="commitments.access.backends.PeopleBackend")
    answer = client.post("/api/v1/updates/", {"commitment": "PLAN-1.1"}, format="json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert duty.updates.count() == 0
