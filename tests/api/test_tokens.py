"""Access tokens: issued under a name, listed, expired, revoked, by the API and in the admin."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from commitments.access import tokens
from commitments.choices import TokenScope
from commitments.exceptions import NotPermitted
from commitments.models import AccessToken
from tests import steps

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TOKENS, ME = "/api/v1/auth/tokens/", "/api/v1/me/"
ADMIN = "/admin/commitments/accesstoken/"
PASSWORD = "a long enough secret"
EXPORT = {"name": "Nightly export"}
LISTED = ["id", "name", "begins", "scopes", "plans", "created", "expiry", "last_used"]


def password_of(user):
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save()
    pair = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def by(text):
    return {"Authorization": f"Token {text}"}


@pytest.fixture
def issue(client):
    """`issue(user, name=…)` is the answer to whoever gives name and password."""

    def issue(user, /, **sent):
        headers = password_of(user)
        return client.post(TOKENS, sent, content_type="application/json", headers=headers)

    return issue


def test_a_token_is_issued_under_a_name_and_opens_the_api(client, issue, reporter):
    answer = issue(reporter, name="  Nightly export ")
    issued = answer.json()
    assert answer.status_code == 201
    assert list(issued) == [*LISTED, "token"]
    assert (issued["name"], issued["expiry"]) == ("Nightly export", "2026-09-29T04:00:00.000000Z")
    assert issued["token"].startswith(issued["begins"])
    assert answer.headers["Location"] == f"http://testserver{TOKENS}{issued['id']}/"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(ME, headers=by(issued["token"])).json()["username"] == "reporter"


def test_its_text_is_shown_once_and_kept_nowhere(client, issue, reporter):
    text = issue(reporter, **EXPORT).json()["token"]
    row = AccessToken.objects.values().get()
    assert text not in str(row)
    listed = client.get(TOKENS, headers=by(text)).json()["results"]
    assert [list(item) for item in listed] == [LISTED]
    assert text not in str(listed)


def test_a_token_lives_until_the_time_that_was_asked_for(client, issue, reporter, monkeypatch):
    text = issue(reporter, **EXPORT, expiry="2026-07-01T05:00:00Z").json()["token"]
    assert client.get(ME, headers=by(text)).status_code == 200
    AccessToken.objects.update(expiry=steps.NOW - timedelta(seconds=1))
    assert client.get(ME, headers=by(text)).status_code == 401
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "#/name"),
        ({"name": " "}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"name": 7}, "#/name"),
        (EXPORT | {"expiry": "2026-07-01T04:00:00Z"}, "#/expiry"),
        (EXPORT | {"expiry": "2027-07-02T04:00:01Z"}, "#/expiry"),
        (EXPORT | {"expiry": "tomorrow"}, "#/expiry"),
        (EXPORT | {"expiry": None}, "#/expiry"),
        (EXPORT | {"expiry": "2026-08-01T00:00:00"}, "#/expiry"),
        (EXPORT | {"expiry": "2026-08-01"}, "#/expiry"),
        (EXPORT | {"expiry": 1790000000}, "#/expiry"),
        (EXPORT | {"user": 1}, "#/user"),
        (EXPORT | {"scopes": "write"}, "#/scopes"),
        (EXPORT | {"scopes": ["write", "all"]}, "#/scopes/1"),
        (EXPORT | {"plans": ["NONE"]}, "#/plans/0"),
        (EXPORT | {"plans": [7]}, "#/plans/0"),
    ],
)
def test_what_cannot_be_is_refused_with_a_pointer(issue, reporter, sent, pointer):
    answer = issue(reporter, **sent)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not AccessToken.objects.exists()


def test_a_token_issues_no_other(client, issue, reporter):
    text = issue(reporter, **EXPORT).json()["token"]
    answer = client.post(TOKENS, EXPORT, content_type="application/json", headers=by(text))
    assert answer.status_code == 403
    assert AccessToken.objects.count() == 1


def test_nobody_sees_the_tokens_of_others(client, issue, reporter, administrator):
    number = issue(reporter, **EXPORT).json()["id"]
    text = issue(administrator, name="Mine").json()["token"]
    assert [item["name"] for item in client.get(TOKENS, headers=by(text)).json()["results"]] == [
        "Mine"
    ]
    for method in ("get", "delete"):
        assert getattr(client, method)(f"{TOKENS}{number}/", headers=by(text)).status_code == 404
    assert client.get(TOKENS).status_code == 401


def test_a_revoked_token_opens_nothing(client, issue, reporter):
    first = issue(reporter, **EXPORT).json()
    second = issue(reporter, name="Other", scopes=TokenScope.values()).json()
    answer = client.delete(f"{TOKENS}{first['id']}/", headers=by(second["token"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(ME, headers=by(first["token"])).status_code == 401
    assert client.get(ME, headers=by(second["token"])).status_code == 200


@pytest.mark.long
def test_a_browser_that_is_signed_in_issues_only_with_its_csrf_token(reporter):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reporter)
    sent = {"data": EXPORT, "content_type": "application/json"}
    refused = browser.post(TOKENS, **sent)
    assert (refused.status_code, refused.headers["Content-Type"]) == (
        403,
        "application/problem+json",
    )
    browser.get("/admin/")
    pages_token = re.search('csrfmiddlewaretoken" value="(.+?)"', browser.get("/admin/").text)[1]
    assert browser.post(TOKENS, **sent, headers={"X-CSRFToken": pages_token}).status_code == 201


def test_who_signs_in_for_a_sitting_finds_that_token_among_the_others(client, reporter):
    answer = client.post(
        "/api/v1/auth/login/", content_type="application/json", headers=password_of(reporter)
    )
    text = answer.json()["token"]
    [listed] = client.get(TOKENS, headers=by(text)).json()["results"]
    assert (listed["name"], listed["expiry"]) == ("auth/login", "2026-07-01T14:00:00.000000Z")


def test_what_expired_is_not_listed_and_goes_with_the_next(client, issue, reporter):
    issue(reporter, **EXPORT)
    AccessToken.objects.update(expiry=steps.NOW)
    assert [item["name"] for item in tokens_of(client, reporter)] == []
    issue(reporter, name="Next")
    assert [row.name for row in AccessToken.objects.all()] == ["Next"]


def tokens_of(client, user):
    return client.get(TOKENS, headers=password_of(user)).json()["results"]


def test_only_its_owner_and_a_superuser_revoke_a_token(reporter, reviewer, administrator):
    token, _text = tokens.issue_token(reporter, "Export", at=steps.NOW)
    with pytest.raises(NotPermitted):
        tokens.revoke_token(token, by=reviewer)
    tokens.revoke_token(token, by=administrator)
    assert not AccessToken.objects.exists()


# In the admin


def test_staff_issue_a_token_on_a_page_that_shows_it_once(client, signed_in, reporter):
    page = signed_in(reporter).post(f"{ADMIN}add/", {"name": "Export", "days": "30"})
    [text] = re.findall('class="token">([0-9a-f]{64})<', page.text)
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().get(ME, headers=by(text)).json()["username"] == "reporter"
    assert AccessToken.objects.get().expiry == datetime(2026, 7, 31, 4, tzinfo=UTC)
    assert text not in client.get(ADMIN).text
    assert "Export" in client.get(ADMIN).text
    assert [str(entry) for entry in LogEntry.objects.all()] == ["Added “Export”."]


def test_a_form_that_is_not_right_says_so_and_issues_nothing(signed_in, reporter):
    for sent in ({"name": "", "days": "30"}, {"name": "x", "days": "9999"}, {"name": "x" * 101}):
        assert "errorlist" in signed_in(reporter).post(f"{ADMIN}add/", sent).text
    assert not AccessToken.objects.exists()


def test_staff_see_and_revoke_their_own_a_superuser_everyones(
    signed_in, reporter, reviewer, administrator
):
    token, _text = tokens.issue_token(reporter, "Export", at=steps.NOW)
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    assert "Export" not in signed_in(reviewer).get(ADMIN).text
    signed_in(reviewer).post(ADMIN, chosen)
    assert AccessToken.objects.exists()
    assert "Export" in signed_in(administrator).get(ADMIN).text
    page = signed_in(administrator).post(ADMIN, chosen, follow=True)
    assert "1 token was revoked." in page.text
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_is_neither_changed_nor_deleted_by_other_pages(signed_in, reporter, method):
    token, _text = tokens.issue_token(reporter, "Export", at=steps.NOW)
    browser = signed_in(reporter)
    assert getattr(browser, method)(f"{ADMIN}{token.pk}/delete/").status_code == 403
    getattr(browser, method)(f"{ADMIN}{token.pk}/change/", {"name": "Other"})
    assert AccessToken.objects.get().name == "Export"


def test_the_page_is_in_the_readers_language(client, signed_in, reporter):
    page = signed_in(reporter).get(f"{ADMIN}add/", headers={"Accept-Language": "zh-hans"})
    for sentence in ("签发访问令牌", "用途", "有效期", "90天"):
        assert sentence in page.text


def test_nothing_of_the_librarys_own_table_is_left():
    assert "knox_authtoken" not in connection.introspection.table_names()


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "bearer", "TOKEN"])
def test_a_token_is_taken_after_either_scheme(scheme, api, reporter):
    sent = {"Authorization": f"{scheme} {steps.token(reporter)}"}
    assert api().get("/api/v1/me/", headers=sent).json()["username"] == "reporter"


@pytest.mark.parametrize("scheme", ["Token", "Bearer"])
@pytest.mark.parametrize("text", ["", "a b", "wrong", "\xff"])
def test_a_token_that_is_none_is_refused_and_the_scheme_is_named(scheme, text, api, db):
    answer = api().get("/api/v1/plans/", headers={"Authorization": f"{scheme} {text}"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, scheme)
