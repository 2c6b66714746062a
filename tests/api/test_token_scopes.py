"""What a token may be used for: every writing address, by a token of every scope."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from rest_framework.test import APIClient

from commitments.access import tokens
from commitments.api.problem_types import ProblemType
from commitments.api.strict import StrictQuery
from commitments.choices import SCOPE_OF_ACTION, Action, TokenScope
from commitments.models import AccessToken
from commitments.workflow.transitions import TRANSITIONS
from tests import steps
from tests.api.test_permissions import routes
from tests.factories import CommitmentFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TABLE = Path(__file__).parents[1] / "data" / "token_scopes.txt"
ROWS = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]
WRITING = ("post", "put", "patch", "delete")
LINK = {**steps.STATEMENT}


def client_with(user, scopes=tokens.ALL_SCOPES, **limits):
    text = steps.token(user, scopes, **limits)
    return APIClient(headers={"Authorization": f"Bearer {text}"})


def views(patterns=None, prefix=""):
    """Every view of the API with its address."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        here = prefix + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "{}", str(entry.pattern).strip("^$"))
        if hasattr(entry, "url_patterns"):
            yield from views(entry.url_patterns, here)
        elif here.startswith("api/"):
            yield "/" + here.replace("^", "").replace("$", ""), entry.callback


def writes():
    """Every writing method of every address of the API that has a view for it."""
    for address, callback in views():
        view = getattr(callback, "cls", None) or callback.view_class
        mapped = getattr(callback, "actions", None)
        methods = mapped or {name: name for name in WRITING if hasattr(view, name)}
        for method in methods:
            if method in WRITING and method in view.http_method_names:
                yield method.upper(), address


def test_for_every_writing_address_it_is_decided_which_scope_it_needs():
    decided = {(method, "/api/v1" + re.sub(r"\{\w+\}", "{}", path)) for method, path, _s in ROWS}
    # Only a password is exchanged for a token there.
    asked = set(writes()) - {("POST", "/api/v1/auth/login/")}
    assert len(asked) > 12
    assert asked == decided


def test_every_view_of_the_api_asks_what_a_token_may_be_used_for():
    classes = {getattr(callback, "cls", None) or callback.view_class for _a, callback in views()}
    assert len(classes) > 25
    assert {view for view in classes if not issubclass(view, StrictQuery)} == set()
    assert {address for address, _callback in views()} == {
        address for address in routes() if address.startswith("/api/")
    }


@pytest.mark.parametrize("scope", [None, *TokenScope])
def test_a_token_is_used_for_what_its_scope_says_and_for_nothing_else(scope, duty, administrator):
    """Whatever else would be answered, a token without the scope gets to know no more."""
    update = steps.draft(duty, administrator)
    names = {"update": update.pk, "evidence": update.evidence.get().pk, "token": 0}
    client = client_with(administrator, [scope] if scope else [])
    beyond = {}
    for method, path, needed in ROWS:
        with transaction.atomic():
            address = "/api/v1" + path.format(**names)
            answer = getattr(client, method.lower())(address, {}, format="json")
            transaction.set_rollback(True)
        refused = answer.status_code == 403 and answer.json()["type"].endswith("/beyond-token/")
        beyond[method, path] = refused
        assert needed == "none" or refused == (needed not in ("any", scope)), (method, path)
    assert sum(beyond.values()) >= 6


def test_the_answer_says_what_is_needed_and_what_the_token_may_be_used_for(duty, reporter):
    client = client_with(reporter, ["submit"], plans=["PLAN"])
    answer = client.post("/api/v1/updates/", {}, format="json")
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="write"'
    )
    body = answer.json()
    assert body["type"].endswith("/problems/beyond-token/")
    assert (body["scopes"], body["plans"]) == (["submit"], ["PLAN"])
    assert body["detail"] == (
        "This needs a token with the scope “write” (Write and discard drafts, with their evidence);"
        " it has: submit."
    )


