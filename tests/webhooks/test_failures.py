"""A receiver that fails in many ways: nothing is lost, left out or put in another order, and no
receiver keeps the tracker waiting."""

import itertools
import shutil
import socket
import ssl
import subprocess
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest

from commitments.links import connection
from commitments.links.connection import RequestLimits
from commitments.models import Decision, WebhookAttempt
from commitments.models.querysets.shared import BEYOND_ANY_PAUSE
from commitments.notify import webhooks as sending
from commitments.notify.webhooks import MAX_DELIVERY_TRIES, RETRY_PAUSES
from commitments.webhooks.sending import MAX_RETRY_AFTER
from tests.examples import sampled
from tests.steps import NOW, published
from tests.webhooks.receiver import LIMITS_PATH, LONG, SHORT, is_signed

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

MINUTES = timedelta(minutes=5)
# How it fails, and what the log says of it: the status of the answer, or why there is none.
WAYS = [
    ("says_500", "500"),
    ("is_busy", "429"),
    ("is_down", "503"),
    ("redirects", "307"),
    ("hangs", "timed out"),
    ("hangs_in_the_answer", "timed out"),
    ("drips", "timed out"),
    ("talks_garbage", "invalid response"),
    ("closes_at_once", "no connection"),
    ("resets", "no connection"),
]


@pytest.fixture
def changes(duty, reporter, reviewer):
    """Three changes, of which a receiver gets the ids in this order."""
    for _number in range(3):
        published(duty, reporter, reviewer, status="active")
    return [f"change-{row.seq}-{row.hash[:16]}" for row in Decision.objects.public().in_order()]


@pytest.mark.parametrize(("way", "logged"), sampled(WAYS, lambda way, logged: logged))
def test_after_any_failure_the_same_is_sent_again_and_the_rest_in_order(
    way, logged, server, subscribe, deliver, changes, now_of, monkeypatch
):
    subscriber, secret = subscribe()
    server.way = way
    begun = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(LIMITS_PATH, SHORT if logged == "timed out" else LONG)
        assert deliver(NOW) == {"failed": 1}
    assert time.monotonic() - begun < 3
    assert server.ids() == changes[:1]
    [attempt] = WebhookAttempt.objects.all()
    assert (str(attempt.status or attempt.error), attempt.is_delivered) == (logged, False)
    assert now_of(subscriber).error == logged
    # Not sooner than in five minutes.
    assert deliver(NOW + MINUTES - timedelta(seconds=1)) == {}
    server.way = "takes"
    assert deliver(NOW + MINUTES) == {"delivered": len(changes)}
    assert server.ids() == [changes[0], *changes]
    assert all(is_signed(secret, headers, body) for headers, body in server.requests)
    found = now_of(subscriber)
    assert (found.tries, found.error, found.state) == (0, "", "active")


def test_a_receiver_that_refuses_the_connection_gets_it_later(
    server, subscribe, deliver, changes, settings
):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    settings.LINK_CHECK_OPEN_HOSTS = [host]
    subscribe(url=f"http://{host}/")
    assert deliver(NOW) == {"failed": 1}
    assert WebhookAttempt.objects.get().error == "no connection"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    server, subscribe, deliver, changes, settings, tmp_path
):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    settings.LINK_CHECK_OPEN_HOSTS = [host]
    subscribe(url=f"https://{host}/")
    assert deliver(NOW) == {"failed": 1}
    assert WebhookAttempt.objects.get().error == "no secure connection"
    assert server.requests == []


def test_a_receiver_without_tls_gets_a_change_from_a_client_that_wants_it(
    server, subscribe, deliver, changes
):
    subscribe(url=server.url.replace("http:", "https:"))
    assert deliver(NOW) == {"failed": 1}
    assert WebhookAttempt.objects.get().error == "no secure connection"
    assert server.requests == []


