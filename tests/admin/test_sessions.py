"""What a session ends with, and how often a signed-in person may guess their password."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from tests.one_time_codes import PASSWORD, SECOND_STEP, code_of, is_signed_in, set_up_app, sign_in

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

CHANGE = "/admin/password_change/"
NEW = "a-long-phrase-7"


@pytest.mark.parametrize("hours", [1, 11.9])
def test_a_session_ends_half_a_day_after_signing_in_whatever_was_done_in_it(
    client, reporter, noon, hours
):
    sign_in(client, reporter)
    [ends] = Session.objects.values_list("expire_date", flat=True)
    noon.shift(timedelta(hours=hours))
    assert is_signed_in(client)
    answer = client.post("/i18n/setlang/", {"language": "zh-hans"})
    session = client.session
    session["language"] = "zh-hans"
    session.save()
    assert answer.status_code < 400
    assert [*Session.objects.values_list("expire_date", flat=True)] == [ends]
    noon.shift(timedelta(hours=12 - hours))
    assert not is_signed_in(client)


def test_a_new_password_between_the_steps_ends_the_first_one(client, reporter):
    sign_in(client, reporter)
    secret = set_up_app(client)
    thief = Client()
    sign_in(thief, reporter)
    reporter.set_password(NEW)
    reporter.save()
    thief.post(SECOND_STEP, {"code": code_of(secret)})
    assert SESSION_KEY not in thief.session


def test_who_guesses_the_password_in_an_open_session_is_stopped(client, reporter):
    sign_in(client, reporter)
    chosen = {"new_password1": NEW, "new_password2": NEW}
    said = [
        client.post(CHANGE, chosen | {"old_password": f"guess {number}"}).context["form"].errors
        for number in range(6)
    ]
    assert said[0] == {"old_password": ["The password is wrong."]}
    assert said[5] == {
        "old_password": ["Too many wrong codes or passwords. Try again in five minutes."]
    }
    assert client.post(CHANGE, chosen | {"old_password": PASSWORD}).status_code == 200
    reporter.refresh_from_db()
    assert reporter.check_password(PASSWORD)


def test_the_right_password_is_changed(client, reporter):
    sign_in(client, reporter)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(CHANGE, sent).url == "/admin/password_change/done/"
    reporter.refresh_from_db()
    assert reporter.check_password(NEW)
    assert is_signed_in(client)
