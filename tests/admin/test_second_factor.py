"""Whoever has a second factor signs in with it; whoever must have one sets it up first."""

import base64
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commitments.access.second_factor import has_second_factor
from tests.admin.workbench.forms import log_of
from tests.one_time_codes import (
    APP,
    CODES,
    FACTORS,
    PASSWORD,
    SECOND_STEP,
    SIGN_IN,
    code_of,
    is_signed_in,
    recovery_codes,
    set_up_app,
    sign_in,
)
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def secret(client, reporter):
    """The secret of the reporter, who has just set up an app and signed out."""
    sign_in(client, reporter)
    secret = set_up_app(client)
    client.post("/admin/logout/")
    return secret


@pytest.fixture
def passed(noon):
    """`passed(seconds)`: so much later."""
    return lambda seconds: noon.shift(timedelta(seconds=seconds))


def test_the_codes_of_the_tests_are_those_of_the_standard():
    secret = base64.b32encode(b"12345678901234567890").decode()
    # RFC 6238, appendix B, has eight digits: 94287082, 07081804.
    assert (code_of(secret, 59), code_of(secret, 1111111109)) == ("287082", "081804")


# Signing in


def test_without_one_the_password_is_enough(client, reporter):
    assert sign_in(client, reporter).url == "/admin/"
    assert is_signed_in(client)


def test_with_one_the_password_leads_to_the_second_step_only(client, reporter, secret):
    assert sign_in(client, reporter).url == SECOND_STEP
    assert not is_signed_in(client)
    assert "Sign in: second step" in client.get(SECOND_STEP).text


@pytest.mark.long
def test_the_code_signs_in_and_leads_where_one_was_going(client, reporter, secret):
    sign_in(client, reporter, going_to="/admin/meetings/")
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).url == "/admin/meetings/"
    assert is_signed_in(client)
    assert not EmailAddress.objects.exists()


@pytest.mark.long
def test_the_code_of_half_a_minute_ago_is_taken_and_an_older_one_is_not(client, reporter, secret):
    now = NOW.timestamp()
    for age, signed_in in ((61, False), (30, True)):
        sign_in(client, reporter)
        client.post(SECOND_STEP, {"code": code_of(secret, now - age)})
        assert is_signed_in(client) is signed_in


@pytest.mark.parametrize("code", ["", "000000", "not a code", "٠٠٠٠٠٠", "1" * 5000])
def test_a_wrong_code_is_said_and_signs_nobody_in(client, reporter, secret, code):
    sign_in(client, reporter)
    page = client.post(SECOND_STEP, {"code": code})
    assert page.status_code == 200
    assert re.search(r'role="alert" id="refused"\s+data', page.text)
    assert not is_signed_in(client)


@pytest.mark.long
def test_a_code_works_once(client, reporter, secret):
    for signed_in in (True, False):
        sign_in(client, reporter)
        client.post(SECOND_STEP, {"code": code_of(secret)})
        assert is_signed_in(client) is signed_in
        client.post("/admin/logout/")


@pytest.mark.long
def test_a_code_works_once_for_all_processes(client, reporter, secret):
    """Each process may have a cache of its own."""
    for signed_in in (True, False):
        sign_in(client, reporter)
        client.post(SECOND_STEP, {"code": f" {code_of(secret)} "})
        assert is_signed_in(client) is signed_in
        client.post("/admin/logout/")
        cache.clear()


@pytest.mark.long
def test_the_next_code_works_at_once(client, reporter, secret):
    for seconds in (-30, 0):
        sign_in(client, reporter)
        client.post(SECOND_STEP, {"code": code_of(secret, NOW.timestamp() + seconds)})
        assert is_signed_in(client)
        client.post("/admin/logout/")


@pytest.mark.long
def test_a_recovery_code_works_once(client, reporter):
    sign_in(client, reporter)
    set_up_app(client)
    code = recovery_codes(client)[3]
    assert len(recovery_codes(client)) == 10
    for signed_in in (True, False):
        client.post("/admin/logout/")
        sign_in(client, reporter)
        client.post(SECOND_STEP, {"code": code})
        assert is_signed_in(client) is signed_in


def test_the_second_step_is_for_whoever_gave_the_password(client, secret):
    assert client.get(SECOND_STEP, follow=True).redirect_chain[-1][0].startswith(SIGN_IN)
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302
    assert not is_signed_in(client)


