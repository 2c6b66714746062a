"""The links with which readers stop mails: for whom they are valid."""

import pytest
from django.contrib.auth.models import User
from django.core.signing import Signer
from django.urls import reverse

from commitments.access.mail_links import OF_FOLLOWER
from commitments.models import Follower, Following, MailPreference
from commitments.notify.letters import followings_address, stop_address
from tests.fixtures.mail import SITE
from tests.steps import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_mail")]

FORMER = "What you followed by this link has ended, and the address was deleted."


@pytest.fixture
def follower(plan):
    """A reader who follows a plan."""
    row = Follower.objects.create(email="reader@example.org", language="en")
    Following.objects.create(
        follower=row, plan=plan, subject_type="plan", asked_at=NOW, confirmed_at=NOW
    )
    return row


def path_of(address):
    return address.removeprefix(SITE)


def of_the_first_release(route, pk, salt):
    return reverse(route, args=[Signer(salt=salt).sign(str(pk))])


def test_after_a_restore_a_link_does_not_lead_to_another_reader_of_that_number(client, follower):
    page = path_of(followings_address(follower))
    assert FORMER not in client.get(page).text
    Follower.objects.update(email="somebody.else@example.org")
    answer = client.get(page)
    assert FORMER in answer.text
    assert 'name="end"' not in answer.text
    client.post(page, {"end_all": "1"})
    assert Following.objects.exists()


def test_after_a_restore_a_link_does_not_stop_the_mails_of_another_person(client, reporter):
    page = path_of(stop_address(reporter))
    assert client.get(page).status_code == 200
    joined = reporter.date_joined.replace(microsecond=reporter.date_joined.microsecond ^ 1)
    User.objects.filter(pk=reporter.pk).update(date_joined=joined)
    assert client.post(page).status_code == 404
    assert not MailPreference.objects.filter(user=reporter).exists()


def test_a_person_who_was_renamed_can_still_stop_mails(client, reporter):
    page = path_of(stop_address(reporter))
    User.objects.filter(pk=reporter.pk).update(username="renamed", email="renamed@example.org")
    assert client.post(page).status_code == 200
    assert MailPreference.objects.get(user=reporter).digest == "never"


def test_links_of_the_first_release_stay_valid(client, follower, reporter):
    page = of_the_first_release("pages:followings", follower.pk, "mail-of-follower")
    assert FORMER not in client.get(page).text
    assert client.post(page, {"end_all": "1"}).status_code == 200
    assert not Follower.objects.exists()
    page = of_the_first_release("admin:stop-mail", reporter.pk, "mail-of-person")
    assert client.post(page).status_code == 200


def test_an_old_link_says_that_it_leads_to_nothing_and_where_another_one_is(client, follower):
    page = path_of(followings_address(follower))
    assert "your address is deleted" in client.post(page, {"end_all": "1"}).text
    assert FORMER in client.get(page).text


def test_a_link_is_valid_after_the_key_was_changed(client, follower, settings):
    page = path_of(followings_address(follower))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, made up for this test alone"
    assert FORMER not in client.get(page).text


@pytest.mark.parametrize("change", ["{}x", "1{}", "1.a:b", "x"])
def test_a_link_that_was_changed_leads_nowhere(client, follower, change):
    token = change.format(OF_FOLLOWER.token(follower))
    assert client.get(reverse("pages:followings", args=[token])).status_code == 404


def test_the_address_of_a_reader_is_not_in_their_link(follower):
    assert "reader" not in followings_address(follower).replace("/following/", "")