def test_a_token_without_scopes_reads_what_its_owner_reads_and_writes_nothing(duty, reporter):
    update = steps.draft(duty, reporter)
    client = client_with(reporter, [])
    assert client.get(f"/api/v1/updates/{update.pk}/").json()["state"] == "draft"
    answer = client.post(
        f"/api/v1/updates/{update.pk}/submit/", headers={"If-Match": f'"{update.revision}"'}
    )
    assert answer.json()["detail"].startswith("This token can only read.")
    update.refresh_from_db()
    assert update.state == "draft"


def test_a_view_that_does_not_say_what_it_needs_is_closed_to_all_tokens(
    duty, reporter, monkeypatch
):
    update = steps.draft(duty, reporter)
    [view] = {
        callback.cls for address, callback in views() if address.endswith("/updates/{}/submit/")
    }
    monkeypatch.setattr(view, "token_scopes", {})
    answer = client_with(reporter).post(
        f"/api/v1/updates/{update.pk}/submit/", headers={"If-Match": f'"{update.revision}"'}
    )
    assert answer.status_code == 403
    assert answer.json()["detail"] == str(ProblemType.BEYOND_TOKEN.definition)


def test_a_scope_gives_nothing_that_the_role_does_not(duty, reporter, reviewer):
    update = steps.submitted(duty, reporter)
    answer = client_with(reporter).post(
        f"/api/v1/updates/{update.pk}/publish/", headers={"If-Match": f'"{update.revision}"'}
    )
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/not-permitted/")


