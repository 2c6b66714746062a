"""What a person is told who goes back, sends a form twice or may not remove a factor."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth

from tests.one_time_codes import (
    APP,
    CODES,
    FACTORS,
    SECOND_STEP,
    code_of,
    is_signed_in,
    set_up_app,
    sign_in,
)

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PASSKEY = f"{FACTORS}passkey/"
ALONE = "your account is protected by its password alone"


def passkey_of(user):
    """Return the page on which a new passkey of the person is removed."""
    data = {"name": "Key", "credential": {}}
    row = Authenticator.objects.create(user=user, type="webauthn", data=data)
    return f"{PASSKEY}{row.pk}/remove/"


def test_the_code_that_set_up_an_app_signs_nobody_in(client, reporter):
    sign_in(client, reporter)
    secret = set_up_app(client)
    client.post("/admin/logout/")
    sign_in(client, reporter)
    page = client.post(SECOND_STEP, {"code": code_of(secret, time.time() + 30)})
    assert "The code is wrong, or was used already." in page.text
    client.post(SECOND_STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_whoever_goes_back_after_setting_up_an_app_sees_what_they_have(client, reporter):
    sign_in(client, reporter)
    secret = set_up_app(client)
    for answer in (client.get(APP), client.post(APP, {"code": code_of(secret)})):
        assert (answer.status_code, answer.url) == (302, FACTORS)
    assert Authenticator.objects.filter(type="totp").count() == 1


@pytest.fixture
def any_passkey(monkeypatch):
    """What a browser sends is taken for a passkey that it has just made."""
    for name in ("parse_registration_response", "complete_registration"):
        monkeypatch.setattr(auth, name, lambda credential: None)


def test_a_passkey_that_is_sent_twice_is_stored_once(client, reporter, any_passkey):
    sign_in(client, reporter)
    sent = {"name": "Key", "credential": json.dumps({"id": "a2V5", "rawId": "a2V5"})}
    assert [client.post(PASSKEY, sent).url for _ in range(2)] == [CODES, FACTORS]
    other = sent | {"credential": json.dumps({"id": "b3Ro", "rawId": "b3Ro"})}
    assert client.post(PASSKEY, other).url == FACTORS
    passkeys = Authenticator.objects.filter(type="webauthn").order_by("pk")
    assert [row.data["credential"]["id"] for row in passkeys] == ["a2V5", "b3Ro"]


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_whose_role_requires_one_is_told_before_removing_the_last(client, reporter, settings, kind):
    settings.SECOND_FACTOR_ROLES = ["reporter"]
    sign_in(client, reporter)
    if kind == "app":
        set_up_app(client)
        page = f"{APP}remove/"
    else:
        page = passkey_of(reporter)
    shown = client.get(page).text
    assert "set up another one before you remove this one" in shown
    assert ALONE not in shown
    assert not re.search("<button[^>]*>Remove", shown)
    passkey_of(reporter)
    shown = client.get(page).text
    assert "set up another one" not in shown
    assert ALONE not in shown
    assert re.search("<button[^>]*>Remove", shown)


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_others_are_told_what_is_left_then(client, reporter, kind):
    sign_in(client, reporter)
    if kind == "app":
        set_up_app(client)
    page = f"{APP}remove/" if kind == "app" else passkey_of(reporter)
    assert ALONE in client.get(page).text
