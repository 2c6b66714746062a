"""What is sent to a subscriber, to whom, and how it is signed."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.models import Decision, WebhookSubscriber
from commitments.notify import webhooks as sending
from commitments.webhooks.sending import send_ping
from commitments.webhooks.signatures import (
    new_secret,
    signature,
    signed_headers,
    stored_secret,
)
from commitments.webhooks.subscribers import (
    pause_subscriber,
    replay_from,
    resume_subscriber,
    rotate_secret,
)
from tests import steps
from tests.steps import NOW, published
from tests.webhooks.receiver import is_signed

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

DAY = timedelta(days=1)


# Signatures


def test_the_signature_is_that_of_the_specification():
    """The example by which every library of Standard Webhooks is tested."""
    secret, message_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    found = signature(secret, message_id, 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(body=st.binary(max_size=50), other=st.binary(max_size=50))
def test_a_signature_holds_for_its_secret_and_body_alone(body, other):
    secret, headers = new_secret(), {}
    headers = signed_headers([secret], "change-1-ab", 7, body)
    assert is_signed(secret, headers, body)
    assert is_signed(secret, headers, other) == (body == other)
    assert not is_signed(new_secret(), headers, body)
    assert not is_signed(secret, headers | {"webhook-id": "change-2-ab"}, body)


def test_a_secret_has_256_bits_and_is_stored_encrypted(subscribe):
    subscriber, secret = subscribe()
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    assert secret.removeprefix("whsec_")[:20] not in subscriber.secret


def test_after_a_rotation_both_secrets_sign_for_a_day(
    subscribe, server, deliver, duty, reporter, reviewer
):
    subscriber, former = subscribe()
    secret = rotate_secret(subscriber.pk, at=NOW)
    published(duty, reporter, reviewer)
    deliver(NOW + DAY - timedelta(seconds=1))
    [(headers, body)] = server.requests
    assert is_signed(secret, headers, body)
    assert is_signed(former, headers, body)
    replay_from(subscriber.pk, 1, at=NOW)
    deliver(NOW + DAY)
    headers, body = server.requests[-1]
    assert is_signed(secret, headers, body)
    assert not is_signed(former, headers, body)


def test_a_secret_that_was_disclosed_ends_at_once(subscribe, server):
    subscriber, former = subscribe()
    secret = rotate_secret(subscriber.pk, at=NOW, end_former=True)
    subscriber.refresh_from_db()
    send_ping(subscriber, NOW)
    [(headers, body)] = server.requests
    assert is_signed(secret, headers, body)
    assert not is_signed(former, headers, body)


def test_a_site_with_another_key_stops_and_says_so(
    subscribe, server, deliver, duty, reporter, reviewer, now_of, settings
):
    subscriber, _secret = subscribe()
    published(duty, reporter, reviewer)
    former_key = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    settings.SECRET_KEY_FALLBACKS = [former_key]
    assert deliver(NOW) == {"delivered": 1}
    settings.SECRET_KEY_FALLBACKS = []
    replay_from(subscriber.pk, 1, at=NOW)
    assert deliver(NOW) == {"stopped": 1}
    assert now_of(subscriber).error == "secret cannot be read"
    assert len(server.requests) == 1
    rotate_secret(subscriber.pk, at=NOW)
    assert now_of(subscriber).former_secret_until is None
    resume_subscriber(subscriber.pk, at=NOW)
    assert deliver(NOW) == {"delivered": 1}


def test_a_former_secret_that_cannot_be_read_signs_nothing(
    subscribe, server, deliver, duty, reporter, reviewer, settings
):
    subscriber, former = subscribe()
    published(duty, reporter, reviewer)
    secret, of_this_key = rotate_secret(subscriber.pk, at=NOW), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    WebhookSubscriber.objects.update(former_secret=stored_secret(former))
    settings.SECRET_KEY = of_this_key
    assert deliver(NOW) == {"delivered": 1}
    [(headers, body)] = server.requests
    assert is_signed(secret, headers, body)
    assert not is_signed(former, headers, body)


# What is sent


def test_nothing_is_sent_twice_and_what_is_new_comes_next(
    subscriber, server, deliver, duty, reporter, reviewer
):
    published(duty, reporter, reviewer)
    assert deliver(NOW) == {"delivered": 1}
    assert deliver(NOW) == deliver(NOW + DAY) == {}
    published(duty, reporter, reviewer)
    assert deliver(NOW + DAY) == {"delivered": 1}
    assert len(set(server.ids())) == 2


def test_a_new_subscriber_gets_what_changes_from_then_on(
    subscribe, server, deliver, duty, reporter, reviewer
):
    published(duty, reporter, reviewer)
    subscribe(from_the_beginning=False)
    assert deliver(NOW) == {}
    later = published(duty, reporter, reviewer)
    deliver(NOW)
    assert [payload["data"]["update"] for payload in server.payloads()] == [later.pk]


@pytest.mark.long
def test_what_is_not_public_is_never_sent(subscriber, server, deliver, duty, reporter, reviewer):
    steps.returned(duty, reporter, reviewer)
    steps.draft(duty, reporter)
    update = published(duty, reporter, reviewer, evidence=[steps.RESOLUTION])
    archived = "https://archive.example.org/secret"
    steps.perform(
        update,
        Action.ARCHIVE,
        reviewer,
        evidence=update.evidence.get().pk,
        archived_url=archived,
        note="A secret.",
    )
    steps.perform(update, Action.RETRACT, reviewer, note="Wrong.")
    deliver(NOW)
    sent = json.dumps(server.payloads())
    assert [payload["type"] for payload in server.payloads()] == ["publish", "archive", "retract"]
    assert "secret" not in sent.lower()
    assert "Wrong." in sent


def test_what_is_sent_again_is_without_what_was_erased_meanwhile(
    subscriber, server, deliver, duty, reporter, reviewer, administrator, second_administrator
):
    update = published(duty, reporter, reviewer)
    steps.perform(update, Action.RETRACT, reviewer, note="Names somebody.")
    server.way = "says_500"
    retraction = Decision.objects.get(action="retract")
    replay_from(subscriber.pk, retraction.seq, at=NOW)
    deliver(NOW)
    assert server.payloads()[0]["data"]["note"] == "Names somebody."
    steps.erased(retraction, ["note"], administrator, second_administrator)
    server.way = "takes"
    deliver(NOW + DAY)
    assert server.ids()[0] == server.ids()[1]
    assert server.payloads()[1]["data"]["note"] is None


# Pauses and replays


def test_a_pause_loses_nothing(subscriber, server, deliver, duty, reporter, reviewer):
    pause_subscriber(subscriber.pk)
    published(duty, reporter, reviewer)
    assert deliver(NOW) == {}
    resume_subscriber(subscriber.pk, at=NOW)
    assert deliver(NOW) == {"delivered": 1}


def test_who_was_stopped_goes_on_where_it_ended(
    subscriber, server, deliver, duty, reporter, reviewer, now_of
):
    for _number in range(2):
        published(duty, reporter, reviewer)
    WebhookSubscriber.objects.update(tries=8)
    server.way = "says_500"
    assert deliver(NOW) == {"stopped": 1}
    server.way = "takes"
    resume_subscriber(subscriber.pk, at=NOW + DAY)
    assert deliver(NOW + DAY) == {"delivered": 2}
    first, *rest = server.ids()
    assert [first] == rest[:1]


@pytest.mark.long
def test_a_replay_while_a_request_is_under_way_wins(
    subscriber, server, deliver, duty, reporter, reviewer, now_of, monkeypatch
):
    for _number in range(3):
        published(duty, reporter, reviewer)
    deliver(NOW)
    replay_from(subscriber.pk, Decision.objects.public().in_order().last().seq, at=NOW)
    send = sending.send_message

    def send_then_replay(*args):
        outcome = send(*args)
        # Before its answer is recorded.
        monkeypatch.setattr(sending, "send_message", send)
        replay_from(subscriber.pk, 1, at=NOW)
        return outcome

    monkeypatch.setattr(sending, "send_message", send_then_replay)
    deliver(NOW)
    first = server.ids()[:3]
    assert server.ids() == [*first, first[-1], *first]


def test_a_ping_says_what_it_is_and_moves_nothing(subscribe, server, now_of):
    subscriber, secret = subscribe()
    pause_subscriber(subscriber.pk)
    attempt = send_ping(subscriber, NOW)
    assert attempt.is_delivered
    [(headers, body)] = server.requests
    assert json.loads(body) == {
        "type": "ping",
        "timestamp": "2026-07-01T04:00:00.000000Z",
        "data": {"subscriber": "Mirror"},
    }
    assert is_signed(secret, headers, body)
    assert now_of(subscriber).position == 0


# Runs


@pytest.mark.long
def test_a_change_costs_the_same_however_many_there_are(
    subscriber, server, deliver, duty, reporter, reviewer
):
    costs = []
    for number in (1, 2, 5):
        for _number in range(number):
            published(duty, reporter, reviewer)
        with CaptureQueriesContext(connection) as queries:
            deliver(NOW)
        costs.append(len(queries))
    each = costs[1] - costs[0]
    assert each == 12
    assert costs[2] == costs[1] + 3 * each


@pytest.mark.long
def test_a_run_during_another_one_sends_nothing_that_is_under_way(
    subscribe, server, deliver, duty, reporter, reviewer, monkeypatch
):
    subscribe()
    subscribe(name="Copy")
    for _number in range(2):
        published(duty, reporter, reviewer)
    send, others = sending.send_message, []

    def send_during_another_run(subscriber, message, now):
        monkeypatch.setattr(sending, "send_message", send)
        others.append(deliver(NOW))
        return send(subscriber, message, now)

    monkeypatch.setattr(sending, "send_message", send_during_another_run)
    # The other run serves the other subscriber alone.
    assert deliver(NOW) == {"delivered": 2}
    assert others == [{"delivered": 2}]
    assert [name.split("-")[1] for name in server.ids()] == ["2", "4", "2", "4"]