@pytest.mark.long
def test_an_answer_without_end_is_not_read_on(server, subscriber, deliver, changes):
    server.way = "never_ends"
    begun = time.monotonic()
    assert deliver(NOW) == {"delivered": len(changes)}
    assert time.monotonic() - begun < 3
    assert {len(row.reply) for row in WebhookAttempt.objects.all()} == {200}


def test_who_answers_410_is_sent_no_more(server, subscriber, deliver, changes, now_of):
    server.way = "is_gone"
    assert deliver(NOW) == {"gone": 1}
    assert now_of(subscriber).state == "gone"
    server.way = "takes"
    assert deliver(NOW + timedelta(days=1)) == {}
    assert len(server.requests) == 1


@pytest.mark.parametrize("way", sampled(["is_busy", "is_down"], lambda way: "waits"))
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("7200", timedelta(hours=2)),
        (format_datetime(NOW + timedelta(hours=3), usegmt=True), timedelta(hours=3)),
        # Bounded, and never sooner than without.
        ("99999999999999999999", timedelta(days=1)),
        (f"Fri, 01 Jan {10**20} 00:00:00 GMT", timedelta(days=1)),
        ("1", MINUTES),
        ("-5", MINUTES),
        ("soon", MINUTES),
        (format_datetime(NOW - timedelta(hours=3), usegmt=True), MINUTES),
    ],
)
def test_who_asks_to_wait_is_not_asked_before(
    way, asked, expected, server, subscriber, deliver, changes, now_of
):
    server.way, server.retry_after = way, asked
    deliver(NOW)
    assert now_of(subscriber).due_at == NOW + expected


def test_other_answers_do_not_say_when(server, subscriber, deliver, changes, now_of, monkeypatch):
    server.way = "is_busy"
    monkeypatch.setattr("commitments.webhooks.sending.WAIT_STATUSES", (503,))
    server.retry_after = "7200"
    deliver(NOW)
    assert now_of(subscriber).due_at == NOW + MINUTES


@pytest.mark.long
def test_after_three_days_nothing_more_is_tried(server, subscriber, deliver, changes, now_of):
    server.way, at, tried = "says_500", NOW, []
    while now_of(subscriber).state == "active":
        deliver(at)
        tried.append(at)
        at = now_of(subscriber).due_at
    assert len(tried) == MAX_DELIVERY_TRIES
    assert timedelta(days=3) < tried[-1] - tried[0] < timedelta(days=4)
    assert [after - before for before, after in itertools.pairwise(tried)] == [*RETRY_PAUSES]
    assert now_of(subscriber).state == "stopped"
    assert set(server.ids()) == {changes[0]}
    assert deliver(at + timedelta(days=30)) == {}


@pytest.mark.long
def test_a_failure_holds_up_no_other_subscriber(
    server, subscribe, deliver, changes, now_of, settings
):
    settings.LINK_CHECK_OPEN_HOSTS = [server.host]
    broken, _secret = subscribe(name="Away", url="https://127.0.0.1:1/")
    other, _secret = subscribe(name="There")
    assert deliver(NOW) == {"failed": 1, "delivered": len(changes)}
    assert now_of(broken).error == "not a public address"
    assert now_of(other).position == Decision.objects.public().in_order().last().seq


@pytest.mark.long
def test_a_mistake_of_our_own_holds_up_no_other_subscriber(
    server, subscribe, deliver, changes, now_of, monkeypatch
):
    one, _secret = subscribe(name="One")
    subscribe(name="Two")
    real = sending.send_message

    def broken(subscriber, message, now):
        if subscriber.pk == one.pk:
            raise RuntimeError("a mistake")
        return real(subscriber, message, now)

    monkeypatch.setattr(sending, "send_message", broken)
    assert deliver(NOW) == {"failed": 1, "delivered": len(changes)}
    found = now_of(one)
    assert (found.due_at, found.error) == (NOW + MINUTES, "internal error")
    assert one.attempts.get().message_id == changes[0]


