"""After a restore: what the site may have sent since the backup is held, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from commitments.choices import MailKind, MailState
from commitments.models import Follower, Following, Mail, MailPreference
from commitments.notify import hold_after_restore
from commitments.notify.sending import MAX_TRIES
from tests.factories import MeetingFactory
from tests.steps import NOW, published, returned, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

# After the hour of digests on the day after the steps.
RESTORED = datetime(2026, 7, 2, 7, 0, tzinfo=UTC)
MAILS = "/admin/commitments/mail/"


@pytest.fixture
def people(reporter, reviewer, with_addresses):
    with_addresses(reporter, reviewer)
    return reporter, reviewer


@pytest.fixture
def follower(plan, sends_mail):
    """A reader who follows the plan, and has heard of nothing yet."""
    row = Follower.objects.create(email="reader@example.org", language="en")
    Following.objects.create(
        follower=row,
        plan=plan,
        subject_type="plan",
        subject_key=plan.code,
        asked_at=NOW - timedelta(days=1),
        confirmed_at=NOW - timedelta(days=1),
    )
    return row


def subjects(mails):
    return sorted(mail.subject.partition(":")[0] for mail in mails)


def choose(signed_in, administrator, action):
    held = list(Mail.objects.held().values_list("pk", flat=True))
    signed_in(administrator).post(MAILS, {"action": action, "_selected_action": held})


def test_what_waited_does_not_go_out(duty, people, sent):
    returned(duty, *people)
    assert hold_after_restore(NOW) == 1
    assert sent(RESTORED) == []
    assert sent(RESTORED + timedelta(days=3)) == []


def test_what_follows_from_later_deeds_does(duty, people, sent):
    returned(duty, *people)
    hold_after_restore(NOW)
    published(duty, *people)
    assert subjects(sent(NOW + timedelta(minutes=1))) == ["Published"]


def test_what_is_due_by_time_on_that_day_is_held_too(duty, plan, office, people, follower, sent):
    reporter, reviewer = people
    MailPreference.objects.create(user=reviewer, language="en", digest="daily")
    office.members.add(reporter)
    meeting = MeetingFactory(starts_on=RESTORED.date() + timedelta(days=10))
    meeting.offices.add(office)
    published(duty, *people)
    Mail.objects.all().delete()
    submitted(duty, reporter)
    User.objects.update(date_joined=NOW - timedelta(days=30))
    hold_after_restore(RESTORED)
    held = list(Mail.objects.held().order_by("kind").values_list("kind", flat=True))
    assert set(held) == {"changes", "digest", "meeting_ahead"}
    assert sent(RESTORED + timedelta(hours=3)) == []


def test_the_hour_of_the_restore_does_not_matter(duty, people, follower, sent):
    published(duty, *people)
    Mail.objects.all().delete()
    hold_after_restore(RESTORED.replace(hour=1))
    assert [mail.kind for mail in Mail.objects.held()] == ["changes"]
    assert sent(RESTORED) == []


def test_followers_hear_of_what_comes_after_it_and_of_nothing_twice(
    duty, people, follower, sent, administrator, signed_in, time_machine
):
    published(duty, *people)
    Mail.objects.all().delete()
    hold_after_restore(RESTORED)
    published(duty, *people, RESTORED + timedelta(hours=1))
    next_day = RESTORED + timedelta(days=1)
    Mail.objects.filter(kind=MailKind.PUBLISHED).delete()
    [mail] = [mail for mail in sent(next_day) if mail.subject.startswith("Changes at")]
    assert mail.subject.endswith(": 1")
    time_machine.move_to(next_day, tick=False)
    choose(signed_in, administrator, "send_held")
    [mail] = sent(next_day + timedelta(minutes=1))
    assert mail.subject.endswith(": 1")
    assert sent(next_day + timedelta(minutes=2)) == []


def test_what_a_reader_was_not_sent_for_days_is_held_until_the_day_of_the_restore(
    duty, people, follower, sent, administrator, signed_in, time_machine
):
    """And keeps its changes in a second restore."""
    for days in range(3):
        published(duty, *people, NOW + timedelta(days=days))
    Mail.objects.all().delete()
    Mail.objects.post(MailKind.CHANGES, key="1", at=RESTORED, follower=follower)
    restored = RESTORED + timedelta(days=2)
    hold_after_restore(restored)
    assert sent(restored + timedelta(days=1)) == []
    time_machine.move_to(restored + timedelta(days=1), tick=False)
    choose(signed_in, administrator, "send_held")
    hold_after_restore(restored + timedelta(days=1))
    choose(signed_in, administrator, "send_held")
    [mail] = sent(restored + timedelta(days=1, minutes=1))
    assert mail.subject.endswith(": 3")


def test_what_was_held_keeps_its_changes_when_it_is_given_up_and_tried_again(
    duty, people, follower, sent, administrator, signed_in, time_machine
):
    published(duty, *people)
    Mail.objects.all().delete()
    hold_after_restore(RESTORED)
    time_machine.move_to(RESTORED, tick=False)
    choose(signed_in, administrator, "send_held")
    Mail.objects.all().end(MailState.FAILED, RESTORED)
    [failed] = Mail.objects.all()
    client = signed_in(administrator)
    client.post(MAILS, {"action": "try_again", "_selected_action": [failed.pk]})
    [mail] = sent(RESTORED + timedelta(minutes=1))
    assert mail.subject.endswith(": 1")
    assert sent(RESTORED + timedelta(days=1)) == []


def test_what_is_held_has_all_its_tries_once_an_administrator_sends_it(
    duty, people, administrator, signed_in
):
    returned(duty, *people)
    Mail.objects.update(tries=MAX_TRIES - 1)
    hold_after_restore(NOW)
    choose(signed_in, administrator, "send_held")
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 0)


def test_an_administrator_sends_what_is_held(duty, people, sent, administrator, signed_in):
    returned(duty, *people)
    hold_after_restore(NOW)
    assert "Held after a restore" in signed_in(administrator).get(MAILS).text
    choose(signed_in, administrator, "send_held")
    assert "Returned to you" in subjects(sent(datetime.now(UTC) + timedelta(minutes=1)))


def test_an_administrator_drops_what_is_held(duty, people, sent, administrator, signed_in):
    returned(duty, *people)
    published(duty, *people)
    hold_after_restore(NOW)
    waiting = returned(duty, *people)
    choose(signed_in, administrator, "drop_held")
    assert not Mail.objects.held().exists()
    assert Mail.objects.filter(decision__update=waiting).get().state == "waiting"
    assert [mail.subject for mail in sent(NOW + timedelta(minutes=1))] != []
    assert Mail.objects.filter(state="dropped").count() == 2


def test_a_typed_address_is_kept_no_longer_because_it_is_held(sent):
    Mail.objects.post(MailKind.PASSWORD, key="1", at=NOW, address="a@example.org")
    hold_after_restore(NOW)
    assert Mail.objects.get().address == "a@example.org"
    sent(NOW + timedelta(days=1, minutes=1))
    mail = Mail.objects.get()
    assert (mail.state, mail.address) == ("dropped", "")


def test_a_site_that_sends_no_mail_holds_nothing_new(duty, people, follower, settings):
    settings.MAIL_ENABLED = False
    published(duty, *people)
    assert hold_after_restore(RESTORED) == 0
