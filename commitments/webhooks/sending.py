"""One signed request to a subscriber."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from commitments.access.encryption import Undecipherable
from commitments.ledger import format_utc
from commitments.links.connection import (
    BlockedAddress,
    HttpReply,
    PublicClient,
    RequestLimits,
    Unreachable,
)
from commitments.models import WebhookAttempt, WebhookSubscriber
from commitments.models.webhooks import MAX_REPLY_LENGTH
from commitments.webhooks.signatures import signed_headers, signing_secrets

# Standard Webhooks asks receivers to answer within 15 to 30 seconds.
WEBHOOK_LIMITS = RequestLimits(total_seconds=20, step_seconds=20, max_bytes=2000)
# A longer `Retry-After` is cut to this.
MAX_RETRY_AFTER = timedelta(days=1)
MAX_RETRY_AFTER_DIGITS = 9
WAIT_STATUSES = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
PING = "ping"
# Why nothing was sent: the `SECRET_KEY` that encrypted the secret is gone.
SECRET_UNREADABLE = "secret cannot be read"  # noqa: S105
INTERNAL_ERROR = "internal error"


@dataclass(frozen=True)
class WebhookMessage:
    """What is sent; `seq` is the entry of the ledger that it is about, None for a ping. Receivers
    drop a message with an `id` that they have already had."""

    id: str
    type: str
    body: bytes
    seq: int | None = None


@dataclass(frozen=True)
class WebhookOutcome:
    """The outcome of a request: its row of the log, not saved yet, and how long the receiver asks
    to wait, None if it does not."""

    attempt: WebhookAttempt
    retry_after: timedelta | None = None

    @property
    def is_gone(self) -> bool:
        return self.attempt.status == HTTPStatus.GONE

    @property
    def cannot_sign(self) -> bool:
        return self.attempt.error == SECRET_UNREADABLE

    @property
    def failure(self) -> str:
        """Return what went wrong: the status, or why there is none; "" if nothing did."""
        attempt = self.attempt
        return "" if attempt.is_delivered else attempt.error or str(attempt.status)


def message_body(message_type: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """Return the body of a message about something that happened at a time."""
    values = {"type": message_type, "timestamp": format_utc(at), "data": data}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def send_message(
    subscriber: WebhookSubscriber, message: WebhookMessage, now: datetime
) -> WebhookOutcome:
    """Send a message and return the outcome; no error of the network is raised."""
    status, error, reply, retry_after = None, "", "", None
    begun = monotonic()
    try:
        answer = _post(subscriber, message, now)
    except Undecipherable:
        error = SECRET_UNREADABLE
    except Unreachable as reason:
        error = str(reason)
    else:
        status, reply = answer.status, _first_words(answer.body)
        if status in WAIT_STATUSES:
            retry_after = _retry_after(answer.headers.get("retry-after", ""), now)
    attempt = WebhookAttempt(
        subscriber=subscriber,
        at=now,
        message_id=message.id,
        type=message.type,
        seq=message.seq,
        status=status,
        error=error[:MAX_REPLY_LENGTH],
        reply=reply,
        milliseconds=int((monotonic() - begun) * 1000),
    )
    return WebhookOutcome(attempt, retry_after)


def send_ping(subscriber: WebhookSubscriber, now: datetime) -> WebhookAttempt:
    """Send a test message, whatever the state of the subscriber, and return its row of the log."""
    message_id = f"{PING}-{secrets.token_hex(8)}"
    body = message_body(PING, now, {"subscriber": subscriber.name})
    outcome = send_message(subscriber, WebhookMessage(message_id, PING, body), now)
    outcome.attempt.save()
    return outcome.attempt


def is_open_to_tests(host: str) -> bool:
    """Return whether a host, given with its port, may be sent to although it is not public: for
    tests."""
    return host in settings.LINK_CHECK_OPEN_HOSTS


def _post(subscriber: WebhookSubscriber, message: WebhookMessage, now: datetime) -> HttpReply:
    parts = urlsplit(subscriber.url)
    if parts.scheme != "https" and not is_open_to_tests(parts.netloc):
        raise BlockedAddress("not an https address")
    by = signing_secrets(subscriber, now)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        **signed_headers(by, message.id, int(now.timestamp()), message.body),
    }
    client = PublicClient(
        f"commitment-tracker (webhooks; +{settings.SITE_URL})",
        frozenset(settings.LINK_CHECK_OPEN_HOSTS),
        WEBHOOK_LIMITS,
    )
    return client.request("POST", subscriber.url, message.body, headers)


def _first_words(body: bytes) -> str:
    """Return the beginning of an answer, on one line."""
    text = body.decode("utf-8", "replace")
    readable = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(readable.split())[:MAX_REPLY_LENGTH]


def _retry_after(header: str, now: datetime) -> timedelta | None:
    """Return how long a `Retry-After` asks to wait, in seconds or until a time, within bounds; None
    if it says neither."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        seconds = int(header[:MAX_RETRY_AFTER_DIGITS])
    else:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        except OverflowError:
            # In a year, or with an offset, that no time can have.
            return MAX_RETRY_AFTER
        seconds = int((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
    return min(max(timedelta(seconds=seconds), timedelta()), MAX_RETRY_AFTER)