def test_the_first_words_of_an_answer_are_kept_on_one_line(server, subscriber, deliver, changes):
    server.way = "says_500"
    deliver(NOW)
    reply = WebhookAttempt.objects.get().reply
    assert reply.startswith("<h1>Oh no</h1> <p>broken!!!")
    assert len(reply) == 200


@pytest.mark.long
def test_a_sender_that_was_killed_counts_as_no_failure(
    server, subscriber, deliver, changes, now_of, monkeypatch
):
    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_message", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(NOW)
    assert deliver(NOW + MINUTES - timedelta(seconds=1)) == {}
    assert now_of(subscriber).tries == 0
    assert deliver(NOW + MINUTES) == {"delivered": len(changes)}


@pytest.mark.long
def test_a_run_whose_clock_was_ahead_holds_up_nothing(
    server, subscriber, deliver, changes, duty, reporter, reviewer
):
    deliver(NOW + timedelta(days=400))
    published(duty, reporter, reviewer)
    assert deliver(NOW) == {"delivered": 1}


def test_no_pause_counts_as_a_wrong_clock():
    assert max(*RETRY_PAUSES, MAX_RETRY_AFTER) < BEYOND_ANY_PAUSE


def test_a_pause_meanwhile_is_not_undone(server, subscriber, deliver, changes, now_of, monkeypatch):
    send = sending.send_message

    def send_during_a_pause(*args):
        outcome = send(*args)
        type(subscriber).objects.update(state="paused", tries=8)
        return outcome

    monkeypatch.setattr(sending, "send_message", send_during_a_pause)
    server.way = "is_gone"
    deliver(NOW)
    assert (now_of(subscriber).state, now_of(subscriber).error) == ("paused", "410")


def test_nothing_is_sent_unencrypted(subscribe, deliver, changes, now_of, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: pytest.fail("asked for"))
    subscriber, _secret = subscribe(url="http://example.org/hook")
    assert deliver(NOW) == {"failed": 1}
    assert now_of(subscriber).error == "not an https address"


def test_nothing_is_sent_to_a_name_that_leads_to_a_private_network(
    server, subscribe, deliver, changes, now_of, monkeypatch
):
    def getaddrinfo(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    subscriber, _secret = subscribe(url=f"https://hooks.example:{server.server_port}/")
    assert deliver(NOW) == {"failed": 1}
    assert now_of(subscriber).error == "not a public address"
    assert server.requests == []


@pytest.fixture
def two_addresses(server, subscribe, settings, monkeypatch):
    """`two_addresses(first, second)` has the receiver's name lead to these, and subscribes it.
    Nothing but loopback accepts a connection."""

    def two_addresses(*ips):
        def getaddrinfo(host, port, *args, **kwargs):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

        class Waiting(connection.HTTPConnection):
            def connect(self):
                if self.host != "127.0.0.1":
                    time.sleep(self.timeout)
                    raise TimeoutError
                super().connect()

        monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
        monkeypatch.setattr(connection, "HTTPConnection", Waiting)
        host = f"two.example:{server.server_port}"
        settings.LINK_CHECK_OPEN_HOSTS = [host]
        return subscribe(url=f"http://{host}/")[0]

    return two_addresses


@pytest.mark.long
def test_a_second_address_is_tried_if_the_first_accepts_no_connection(
    server, two_addresses, deliver, changes, monkeypatch
):
    monkeypatch.setattr(LIMITS_PATH, RequestLimits(2, 2, 2000))
    two_addresses("192.0.2.1", "127.0.0.1")
    assert deliver(NOW) == {"delivered": len(changes)}


@pytest.mark.long
def test_a_receiver_with_a_second_address_has_as_long_to_answer_as_any(
    server, two_addresses, deliver, changes, monkeypatch
):
    monkeypatch.setattr(LIMITS_PATH, RequestLimits(3, 3, 2000))
    two_addresses("127.0.0.1", "192.0.2.1")
    server.way = "takes_late"
    assert deliver(NOW) == {"delivered": len(changes)}
    assert server.ids() == changes