@pytest.mark.long
def test_five_wrong_codes_are_enough_for_five_minutes(client, reporter, secret, passed):
    sign_in(client, reporter)
    for _ in range(5):
        client.post(SECOND_STEP, {"code": "000000"})
    page = client.post(SECOND_STEP, {"code": code_of(secret)})
    assert "Too many wrong codes or passwords. Try again in five minutes." in page.text
    passed(301)
    client.post(SECOND_STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_wrong_codes_count_with_the_wrong_passwords_of_an_address(
    client, reporter, secret, monkeypatch
):
    monkeypatch.setattr("commitments.access.rate_limits.MAX_FAILURES", 2)
    sign_in(client, reporter)
    for code in ("000001", "000002"):
        client.post(SECOND_STEP, {"code": code})
    page = client.post(SECOND_STEP, {"code": code_of(secret)})
    assert "Too many failed sign-in attempts from your network." in page.text


@pytest.mark.long
def test_who_was_signed_out_while_writing_gives_the_code_with_the_password(
    client, reporter, secret, duty
):
    sent = {"sign_in-username": "reporter", "sign_in-password": PASSWORD}
    sign_in(Client(), reporter)
    page = client.post(log_of(duty), sent | {"summary_en": "Written for an hour."})
    assert "Enter the code of your authenticator app too." in page.text
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert not is_signed_in(client)
    page = client.post(log_of(duty), sent | {"sign_in-code": "000000"})
    assert "The code is wrong, or was used already." in page.text
    client.post(log_of(duty), sent | {"sign_in-code": code_of(secret)})
    assert is_signed_in(client)


def test_who_must_set_one_up_signs_in_on_no_way_around_it(client, reporter, settings):
    settings.SECOND_FACTOR_ROLES = ["reporter"]
    sign_in(Client(), reporter)
    sent = {"sign_in-username": "reporter", "sign_in-password": PASSWORD}
    page = client.post("/admin/log/ISCC-9.9/", sent | {"summary_en": "Written for an hour."})
    assert "Your role requires a second factor: set one up to continue." in page.text
    assert client.get("/admin/").url.startswith(SIGN_IN)


def test_who_is_deactivated_between_the_steps_is_not_signed_in(client, reporter, secret):
    sign_in(client, reporter)
    reporter.is_active = False
    reporter.save()
    assert client.post(SECOND_STEP, {"code": code_of(secret)}, follow=True).redirect_chain
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(
    "sent",
    [
        "{}",
        '{"id": 1}',
        "[]",
        "1",
        "null",
        "[" * 100_000,
        "1" * 5000,
        '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
        '{"id": "a", "rawId": "a", "type": "public-key", "response":'
        ' {"clientDataJSON": "x", "attestationObject": "x", "authenticatorData": "x",'
        ' "signature": "x"}}',
    ],
)
def test_what_is_no_passkey_is_refused(client, reporter, secret, sent):
    sign_in(client, reporter)
    page = client.post(SECOND_STEP, {"credential": sent})
    assert (page.status_code, page.context["webauthn_form"].is_valid()) == (200, False)
    client.post(SECOND_STEP, {"code": code_of(secret)})
    page = client.post("/admin/second-factor/passkey/", {"name": "x", "credential": sent})
    assert page.status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_a_link_to_set_the_password_does_not_lead_around_it(
    client, reporter, secret, administrator
):
    administrator_client = Client()
    administrator_client.force_login(administrator)
    page = administrator_client.post(f"/admin/auth/user/{reporter.pk}/change/", {"link": "1"})
    address = page.context["links"][0].address
    form = client.get(address, follow=True)
    chosen = {"new_password1": "a-long-phrase-7", "new_password2": "a-long-phrase-7"}
    client.post(form.redirect_chain[-1][0], chosen)
    assert not is_signed_in(client)
    client.post(SIGN_IN, {"username": "reporter", "password": "a-long-phrase-7"})
    assert not is_signed_in(client)


def test_recovery_codes_alone_are_no_second_factor(client, reporter, settings):
    Authenticator.objects.create(user=reporter, type="recovery_codes", data={"seed": "x"})
    assert sign_in(client, reporter).url == "/admin/"
    settings.SECOND_FACTOR_ROLES = ["reporter"]
    assert client.get("/admin/").url == FACTORS


# Setting up and removing


def test_an_app_is_set_up_only_with_its_code(client, reporter):
    sign_in(client, reporter)
    client.get(APP)
    page = client.post(APP, {"code": "000000"})
    assert "The code is wrong, or was used already." in page.text
    assert not has_second_factor(reporter)


def test_the_picture_for_the_app_has_the_secret_and_the_site(client, reporter, settings):
    settings.SITE_NAME = "Secretariat"
    sign_in(client, reporter)
    page = client.get(APP)
    address = f"otpauth://totp/reporter?secret={page.context['form'].secret}&issuer=Secretariat"
    assert page.context["totp_url"] == address
    picture = base64.b64decode(page.context["totp_svg_data_uri"].partition(",")[2])
    assert b'xmlns="http://www.w3.org/2000/svg"' in picture


@pytest.mark.long
def test_sessions_opened_without_it_end(client, reporter, reviewer):
    elsewhere, somebody_else = Client(), Client()
    sign_in(elsewhere, reporter)
    sign_in(somebody_else, reviewer)
    sign_in(client, reporter)
    set_up_app(client)
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(somebody_else)


@pytest.mark.parametrize("page", [APP, CODES, "/admin/second-factor/passkey/"])
def test_who_signed_in_some_time_ago_gives_the_password_again(client, reporter, passed, page):
    sign_in(client, reporter)
    set_up_app(client)
    Authenticator.objects.filter(type="totp").delete()
    passed(301)
    asked = client.get(page).url
    assert asked == f"{reverse('account_reauthenticate')}?next={page.replace('/', '%2F')}"
    assert "The password is wrong." in client.post(asked, {"password": "another"}).text
    assert client.get(page).status_code == 302
    assert client.post(asked, {"password": PASSWORD}).url == page
    assert client.get(page).status_code == 200


def test_who_guesses_that_password_is_stopped(client, reporter, passed):
    sign_in(client, reporter)
    passed(301)
    asked = client.get(APP).url
    for number in range(6):
        page = client.post(asked, {"password": f"guess {number}"})
    assert "Too many wrong codes or passwords. Try again in five minutes." in page.text
    assert client.post(asked, {"password": PASSWORD}).status_code == 200


def test_the_last_one_takes_the_recovery_codes_with_it(client, reporter):
    sign_in(client, reporter)
    set_up_app(client)
    page = client.get("/admin/second-factor/app/remove/")
    assert "Remove the authenticator app?" in page.text
    assert client.post("/admin/second-factor/app/remove/").url == FACTORS
    assert not Authenticator.objects.exists()
    assert "protected by its password alone" in client.get(FACTORS).text


def test_new_recovery_codes_end_the_former_ones(client, reporter):
    sign_in(client, reporter)
    set_up_app(client)
    former = recovery_codes(client)
    client.post("/admin/second-factor/codes/new/")
    assert not set(former) & set(recovery_codes(client))
    assert client.get("/admin/second-factor/codes/new/").status_code == 405
    Authenticator.objects.filter(type="totp").delete()
    assert client.post("/admin/second-factor/codes/new/").url == FACTORS


def test_one_sees_and_removes_only_ones_own(client, reporter, reviewer, secret):
    passkey = Authenticator.objects.create(
        user=reporter, type="webauthn", data={"name": "Key", "credential": {}}
    )
    sign_in(client, reviewer)
    assert "Set up an app" in client.get(FACTORS).text
    assert client.post(f"/admin/second-factor/passkey/{passkey.pk}/remove/").status_code == 404
    assert client.post("/admin/second-factor/app/remove/").status_code == 404
    assert Authenticator.objects.filter(user=reporter).count() == 3


@pytest.mark.parametrize("page", [FACTORS, APP, CODES, "/admin/second-factor/passkey/"])
def test_visitors_have_no_such_pages(client, visitor, page):
    assert client.get(page).url.startswith(SIGN_IN)
    client.force_login(visitor)
    assert client.get(page).url.startswith(SIGN_IN)


def test_who_has_no_password_must_have_signed_in_a_moment_ago(client, reporter, passed):
    sign_in(client, reporter)
    User.objects.update(password="!")
    client.force_login(User.objects.get())
    page = client.get(APP, follow=True)
    assert page.redirect_chain == [(FACTORS, 302)]
    assert "Sign out and in again to change this." in page.text


# What is stored


def test_secrets_are_encrypted(client, reporter):
    sign_in(client, reporter)
    secret = set_up_app(client)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in recovery_codes(client))


@pytest.mark.long
def test_with_another_key_the_code_is_refused_and_with_the_former_one_taken(
    client, reporter, secret, settings
):
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, made when the first one was lost"
    sign_in(client, reporter)
    page = client.post(SECOND_STEP, {"code": code_of(secret)})
    assert "The code is wrong" in page.text
    settings.SECRET_KEY_FALLBACKS = [former]
    client.post(SECOND_STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


@pytest.mark.long
def test_codes_of_a_key_that_is_gone_do_not_stand_in_the_way_of_new_ones(client, reporter):
    Authenticator.objects.create(user=reporter, type="recovery_codes", data={"seed": "x"})
    sign_in(client, reporter)
    secret = set_up_app(client)
    assert len(recovery_codes(client)) == 10
    client.post("/admin/logout/")
    sign_in(client, reporter)
    client.post(SECOND_STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_recovery_codes_of_another_key_are_none(client, reporter, settings):
    Authenticator.objects.create(user=reporter, type="recovery_codes", data={"seed": "x"})
    sign_in(client, reporter)
    assert "No code is left." in client.get(CODES).text


def test_no_page_of_the_admin_shows_them(client, administrator):
    assert not any(model._meta.app_label in ("account", "mfa") for model in admin.site._registry)
