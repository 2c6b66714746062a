"""Who was signed out while writing signs in on the way and loses nothing."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from commitments.models import ProgressUpdate
from tests.admin.workbench.forms import LINK, entered, log_of, page_of
from tests.steps import draft, upload

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PASSWORD = "only-for-tests"


@pytest.fixture
def writer(reporter):
    reporter.password = make_password(PASSWORD)
    reporter.save()
    return reporter


def test_a_page_leads_to_signing_in_and_back(client, duty):
    address = f"{log_of(duty)}?corrects=1&then=2"
    login = client.get(address).url
    assert parse_qs(urlsplit(login).query) == {"next": [address]}


def test_what_was_sent_is_kept_while_signing_in(client, duty, writer):
    sent = entered(LINK, summary_en="Written for an hour.", submit=1)
    page = client.post(log_of(duty), sent)
    assert "You were signed out meanwhile." in page.text
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert not ProgressUpdate.objects.exists()
    kept = dict(page.context["sent"])
    assert kept == {name: str(value) for name, value in sent.items()}
    answer = client.post(log_of(duty), kept | {"username": "reporter", "password": PASSWORD})
    assert answer.url == "/admin/"
    update = ProgressUpdate.objects.get()
    assert (update.author, update.summary["en"]) == (writer, "Written for an hour.")
    assert update.state == "submitted"


def test_a_wrong_password_asks_again_and_keeps_it_too(client, duty, writer):
    sent = entered(LINK, summary_en="Written for an hour.")
    page = client.post(log_of(duty), sent | {"username": "reporter", "password": "mistaken-secret"})
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert "mistaken-secret" not in page.text
    assert not ProgressUpdate.objects.exists()


def test_whoever_signs_in_instead_may_do_no_more_than_they_may(client, duty, writer, reviewer):
    reviewer.password = make_password(PASSWORD)
    reviewer.save()
    sent = entered(LINK) | {"username": "reviewer", "password": PASSWORD}
    assert client.post(log_of(duty), sent).status_code == 404
    assert not ProgressUpdate.objects.exists()


def test_whoever_holds_no_role_does_not_get_in(client, duty, visitor):
    visitor.password = make_password(PASSWORD)
    visitor.save()
    page = client.post(log_of(duty), entered(LINK, username="visitor", password=PASSWORD))
    assert "Sign in to continue" in page.text
    assert client.get("/admin/").status_code == 302


def test_files_must_be_chosen_again_and_that_is_said(client, duty, writer):
    update = draft(duty, writer)
    page = client.post(page_of(update), entered({"title_en": "Minutes", "upload": upload()}))
    assert "Files must be chosen again afterwards." in page.text
    assert "Files must be chosen again" not in client.post(page_of(update), entered()).text


# Who signs in again in another tab


SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def refused(writer):
    """Return a function that sends a form with a former token, and gives the page."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(writer)

    def refused(path, sent, **headers):
        answer = client.post(path, sent, headers=headers)
        assert answer.status_code == 403
        return client, " ".join(answer.text.split())

    return refused


def test_what_was_sent_with_a_former_token_is_kept_and_can_be_sent_again(refused, duty, writer):
    sent = entered(LINK, summary_en="Written for an hour.", submit=1)
    client, page = refused(log_of(duty), sent, **SAME_SITE)
    assert "You have signed in again since it was opened." in page
    kept = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    assert kept.pop("csrfmiddlewaretoken") != ""
    assert kept == {name: str(value) for name, value in sent.items()}
    token = client.cookies["csrftoken"].value
    assert client.post(log_of(duty), kept | {"csrfmiddlewaretoken": token}).url == "/admin/"
    assert ProgressUpdate.objects.get().summary["en"] == "Written for an hour."


@pytest.mark.parametrize("origin", [None, "cross-site", "same-site", "none"])
def test_a_form_of_another_site_is_never_offered_to_be_sent_again(refused, duty, origin):
    headers = {} if origin is None else {"Sec-Fetch-Site": origin}
    _client, page = refused(log_of(duty), entered(LINK, summary_en="Forged."), **headers)
    assert "The form was not sent" in page
    assert "With “Back” you return to the form as you left it" in page
    assert "Forged." not in page


def test_passwords_are_never_repeated_in_a_page(refused):
    sent = {"old_password": PASSWORD, "new_password1": "mistaken-secret"}
    _client, page = refused("/admin/password_change/", sent, **SAME_SITE)
    assert PASSWORD not in page
    assert "mistaken-secret" not in page


def test_files_of_a_form_with_a_former_token_must_be_chosen_again(refused, duty):
    sent = entered({"title_en": "Minutes", "upload": upload()})
    _client, page = refused(log_of(duty), sent, **SAME_SITE)
    assert "Files must be chosen again afterwards." in page


def test_a_wrong_password_is_answered_in_plain_words(client, writer):
    sent = {"username": "reporter", "password": "wrong", "next": "/admin/"}
    page = client.post("/admin/login/", sent, headers={"Accept-Language": "zh-CN"}).text
    assert "用户名或密码不正确，或该账号没有任何角色。用户名和密码均区分大小写。" in page


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/admin/auth/user/add/", "username", "officer"),
        ("/admin/commitments/office/add/", "code", "CYB"),
    ],
)
def test_the_name_or_code_of_what_is_set_up_is_kept(administrator, path, name, value):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    page = client.post(path, {name: value}, headers=SAME_SITE).text
    assert f'name="{name}" value="{value}"' in page
