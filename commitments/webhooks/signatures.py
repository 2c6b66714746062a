"""Secrets of subscribers, and the signatures made with them, as Standard Webhooks defines them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from commitments.access.encryption import Undecipherable, decrypted, encrypted
from commitments.models import WebhookSubscriber

SECRET_PREFIX = "whsec_"  # noqa: S105 (how each begins)
SECRET_BYTES = 32
# How long a replaced secret still signs, so that its receiver has time to change it.
FORMER_SIGNS_FOR = timedelta(days=1)


def new_secret() -> str:
    """Return a random secret in the form in which its receiver stores it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def stored_secret(secret: str) -> str:
    """Return a secret encrypted, as it is stored in the table."""
    return encrypted(secret, __name__)


def is_decipherable(stored: str) -> bool:
    """Return whether this site has the `SECRET_KEY` that encrypted a secret."""
    try:
        decrypted(stored, __name__)
    except Undecipherable:
        return False
    return True


def signing_secrets(subscriber: WebhookSubscriber, now: datetime) -> list[str]:
    """Return the secrets that sign what is sent now, the current one first; a former one that
    cannot be read signs nothing. Raise Undecipherable if the current one cannot be read."""
    stored, until = [subscriber.secret], subscriber.former_secret_until
    if until is not None and now < until and is_decipherable(subscriber.former_secret):
        stored.append(subscriber.former_secret)
    return [decrypted(secret, __name__) for secret in stored]


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message sent at a time in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(
    by: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers by which a receiver checks a message, with a signature by each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message_id, timestamp, body) for secret in by
        ),
    }
