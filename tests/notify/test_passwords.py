"""Whoever sets the password of an account: its person hears of it."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError

from commitments.admin.workbench.people import password_path
from commitments.models import Mail, MailPreference
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = NOW + timedelta(minutes=1)
SITE = "https://tracker.example.org"
WORD = "a long new word"


@pytest.fixture
def known(reporter, with_addresses, time_machine):
    time_machine.move_to(NOW, tick=False)
    reporter.set_password("the former one")
    reporter.last_login = NOW
    reporter.save()
    Mail.objects.all().delete()
    with_addresses(reporter)
    return reporter


def changed_by_themselves(known, client, monkeypatch=None):
    client.force_login(known)
    form = {"old_password": "the former one", "new_password1": WORD, "new_password2": WORD}
    assert client.post("/admin/password_change/", form).status_code == 302


def set_by_a_link(known, client, monkeypatch=None):
    page = client.get(password_path(known), follow=True)
    form = {"new_password1": WORD, "new_password2": WORD}
    page = client.post(page.redirect_chain[-1][0], form, follow=True)
    assert "Your password is set. Sign in with it." in page.content.decode()


def set_by_command(known, client, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda **_: WORD)
    call_command("changepassword", known.username, stdout=io.StringIO())


def test_a_link_of_an_account_that_was_deactivated_sets_no_password(known, client):
    address = password_path(known)
    User.objects.filter(pk=known.pk).update(is_active=False)
    page = client.get(address, follow=True)
    assert not page.context["validlink"]
    form = {"new_password1": WORD, "new_password2": WORD}
    client.post(page.request["PATH_INFO"], form)
    known.refresh_from_db()
    assert known.check_password("the former one")


def test_a_person_who_changes_it_gets_a_message(known, client, sent):
    changed_by_themselves(known, client)
    [mail] = sent(LATER)
    assert mail.to == ["reporter@example.org"]
    assert mail.subject == "New password for your account at Commitment tracker"
    assert mail.body == (
        "The account reporter at Commitment tracker has a new password.\n"
        "It was set at 1 July 2026, 04:00 UTC. Earlier sessions and access tokens of the "
        "account have ended.\n"
        "\n"
        "If you set it yourself, there is nothing to do. If not, tell an administrator at once.\n"
        "Here you get a link to set another password:\n"
        f"{SITE}/admin/password/\n"
        "\n"
        "--\n"
        f"Commitment tracker · {SITE}/\n"
    )


@pytest.mark.parametrize("way", [set_by_a_link, set_by_command])
def test_so_does_one_for_whom_others_may_have_set_it(known, client, sent, monkeypatch, way):
    way(known, client, monkeypatch)
    assert User.objects.get(pk=known.pk).check_password(WORD)
    assert [mail.to for mail in sent(LATER)] == [["reporter@example.org"]]


def test_it_comes_in_the_language_of_the_person_whatever_they_want_besides(known, client, sent):
    MailPreference.objects.create(user=known, language="zh-hans", digest="never", notices=False)
    changed_by_themselves(known, client)
    [mail] = sent(LATER)
    assert "密码" in mail.subject
    assert not re.search(
        "[A-Za-z]{12,}", mail.body.partition("--")[0].replace("https://tracker", "")
    )


def test_the_first_password_of_whoever_was_invited_is_no_change(known, client, sent):
    known.last_login = None
    known.save()
    set_by_a_link(known, client)
    assert sent(LATER) == []


def test_the_new_password_is_in_no_message_and_no_table(known, client, sent):
    changed_by_themselves(known, client)
    assert WORD not in str(list(Mail.objects.values()))
    [mail] = sent(LATER)
    assert WORD not in mail.message().as_string()


@pytest.mark.long
def test_a_stronger_hash_of_the_same_is_no_new_password(known, sent, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert known.check_password("the former one")
    assert User.objects.get(pk=known.pk).password.startswith("scrypt$")
    assert sent(LATER) == []


def test_password_and_message_are_set_together_or_not_at_all(known, client, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("commitments.models.querysets.MailQuerySet.post", fail)
    for way in (changed_by_themselves, set_by_a_link):
        with pytest.raises(DatabaseError):
            way(known, client)
        assert User.objects.get(pk=known.pk).check_password("the former one")


def test_whoever_signs_in_elsewhere_is_not_offered_a_link(known, client, sent, settings):
    changed_by_themselves(known, client)
    settings.OIDC_ISSUER = "https://sign-in.example.org"
    [mail] = sent(LATER)
    assert "/admin/password/" not in mail.body


def test_a_deactivated_account_gets_nothing(known, client, sent):
    changed_by_themselves(known, client)
    User.objects.filter(pk=known.pk).update(is_active=False)
    assert sent(LATER) == []


def test_without_mail_nothing_is_put(known, client, settings):
    settings.MAIL_ENABLED = False
    changed_by_themselves(known, client)
    assert not Mail.objects.exists()
