"""Secrets that are stored encrypted, because the site itself has to read them."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Undecipherable(Exception):
    """The secret was encrypted with a `SECRET_KEY` that this site does not have."""


def encrypted(secret: str, purpose: str) -> str:
    """Return a secret encrypted for storage, with a key of its own for each purpose."""
    return _cipher(purpose).encrypt(secret.encode()).decode()


def decrypted(stored: str, purpose: str) -> str:
    """Return the secret that was `encrypted` for this purpose. Raise Undecipherable if no key
    fits."""
    try:
        return _cipher(purpose).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Undecipherable from None


def _cipher(purpose: str) -> MultiFernet:
    """Return a cipher that encrypts with a key derived from `SECRET_KEY`, and decrypts with this
    key and those derived from `SECRET_KEY_FALLBACKS`."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"{purpose} {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
