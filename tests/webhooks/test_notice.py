"""The mail to administrators about a subscriber of webhooks to whom nothing is sent any more."""

from datetime import timedelta

import pytest

from commitments.models import Mail, MailPreference, WebhookSubscriber
from commitments.notify.webhooks import MAX_DELIVERY_TRIES, RETRY_PAUSES
from commitments.webhooks.subscribers import remove_subscriber, resume_subscriber
from tests.steps import NOW, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

STOPPED_AT = NOW + sum(RETRY_PAUSES, timedelta())
SOON = timedelta(minutes=5)


@pytest.fixture
def people(administrator, curator, with_addresses):
    with_addresses(administrator, curator)
    MailPreference.objects.create(user=administrator, language="en", digest="never")
    MailPreference.objects.create(user=curator, language="en", digest="never")
    return administrator


@pytest.fixture
def stopped(people, duty, reporter, reviewer, server, subscribe, deliver, now_of):
    """A subscriber who took nothing for three days."""
    published(duty, reporter, reviewer, status="active")
    subscriber, _secret = subscribe(contact="receiver@example.org")
    server.way = "says_500"
    at = NOW
    while now_of(subscriber).state == "active":
        assert not Mail.objects.exists()
        deliver(at)
        at = now_of(subscriber).due_at
    return now_of(subscriber)


@pytest.mark.long
def test_administrators_are_told_once_of_a_subscriber_that_was_stopped(stopped, server, sent):
    [mail] = sent(STOPPED_AT + SOON)
    assert mail.to == ["administrator@example.org"]
    assert mail.subject == "Webhook stopped: Mirror"
    assert mail.body.startswith(
        "Changes are no longer sent to this subscriber of webhooks:\n"
        f"Mirror · {server.host}\n"
        "Last error: 500\n"
        "1 change waits.\n"
        "Contact: receiver@example.org\n"
    )
    page = f"/admin/commitments/webhooksubscriber/{stopped.pk}/change/"
    assert f"https://tracker.example.org{page}\n" in mail.body
    assert server.url not in mail.body
    assert sent(STOPPED_AT + timedelta(days=30)) == []


@pytest.mark.long
def test_they_are_told_in_their_language(stopped, people, sent):
    MailPreference.objects.filter(user=people).update(language="zh-hans")
    [mail] = sent(STOPPED_AT + SOON)
    assert mail.subject == "Webhook已停止推送：Mirror"
    assert "有1项变更待推送。" in mail.body


@pytest.mark.long
@pytest.mark.parametrize("settle", [resume_subscriber, remove_subscriber])
def test_nobody_is_told_of_what_was_settled_meanwhile(stopped, sent, settle):
    settle(stopped.pk, **({"at": STOPPED_AT} if settle is resume_subscriber else {}))
    assert sent(STOPPED_AT + SOON) == []


@pytest.mark.long
def test_who_is_no_administrator_any_more_gets_none(stopped, people, sent):
    people.is_superuser = False
    people.save()
    assert sent(STOPPED_AT + SOON) == []


@pytest.mark.long
def test_administrators_are_told_of_one_who_turned_it_off(
    people, duty, reporter, reviewer, server, subscribe, deliver, sent
):
    published(duty, reporter, reviewer, status="active")
    subscribe()
    server.way = "is_gone"
    assert deliver(NOW) == {"gone": 1}
    [mail] = sent(NOW + SOON)
    assert mail.subject == "Webhook stopped: Mirror"
    assert "Last error: 410: the receiver wants no more\n" in mail.body


@pytest.mark.long
def test_one_that_was_stopped_twice_before_the_mail_goes_out_is_told_of_once(
    stopped, sent, deliver, now_of
):
    resume_subscriber(stopped.pk, at=STOPPED_AT)
    WebhookSubscriber.objects.update(tries=MAX_DELIVERY_TRIES - 1)
    assert deliver(STOPPED_AT + SOON) == {"stopped": 1}
    assert Mail.objects.count() == 2
    assert len(sent(STOPPED_AT + 2 * SOON)) == 1


@pytest.mark.long
def test_one_that_fails_again_after_it_was_resumed_is_told_of_again(stopped, sent, deliver, now_of):
    assert len(sent(STOPPED_AT + SOON)) == 1
    at = STOPPED_AT + timedelta(days=1)
    resume_subscriber(stopped.pk, at=at)
    while now_of(stopped).state == "active":
        deliver(at)
        at = now_of(stopped).due_at
    assert len(sent(at + SOON)) == 1
