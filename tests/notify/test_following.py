"""Readers who follow by mail: double opt-in, what can be followed, one click to stop."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from commitments.accounts import followers
from commitments.models import Follower, Following, Mail
from tests.factories import (
    CommitmentFactory,
    PlanFactory,
)
from tests.notify.readers import FOLLOW, READER, SITE
from tests.steps import NOW, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The mail about the day of the steps.
NEXT_DAY = datetime(2026, 7, 2, 7, 0, tzinfo=UTC)


def changes(sent, at=NEXT_DAY):
    return [mail for mail in sent(at) if mail.subject.startswith("Changes at")]


# Confirming


def test_nothing_is_kept_or_sent_of_an_address_before_it_is_confirmed(
    follow, client, sent, duty, reporter, reviewer
):
    page = follow()
    assert Following.objects.get().confirmed_at is None
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    assert changes(sent) == []
    # Programs that look at links confirm nothing.
    assert "Confirm" in client.get(page).text
    assert Following.objects.get().confirmed_at is None


def test_the_mail_says_what_it_is_about_and_that_one_can_ignore_it(follow, mailoutbox):
    follow()
    [mail] = mailoutbox
    assert mail.to == [READER]
    assert "If it was not you, do nothing" in mail.body
    assert f"{SITE}/en/PLAN/" in mail.body
    assert "Stop these messages" not in mail.body


def test_page_and_work_are_the_same_whether_or_not_an_address_follows(
    following, client, django_assert_num_queries
):
    following()
    pages = []
    for email in (READER, "nobody@example.org"):
        with django_assert_num_queries(2):
            pages.append(client.post(FOLLOW, {"email": email}).text)
    assert pages[0] == pages[1]
    assert "We are sending you a message." in pages[0]


def test_an_unconfirmed_address_is_forgotten_after_three_days(follow, time_machine):
    follow()
    time_machine.move_to(NOW + timedelta(days=3, minutes=-1), tick=False)
    call_command("forget")
    assert Follower.objects.exists()
    time_machine.move_to(NOW + timedelta(days=3, minutes=1), tick=False)
    call_command("forget")
    assert not Follower.objects.exists()
    assert READER not in str(list(Mail.objects.values()))


def test_an_address_typed_again_has_three_days_from_then_on(follow, time_machine):
    follow()
    assert follow(at=NOW + 2 * DAY)
    time_machine.move_to(NOW + 5 * DAY - MINUTE, tick=False)
    call_command("forget")
    assert Following.objects.get().asked_at == NOW + 2 * DAY
    time_machine.move_to(NOW + 5 * DAY + MINUTE, tick=False)
    call_command("forget")
    assert not Follower.objects.exists()


def test_what_is_confirmed_keeps_the_time_at_which_it_was_asked_for(following, follow):
    following()
    follow(at=NOW + 2 * DAY)
    assert Following.objects.get().asked_at == NOW


def test_what_is_confirmed_is_not_forgotten(following, time_machine):
    following()
    time_machine.move_to(NOW + timedelta(days=400), tick=False)
    call_command("forget")
    assert Following.objects.confirmed().count() == 1


@pytest.mark.long
def test_the_address_of_a_stranger_gets_ten_mails_at_most(follow, plan, mailoutbox):
    for number in range(2, 16):
        CommitmentFactory(plan=plan, number=f"1.{number}", position=number)
        follow(f"/en/PLAN/commitments/1.{number}/follow/")
    assert len(mailoutbox) == followers.MAX_UNCONFIRMED
    assert Following.objects.count() == followers.MAX_UNCONFIRMED


def test_who_asks_again_within_the_hour_gets_one_mail(follow):
    assert follow()
    assert follow(at=NOW + 10 * MINUTE) is None
    assert follow(at=NOW + 61 * MINUTE)


@pytest.mark.parametrize("how", ["end", "end_all"])
def test_who_ends_it_and_wants_it_again_is_asked_at_once(follow, client, mailoutbox, how):
    page = follow()
    client.post(page, {"confirm": Following.objects.get().pk})
    client.post(page, {how: Following.objects.get().pk})
    assert not Following.objects.exists()
    assert follow(at=NOW + 10 * MINUTE)
    assert Following.objects.get().confirmed_at is None
    # Programs drop a mail whose id they have seen.
    first, second = (mail.extra_headers["Message-ID"] for mail in mailoutbox)
    assert first != second


@pytest.mark.long
def test_a_network_is_limited(client, duty, sends_mail):
    pages = [client.post(FOLLOW, {"email": f"r{n}@example.org"}).text for n in range(21)]
    assert "Too many requests" not in pages[19]
    assert "Too many requests" in pages[20]
    answer = client.post("/admin/password/", {"email": "officer@example.org"})
    assert "Too many requests" not in answer.text


@pytest.mark.parametrize("email", ["", "no address", "a@b\n.example", f"{'x' * 250}@example.org"])
def test_what_is_no_address_is_refused(client, duty, sends_mail, email):
    assert client.post(FOLLOW, {"email": email}).status_code == 200
    assert not Mail.objects.exists()


def test_no_cookie_is_set(client, duty, sends_mail):
    client.get(FOLLOW)
    client.post(FOLLOW, {"email": READER})
    assert dict(client.cookies) == {}


# What can be followed


def test_a_site_without_mail_offers_nothing(client, duty, get_page):
    assert client.get(FOLLOW).status_code == 404
    assert "Follow by mail" not in get_page("/en/PLAN/changes/")


@pytest.mark.parametrize(
    "path", ["/en/PLAN/", "/en/PLAN/changes/", "/en/PLAN/commitments/1.1/", "/zh-hans/PLAN/"]
)
def test_pages_lead_to_it(client, duty, sends_mail, path):
    language = path.split("/")[1]
    assert f'href="/{language}/PLAN/follow/"' in client.get(path).text


def test_nobody_follows_a_draft_or_what_is_not_there(client, duty, sends_mail):
    PlanFactory(code="DRAFT", visibility="draft")
    for path in ("/en/DRAFT/follow/", "/en/PLAN/goals/9/follow/", "/en/PLAN/forums/NO/follow/"):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {"email": READER}).status_code == 404, path


# Stopping


def test_a_mail_program_stops_everything_with_one_request(
    following, duty, reporter, reviewer, sent, client
):
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    headers = mail.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")
    answer = client.post(address.removeprefix(SITE), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Follower.objects.exists()
    assert READER not in str(list(Mail.objects.values()))


def test_a_reader_ends_one_thing_or_all(following, client):
    page = following()
    following("/en/PLAN/commitments/1.1/follow/")
    first, second = Following.objects.order_by("pk")
    client.post(page, {"end": first.pk})
    assert list(Following.objects.all()) == [second]
    text = client.post(page, {"end_all": "1"}).text
    assert "your address is deleted" in text
    assert not Follower.objects.exists()


def test_who_confirms_is_told_so_once(follow, client, mailoutbox):
    page = follow()
    [following] = Following.objects.all()
    confirmed = "Confirmed. You will get one message"
    assert confirmed not in client.get(page).text
    assert confirmed in client.post(page, {"confirm": following.pk}).text
    assert confirmed not in client.post(page, {"confirm": ""}).text
    assert confirmed not in client.get(page).text


def test_nobody_ends_or_confirms_for_another(following, follow, client):
    mine = following()
    follow(email="other@example.org")
    theirs = Following.objects.unconfirmed().get()
    for name in ("confirm", "end"):
        client.post(mine, {name: theirs.pk})
    theirs.refresh_from_db()
    assert theirs.confirmed_at is None
    assert client.get(mine.replace("/following/", "/following/9")).status_code == 404


@pytest.mark.parametrize("sent_value", ["", "x", "9" * 40, "-1", "²"])
def test_what_no_button_sends_changes_nothing(following, client, sent_value):
    page = following()
    assert client.post(page, {"end": sent_value}).status_code == 200
    assert Following.objects.count() == 1


def test_search_engines_are_told_not_to_show_the_page(following, client):
    assert client.get(following())["X-Robots-Tag"] == "noindex"
