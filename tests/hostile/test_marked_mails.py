"""The mark in the texts of a plan, its record, people and subscribers is text in every mail: each
kind is sent, as plain text alone, and no header is forged."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from commitments import accounts
from commitments.choices import MailKind, Role
from commitments.curation.report_calls import ask_for_reports, withdraw_call
from commitments.models import (
    Commitment,
    Following,
    Mail,
    MailPreference,
    Meeting,
    Office,
    ReportCall,
)
from commitments.models import WebhookSubscriber as Subscriber
from commitments.webhooks.subscribers import add_subscriber
from tests.factories import LONG_AGO, MeetingFactory, UserFactory
from tests.hostile.marked import MARK, SCRIPT, WHEN, build_world
from tests.steps import published, retracted, returned
from tests.words import en_zh

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
DAY = timedelta(days=1)
DEADLINE, HELD = date(2026, 12, 8), date(2026, 12, 10)
# The headers that mails of ours have.
HEADERS = {"Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To"}
HEADERS |= {"Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"}


@pytest.fixture
def world(tmp_path, sends_mail, settings):
    settings.DIGEST_HOUR = 0
    people = build_world(tmp_path)
    people["colleague"] = UserFactory(username="colleague", roles=[Role.REPORTER])
    people["colleague"].offices.set(Office.objects.all())
    for person in people.values():
        person.email = f"{person.username}@example.org"
        person.save()
        MailPreference.objects.create(user=person, language="en", digest="daily")
    User.objects.update(date_joined=LONG_AGO)
    return people


def what_happens(people, client):
    """Let everything happen of which somebody is told."""
    reporter, reviewer = people["reporter"], people["reviewer"]
    administrator = people["administrator"]
    first = Commitment.objects.order_by("pk").first()
    words = {"summary": en_zh(f"{MARK} Written.")}
    returned(first, reporter, reviewer, WHEN, **words)
    wrong = published(first, reporter, reviewer, WHEN, **words)
    published(first, people["colleague"], reviewer, WHEN, corrects=wrong, **words)
    retracted(first, reporter, reviewer, WHEN, **words)
    note = f"{MARK} For the report."
    ask_for_reports(first.plan, by=people["curator"], at=WHEN, due_on=DEADLINE, note=note)
    MeetingFactory(title=en_zh(f"{MARK} Second"))
    Meeting.objects.update(starts_on=HELD, ends_on=HELD)
    for meeting in Meeting.objects.all():
        meeting.offices.set(Office.objects.all())
    subscriber, _secret = add_subscriber(
        name=f"{MARK} Mirror"[:100], url="https://example.org/hook", contact=SCRIPT, at=WHEN
    )
    Subscriber.objects.update(state="stopped", error="timed out")
    about = {"at": WHEN, "person": administrator}
    Mail.objects.post(MailKind.WEBHOOK_STOPPED, key="stopped", subscriber=subscriber, **about)
    Mail.objects.post(MailKind.NEW_PASSWORD, key="new", **about)
    new = {"username": "new", "is_active": True, "is_superuser": False, "roles": ["reviewer"]}
    new |= {"email": "new@example.org", "last_name": SCRIPT}
    accounts.request_change(None, new, by=administrator, at=WHEN)
    client.post("/admin/password/", {"email": reporter.email})
    client.post(f"/en/{first.plan.code}/follow/", {"email": "reader@example.org"})


def test_every_kind_of_mail(world, client, sent, capsys):
    mails = []
    with time_machine.travel(WHEN, tick=False) as clock:
        what_happens(world, client)
        mails += sent(WHEN + timedelta(minutes=1))
        Following.objects.update(confirmed_at=WHEN)
        first = Commitment.objects.order_by("pk").first()
        published(first, world["reporter"], world["reviewer"], WHEN + timedelta(hours=1))
        for days in (1, 12, 14, 15, 65):
            at = WHEN + days * DAY
            clock.move_to(at, tick=False)
            mails += sent(at)
            told = Mail.objects.filter(kind=MailKind.MEETING_AHEAD, state="sent")
            if told.exists():
                # Of the two meetings one does not take place.
                Meeting.objects.filter(pk=Meeting.objects.order_by("pk").last().pk).update(
                    cancelled=True
                )
        call, at = ReportCall.objects.get(), at + timedelta(hours=1)
        withdraw_call(call, by=world["curator"], at=at, reason=f"{MARK} By mistake.")
        mails += sent(at)
    kinds = set(Mail.objects.filter(state="sent").values_list("kind", flat=True))
    marked = sum("alert(7)" in mail.body + mail.subject for mail in mails)
    with capsys.disabled():
        print(f"\n  {len(mails)} mails of {len(kinds)} kinds, {marked} with the mark")
    assert kinds == {kind.value for kind in MailKind}
    assert marked > 10
    for mail in mails:
        message = mail.message()
        assert not message.is_multipart(), mail.subject
        assert message.get_content_type() == "text/plain"
        assert set(message.keys()) <= HEADERS, message.keys()
        assert "\n" not in mail.subject
        assert all(link.startswith(SITE) for link in re.findall(r"https?://[^\s<>\"']+", mail.body))
