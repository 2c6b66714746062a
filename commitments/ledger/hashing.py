"""Digests of the ledger. All are SHA-256 and, as text, 64 hexadecimal digits.

canonical JSON  RFC 8785
salted digest   SHA-256 of 32 random bytes and a text in UTF-8; without the salt nobody can guess
                the text, with it anybody can check it
chain hash      SHA-256 of the previous hash and the digest of the entry, 32 raw bytes each;
                the first previous hash is 32 zero bytes
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import rfc8785

from commitments.texts.text import Text

# The hash before the first decision.
GENESIS = "00" * 32


def canonical_json(value: object) -> bytes:
    """Return a value as canonical JSON. Raise ValueError if JSON cannot represent it."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]


def sha256_of(value: object) -> str:
    """Return the digest of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def salted_digest(salt: str, text: str) -> str:
    """Return the salted digest of a text; `salt` is 32 bytes in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def wording_sha256(text: Text) -> str:
    """Return the digest of a commitment's text in all its languages."""
    return sha256_of(text.as_dict())


def format_utc(at: datetime) -> str:
    """Format an aware time in UTC, always with six decimals and `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chain_hash(previous: str, entry_sha256: str) -> str:
    """Return the hash that follows `previous` in the chain."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(entry_sha256)).hexdigest()


def actor_text(user: int | None) -> str:
    """Return the text whose salted digest is `actor_commit`; `user` is an id, or None for the
    system."""
    return "system" if user is None else f"user:{user}"
