"""Who was signed out while writing signs in on the way and loses nothing, on record forms too."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.http import QueryDict
from django.test import Client

from commitments.models import Commitment, Office, ProgressUpdate
from tests.admin.workbench.forms import LINK, entered, log_of, page_of, shown
from tests.steps import draft, upload

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PASSWORD = "only-for-tests"


def as_person(name, password=PASSWORD):
    """Return what the page that asks who one is adds to the form that was sent."""
    return {"sign_in-username": name, "sign_in-password": password}


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
    answer = client.post(log_of(duty), kept | as_person("reporter"))
    assert answer.url == "/admin/"
    update = ProgressUpdate.objects.get()
    assert (update.author, update.summary["en"]) == (writer, "Written for an hour.")
    assert update.state == "submitted"


def test_a_wrong_password_asks_again_and_keeps_it_too(client, duty, writer):
    sent = entered(LINK, summary_en="Written for an hour.")
    page = client.post(log_of(duty), sent | as_person("reporter", "mistaken-secret"))
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert "mistaken-secret" not in page.text
    assert not ProgressUpdate.objects.exists()


def test_whoever_signs_in_instead_may_do_no_more_than_they_may(client, duty, writer, reviewer):
    reviewer.password = make_password(PASSWORD)
    reviewer.save()
    sent = entered(LINK, summary_en="Written for an hour.")
    page = client.post(log_of(duty), sent | as_person("reviewer"))
    assert "Nothing was saved: this account may not do that" in page.text
    assert client.get("/admin/").status_code == 302
    assert not ProgressUpdate.objects.exists()
    kept = dict(page.context["sent"])
    assert client.post(log_of(duty), kept | as_person("reporter")).status_code == 302
    assert ProgressUpdate.objects.get().summary["en"] == "Written for an hour."


def test_whoever_holds_no_role_does_not_get_in(client, duty, visitor):
    visitor.password = make_password(PASSWORD)
    visitor.save()
    page = client.post(log_of(duty), entered(LINK) | as_person("visitor"))
    assert "Sign in to continue" in page.text
    assert client.get("/admin/").status_code == 302


def test_files_must_be_chosen_again_and_that_is_said(client, duty, writer):
    update = draft(duty, writer)
    page = client.post(page_of(update), entered({"title_en": "Minutes", "upload": upload()}))
    assert "Files must be chosen again afterwards." in page.text
    assert "Files must be chosen again" not in client.post(page_of(update), entered()).text


def test_a_form_that_lost_its_file_is_shown_again_and_not_submitted(client, duty, writer):
    sent = entered(LINK, {"title_en": "Minutes", "upload": upload("minutes.pdf")}, submit=1)
    page = client.post(log_of(duty), sent | as_person("reporter", "mistaken-secret"))
    # Each time it is sent again, the page keeps that a file is missing.
    page = client.post(log_of(duty), kept_by(page) | as_person("reporter", "again-mistaken"))
    page = client.post(log_of(duty), kept_by(page) | as_person("reporter"))
    assert page.status_code == 200
    assert "choose them again: minutes.pdf." in page.text
    assert "Nothing was saved yet" in page.text
    assert not ProgressUpdate.objects.exists()
    assert 'value="Resolution 1"' in page.text
    assert "lost_files" not in page.text
    again = shown(page) | {"evidence-1-upload": upload("minutes.pdf"), "submit": "1"}
    assert client.post(log_of(duty), again).url == "/admin/"
    assert ProgressUpdate.objects.get().evidence.exclude(file="").exists()


def test_that_a_file_is_lost_is_said_while_adding_too(client, duty, writer):
    sent = entered(LINK, files=upload("minutes.pdf"), links="https://example.org/b", add=1)
    page = client.post(log_of(duty), sent)
    page = client.post(log_of(duty), kept_by(page) | as_person("reporter"))
    assert "choose them again: minutes.pdf." in page.text
    assert "https://example.org/b" in page.text


# Record forms


@pytest.fixture
def clerk(curator):
    curator.password = make_password(PASSWORD)
    curator.save()
    return curator


def kept_by(page):
    """Return the fields that a page keeps, as a browser sends them again."""
    assert "You were signed out meanwhile." in page.text
    fields = re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return QueryDict(urlencode(fields)).dict()


def test_a_new_record_is_kept_while_signing_in(client, clerk):
    sent = {"code": "CYB", "name_en": "Cyber office", "reason": "Founded.", "_save": "Save"}
    address = "/admin/commitments/office/add/"
    kept = kept_by(client.post(address, sent))
    assert not Office.objects.exists()
    page = client.post(address, kept | as_person("curator", "mistaken-secret"))
    assert "mistaken-secret" not in page.text
    answer = client.post(address, kept_by(page) | as_person("curator"))
    assert answer.url == "/admin/commitments/office/"
    office = Office.objects.get()
    assert (office.code, office.name["en"]) == ("CYB", "Cyber office")


def test_an_action_on_several_rows_is_kept_while_signing_in(client, clerk, offices, duty):
    address = "/admin/commitments/commitment/"
    rows = list(Commitment.objects.values_list("pk", flat=True))
    sent = {
        "action": "assign",
        "_selected_action": rows,
        "lead_office": offices[1].pk,
        "reason": "Agreed.",
    }
    page = client.post(address, sent)
    assert page.context["sent"].count(("action", "assign")) == 1
    assert {name for name, _value in page.context["sent"]} == {*sent}
    client.post(address, sent | as_person("curator"))
    assert set(Commitment.objects.values_list("lead_office__code", flat=True)) == {"CAC"}


def test_who_may_not_change_a_record_is_told_that_nothing_was_saved(client, writer):
    sent = {"code": "CYB", "name_en": "Cyber office", "reason": "Founded."}
    page = client.post("/admin/commitments/office/add/", sent | as_person("reporter"))
    assert "Nothing was saved: this account may not do that" in page.text
    assert page.context["sent"] == [*sent.items()]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/admin/logout/", {}),
        ("/admin/password_change/", {"old_password": PASSWORD, "new_password1": "mistaken-secret"}),
    ],
)
def test_forms_of_which_nothing_is_kept_lead_to_signing_in(path, sent, client):
    assert client.post(path, sent).status_code == 302


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
