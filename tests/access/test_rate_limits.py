"""Who a caller is to limits, and how guessing of passwords and tokens from one address ends."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from rest_framework.test import APIClient

from commitments.access.rate_limits import (
    FAILURE_SECONDS,
    MAX_FAILURES,
    client_address,
    count_failure,
    is_shut_out,
    refuse_if_shut_out,
)
from commitments.models import AccessToken
from tests.accounts.forms import address, filled
from tests.api.signing_in import PASSWORD, login, signed_in
from tests.steps import token

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

__all__ = ["signed_in"]  # a fixture

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture
def guessed():
    """So many have failed from here that no more are looked at."""
    for number in range(MAX_FAILURES):
        count_failure(HERE, f"reporter:{number}")


# Addresses


@pytest.mark.parametrize(
    ("proxy", "direct", "forwarded", "expected"),
    [
        (False, "192.0.2.7", None, "192.0.2.7"),
        (False, "192.0.2.7", "10.0.0.1", "192.0.2.7"),
        (True, "127.0.0.1", "10.0.0.1, 192.0.2.7", "192.0.2.7"),
        (True, "127.0.0.1", "192.0.2.7", "192.0.2.7"),
        (True, "127.0.0.1", None, "127.0.0.1"),
        (True, "127.0.0.1", "nonsense", "127.0.0.1"),
        (False, "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::"),
        (False, "::ffff:192.0.2.7", None, "192.0.2.7"),
        (False, "", None, "0.0.0.0"),
    ],
)
def test_the_address_of_a_caller_is_what_the_proxy_saw(
    settings, proxy, direct, forwarded, expected
):
    settings.BEHIND_PROXY = proxy
    request = RequestFactory().get("/", REMOTE_ADDR=direct)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == expected


def test_behind_a_proxy_one_caller_does_not_lock_out_another(signed_in, reporter, settings):
    settings.BEHIND_PROXY = True
    signed_in(reporter)
    for _time in range(10):
        login("reporter", "wrong", HTTP_X_FORWARDED_FOR=ELSEWHERE)
    assert login("reporter", HTTP_X_FORWARDED_FOR=ELSEWHERE).status_code == 429
    assert login("reporter", HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 200


def test_a_lock_out_ends_a_quarter_of_an_hour_after_it_began_whatever_is_tried_meanwhile(
    signed_in, reporter, noon
):
    signed_in(reporter)
    for _time in range(10):
        login("reporter", "wrong")
    noon.shift(timedelta(minutes=14))
    assert login("reporter", "wrong").status_code == 429
    noon.shift(timedelta(minutes=2))
    assert login("reporter").status_code == 200


# Guessing


def test_who_guesses_is_shut_out_before_a_password_is_looked_at(
    signed_in, reporter, guessed, monkeypatch, django_user_model
):
    looked_at = []
    monkeypatch.setattr(
        django_user_model, "check_password", lambda user, raw: looked_at.append(raw)
    )
    answer = login("reporter")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == FAILURE_SECONDS
    assert looked_at == []


@pytest.mark.long
def test_names_and_passwords_of_one_address_count_together(signed_in, reporter):
    signed_in(reporter)
    for number in range(MAX_FAILURES):
        assert login(f"name-{number}", "wrong").status_code == 401
    assert login("reporter").status_code == 429
    assert login("reporter", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.long
def test_tokens_are_not_guessed_without_end_either(reporter):
    text = token(reporter)
    for number in range(MAX_FAILURES):
        wrong = APIClient(headers={"Authorization": f"Token {number:0{len(text)}}"})
        assert wrong.get("/api/v1/me/").status_code == 401
    right = APIClient(headers={"Authorization": f"Token {text}"})
    assert right.get("/api/v1/me/").status_code == 429
    assert right.get("/api/v1/me/", REMOTE_ADDR=ELSEWHERE).status_code == 200
    # Readers need no account.
    assert APIClient().get("/api/v1/plans/").status_code == 200


@pytest.mark.long
def test_a_program_with_an_old_token_does_not_shut_out_its_neighbours(signed_in, reporter):
    text = token(reporter)
    AccessToken.objects.all().delete()
    old = APIClient(headers={"Authorization": f"Token {text}"})
    statuses = {old.get("/api/v1/me/").status_code for _time in range(2 * MAX_FAILURES)}
    assert statuses == {401}
    signed_in(reporter)
    for _time in range(9):
        assert login("reporter", "an old password").status_code == 401
    assert not is_shut_out(HERE)


def test_the_form_refuses_too(client, reporter, guessed):
    reporter.set_password(PASSWORD)
    reporter.save()
    sent = {"username": "reporter", "password": PASSWORD}
    refused = client.post("/admin/login/", sent)
    assert "Too many failed sign-in attempts from your network." in refused.text
    assert client.post("/admin/login/", sent, REMOTE_ADDR=ELSEWHERE).status_code == 302


@pytest.mark.long
def test_a_wrong_password_in_the_form_counts(client, reporter):
    for number in range(MAX_FAILURES):
        sent = {"username": f"name-{number}", "password": "wrong"}
        client.post("/admin/login/", sent)
    assert is_shut_out(HERE)


def test_the_count_ends(guessed, noon):
    assert is_shut_out(HERE)
    noon.shift(timedelta(seconds=FAILURE_SECONDS + 1))
    assert not is_shut_out(HERE)


# Tokens


def test_a_new_password_ends_all_tokens_of_its_owner_and_no_others(reporter, reviewer):
    token(reporter)
    token(reviewer)
    reporter.set_password("another long password")
    reporter.save()
    assert [row.user for row in AccessToken.objects.all()] == [reviewer]


def test_a_stronger_hash_of_the_same_password_ends_none(reporter, settings):
    reporter.set_password(PASSWORD)
    reporter.save()
    token(reporter)
    before = reporter.password
    stronger = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [stronger, *settings.PASSWORD_HASHERS]
    assert reporter.check_password(PASSWORD)
    reporter.refresh_from_db()
    assert reporter.password != before
    assert AccessToken.objects.count() == 1


def test_tokens_do_not_come_back_with_a_deactivated_account(
    client, administrator, reporter, signed_in
):
    token(reporter)
    client.force_login(administrator)
    sent = filled(reporter, is_active=False)
    assert client.post(address(reporter), sent).status_code == 302
    reporter.refresh_from_db()
    assert not reporter.is_active
    assert client.post(address(reporter), filled(reporter, is_active=True)).status_code == 302
    assert not AccessToken.objects.exists()


@pytest.mark.usefixtures("guessed")
def test_the_sentences_name_the_time_that_the_settings_have(settings):
    assert FAILURE_SECONDS == settings.AXES_COOLOFF_TIME * 3600
    minutes = f"{FAILURE_SECONDS // 60} minutes"
    with pytest.raises(ValidationError, match=f"in {minutes}"):
        refuse_if_shut_out(HERE)
    assert f"for {minutes}" in Path("commitments/templates/429.html").read_text(encoding="utf-8")
