"""After a run whose clock was ahead, mails come as usual once the clock is right."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command

from commitments.models import Following, Mail
from commitments.models.querysets.shared import BEYOND_ANY_PAUSE
from commitments.notify import sending
from tests.factories import LONG_AGO
from tests.notify.readers import READER
from tests.steps import NOW, confirmed_time, published, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# When weekly digests go out.
MONDAY = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
AHEAD = MONDAY + timedelta(days=400)


@pytest.mark.long
def test_a_digest_is_not_kept_back_by_one_from_the_future(
    duty, reporter, reviewer, with_addresses, sent
):
    with_addresses(reviewer)
    User.objects.update(date_joined=LONG_AGO)
    submitted(duty, reporter)
    for at in (AHEAD, MONDAY):
        assert [mail.to for mail in sent(at)] == [["reviewer@example.org"]]
    assert sent(MONDAY + HOUR) == []


@pytest.mark.long
def test_a_follower_hears_of_changes_after_a_mail_from_the_future(
    following, duty, reporter, reviewer, sent
):
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    assert len(sent(AHEAD)) == 1
    published(duty, reporter, reviewer, at=NOW + 2 * MINUTE)
    assert [mail.to for mail in sent(MONDAY)] == [[READER]]
    assert sent(MONDAY + HOUR) == []


@pytest.mark.long
def test_a_follower_hears_of_what_was_recorded_ahead(
    following, duty, reporter, reviewer, administrator, sent, client
):
    following()
    published(duty, reporter, reviewer, at=NOW + timedelta(days=180))
    confirmed_time(administrator, NOW + MINUTE)
    published(duty, reporter, reviewer, at=NOW + 2 * MINUTE)
    [mail] = sent(MONDAY)
    assert mail.subject.endswith(": 3")  # The confirmation is public too.
    with time_machine.travel(MONDAY, tick=False):
        feed = ElementTree.fromstring(client.get("/en/PLAN/changes.atom").content)
    assert feed.findtext("{http://www.w3.org/2005/Atom}updated") == "2026-07-06T08:00:00+00:00"


@pytest.mark.long
def test_a_follower_who_confirmed_ahead_follows_from_when_the_clock_is_right(
    following, duty, reporter, reviewer, sent
):
    following(at=AHEAD)
    sent(NOW)
    assert Following.objects.get().confirmed_at == NOW
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    assert [mail.to for mail in sent(MONDAY)] == [[READER]]


@pytest.mark.long
def test_a_wish_to_follow_from_the_future_is_forgotten_in_its_time_from_now(follow, time_machine):
    follow(at=AHEAD)
    for days, are_left in ((0, True), (2, True), (4, False)):
        time_machine.move_to(NOW + timedelta(days=days), tick=False)
        call_command("forget")
        assert Following.objects.exists() == are_left


def test_a_mail_that_is_due_further_ahead_than_any_pause_is_tried(
    duty, reporter, reviewer, with_addresses, sent
):
    with_addresses(reporter)
    published(duty, reporter, reviewer)
    Mail.objects.update(due_at=AHEAD)
    assert len(sent(NOW)) == 1


def test_no_pause_of_a_mail_counts_as_a_wrong_clock():
    assert max(sending.PAUSES) < BEYOND_ANY_PAUSE
