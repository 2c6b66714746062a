"""Signing in for a token and out again: how long it opens what, and how guessing is stopped."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from rest_framework.test import APIClient

from commitments.models import AccessToken
from tests.api.signing_in import basic, login, signed_in

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

__all__ = ["signed_in"]  # a fixture


def test_signing_in_gives_a_token_that_expires(signed_in, reporter, noon):
    client = signed_in(reporter)
    answer = login("reporter").json()
    assert set(answer) == {"token", "expiry", "scopes", "plans"}
    assert answer["expiry"] > "2026-07-01T04:00:00"
    assert client.get("/api/v1/me/").json()["username"] == "reporter"
    noon.shift(timedelta(days=30))
    assert client.get("/api/v1/me/").status_code == 401


def test_signing_out_revokes_the_token_that_is_sent_and_no_other(signed_in, reporter):
    one, other = signed_in(reporter), signed_in(reporter)
    assert one.post("/api/v1/auth/logout/").status_code == 204
    assert one.get("/api/v1/me/").status_code == 401
    assert other.get("/api/v1/me/").status_code == 200


def test_a_deactivated_persons_token_opens_nothing(signed_in, reporter):
    client = signed_in(reporter)
    reporter.is_active = False
    reporter.save()
    assert client.get("/api/v1/me/").status_code == 401
    assert login("reporter").status_code == 401


def test_whoever_sends_nothing_is_told_what_signs_in(db):
    answer = APIClient().post("/api/v1/auth/login/")
    assert answer.status_code == 401
    assert "Authorization: Basic" in answer.json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("name", ["reporter", "nobody"])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(signed_in, reporter, name):
    signed_in(reporter)
    answer = login(name, "wrong")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["detail"] == "The user name or the password is wrong."


@pytest.mark.long
def test_ten_wrong_passwords_close_the_name_and_the_answer_says_for_how_long(
    signed_in, reporter, noon
):
    signed_in(reporter)
    answers = [login("reporter", "wrong").status_code for _ in range(9)]
    assert answers == [401] * 9
    login("reporter", "wrong")
    closed = login("reporter")
    assert "token" not in closed.json()
    assert closed.status_code == 429
    assert closed.headers["Content-Type"] == "application/problem+json"
    assert closed.headers["Retry-After"] == "900"
    # Attempts in between do not make it longer.
    noon.shift(timedelta(minutes=5))
    assert login("reporter").headers["Retry-After"] == "600"
    noon.shift(timedelta(seconds=599))
    assert login("reporter").headers["Retry-After"] == "1"
    noon.shift(timedelta(seconds=2))
    assert login("reporter").status_code == 200


@pytest.mark.long
def test_a_closed_name_is_open_from_elsewhere_to_others_and_after_a_quarter_of_an_hour(
    signed_in, reporter, reviewer, noon
):
    signed_in(reporter)
    signed_in(reviewer)
    for _ in range(10):
        login("reporter", "wrong")
    assert login("reporter").status_code in (401, 429)
    assert login("reviewer").status_code == 200
    assert login("reporter", REMOTE_ADDR="10.0.0.9").status_code == 200
    noon.shift(timedelta(minutes=16))
    assert login("reporter").status_code == 200


@pytest.mark.parametrize("required", [True, False])
def test_a_password_alone_gives_no_token_where_a_second_factor_is_asked_for(
    signed_in, reporter, settings, required
):
    signed_in(reporter)
    if required:
        settings.SECOND_FACTOR_ROLES = ["reporter"]
    else:
        Authenticator.objects.create(user=reporter, type="totp", data={"secret": "x"})
    issued = AccessToken.objects.count()
    for path in ("auth/login/", "auth/tokens/"):
        client = APIClient(headers={"Authorization": basic("reporter")})
        answer = client.post(f"/api/v1/{path}", {"name": "Program"}, format="json")
        assert answer.status_code == 403
        assert "Issue an access token on the staff side." in answer.json()["detail"]
    assert AccessToken.objects.count() == issued