def test_a_token_for_some_plans_writes_to_no_other(duty, reporter, reviewer):
    PlanFactory(code="OTHER")
    client = client_with(reporter, plans=["OTHER"])
    update = steps.published(duty, reporter, reviewer)
    [item] = update.evidence.all()
    new = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", "summary": {"en": "A meeting."}}
    tag = {"If-Match": f'"{update.revision}"'}
    answers = [
        client.post("/api/v1/updates/", new, format="json"),
        client.patch(f"/api/v1/updates/{update.pk}/", {}, format="json", headers=tag),
        client.post(f"/api/v1/updates/{update.pk}/evidence/", LINK, format="json"),
        client.post(f"/api/v1/updates/{update.pk}/files/", {"file": steps.upload()}),
        client.post(f"/api/v1/updates/{update.pk}/submit/", headers=tag),
        client.patch(f"/api/v1/evidence/{item.pk}/", {}, format="json", headers=tag),
        client.delete(f"/api/v1/evidence/{item.pk}/", headers=tag),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["detail"] == "This token may not write to PLAN, only to: OTHER."
        assert answer.json()["plans"] == ["OTHER"]
    assert client.get(f"/api/v1/updates/{update.pk}/").status_code == 200
    assert (
        client_with(reporter, plans=["PLAN", "OTHER"])
        .post("/api/v1/updates/", new, format="json")
        .status_code
        == 201
    )


def test_a_token_for_one_plan_writes_none_of_a_list_with_another(duty, reporter):
    CommitmentFactory(plan=PlanFactory(code="OTHER"), number="1", position=1)
    new = {"effective_on": "2026-06-30", "summary": {"en": "A meeting."}}
    body = [{**new, "commitment": "PLAN-1.1"}, {**new, "commitment": "OTHER-1"}]
    answer = client_with(reporter, plans=["PLAN"]).post("/api/v1/updates/", body, format="json")
    assert (answer.status_code, duty.updates.count()) == (403, 0)
    assert answer.json()["type"].endswith("/beyond-token/")


def test_a_limited_token_revokes_itself_and_no_other(duty, reporter):
    for limits in ({"scopes": ["write"]}, {"plans": ["PLAN"]}):
        other = AccessToken.objects.get(pk=tokens.issue_token(reporter, "x", at=steps.NOW)[0].pk)
        client = client_with(reporter, **limits)
        own = AccessToken.objects.latest("pk")
        assert client.delete(f"/api/v1/auth/tokens/{other.pk}/").status_code == 403
        assert client.delete(f"/api/v1/auth/tokens/{own.pk}/").status_code == 204
    assert AccessToken.objects.count() == 2


def test_every_action_that_can_be_asked_for_over_the_api_has_a_scope():
    assert set(SCOPE_OF_ACTION) == set(TRANSITIONS) - {Action.REASSIGN}


def test_a_password_is_exchanged_for_less_than_everything_on_request(duty, reporter):
    reporter.set_password("a long enough secret")
    reporter.save()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic cmVwb3J0ZXI6YSBsb25nIGVub3VnaCBzZWNyZXQ=")
    login = "/api/v1/auth/login/"
    everything = client.post(login).json()
    assert (everything["scopes"], everything["plans"]) == (TokenScope.values(), [])
    less = client.post(login, {"scopes": ["write"], "plans": ["PLAN"]}, format="json").json()
    assert (less["scopes"], less["plans"]) == (["write"], ["PLAN"])
    assert client.post(login, {"scopes": []}, format="json").json()["scopes"] == []
    wrong = client.post(login, {"scope": []}, format="json").json()
    assert [error["pointer"] for error in wrong["errors"]] == ["#/scope"]


def test_the_caller_is_told_what_the_token_of_the_request_may_be_used_for(api, duty, reporter):
    client = client_with(reporter, ["submit", "write"], plans=["PLAN"])
    used = client.get("/api/v1/me/").json()["token"]
    row = AccessToken.objects.get()
    assert used == {
        "id": row.pk,
        "name": row.name,
        "scopes": ["write", "submit"],
        "plans": ["PLAN"],
        "expiry": "2026-09-29T04:00:00.000000Z",
    }
    assert api(reporter).get("/api/v1/me/").json()["token"] is None


def test_the_last_use_of_a_token_is_noted_once_an_hour(noon, reporter):
    _token, text = tokens.issue_token(reporter, "Export", at=steps.NOW)
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert AccessToken.objects.get().last_used is None
    for shift, noted in ((0, 0), (59, 0), (1, 0), (1, 61)):
        noon.shift(timedelta(minutes=shift))
        assert client.get("/api/v1/plans/").status_code == 200
        assert AccessToken.objects.get().last_used == steps.NOW + timedelta(minutes=noted)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/api/v1/plans/")
    assert not [row for row in queries if row["sql"].startswith("UPDATE")]


def test_a_busy_database_is_no_reason_to_refuse_what_a_token_is_used_for(reporter, busy_tokens):
    client = busy_tokens(reporter)
    assert client.get("/api/v1/plans/").status_code == 200
    assert AccessToken.objects.get().last_used is None


@pytest.fixture
def busy_tokens(monkeypatch):
    """`busy_tokens(user)` is a client with a token of theirs, where the table of tokens cannot be
    written."""

    def busy(*_args, **_values):
        raise tokens.OperationalError("database is locked")

    def client(user):
        _token, text = tokens.issue_token(user, "Export", at=steps.NOW)
        monkeypatch.setattr(type(AccessToken.objects.all()), "update", busy)
        return APIClient(headers={"Authorization": f"Bearer {text}"})

    return client


# In the admin

ADMIN = "/admin/commitments/accesstoken/"


def test_a_token_is_issued_read_only_for_ninety_days_unless_more_is_chosen(
    signed_in, duty, reporter
):
    browser = signed_in(reporter)
    form = browser.get(f"{ADMIN}add/").context["form"]
    assert form["days"].value() == 90
    assert (form["scopes"].value(), form["plans"].value()) == (None, None)
    page = browser.post(f"{ADMIN}add/", {"name": "Export", "days": "90"})
    assert "May be used to: only read" in page.text
    row = AccessToken.objects.get()
    assert (row.scopes, row.plans) == ([], [])


def test_the_page_offers_scopes_and_plans_and_the_list_shows_them(signed_in, duty, reporter):
    browser = signed_in(reporter)
    chosen = {"name": "Feed", "days": "90", "scopes": ["submit", "write"], "plans": ["PLAN"]}
    browser.post(f"{ADMIN}add/", chosen)
    row = AccessToken.objects.get()
    assert (row.scopes, row.plans) == (["write", "submit"], ["PLAN"])
    page = browser.get(ADMIN).text
    words = "Write and discard drafts, with their evidence and Submit and recall updates (PLAN)"
    assert words in page
    browser.post(f"{ADMIN}add/", {**chosen, "scopes": ["all"]})
    browser.post(f"{ADMIN}add/", {**chosen, "plans": ["NONE"]})
    assert AccessToken.objects.count() == 1
