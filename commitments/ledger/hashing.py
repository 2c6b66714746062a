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
from json import JSONEncoder

import rfc8785

from commitments.texts.text import Text

# The hash before the first decision.
GENESIS = "00" * 32
# The whole numbers that JSON represents exactly.
_EXACT = range(-(2**53) + 1, 2**53)
_encode_plain = JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical_json(value: object) -> bytes:
    """Return a value as canonical JSON. Raise ValueError if JSON cannot represent it."""
    if _is_plain(value):
        # The same bytes, many times faster: the standard library encodes in C.
        return _encode_plain(value).encode()
    return rfc8785.dumps(value)  # type: ignore[arg-type]


def _is_plain(value: object) -> bool:
    """Return whether the standard library writes a value as RFC 8785 does. It writes fractions and
    large numbers differently, accepts keys that are not strings, and sorts keys by their characters
    instead of UTF-16, which is the same for ASCII."""
    if value is None or type(value) is str or type(value) is bool:
        return True
    if type(value) is int:
        return value in _EXACT
    if type(value) is dict:
        return all(map(_is_plain_key, value)) and all(map(_is_plain, value.values()))
    return type(value) is list and all(map(_is_plain, value))


def _is_plain_key(key: object) -> bool:
    return type(key) is str and key.isascii()


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
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def chain_hash(previous: str, entry_sha256: str) -> str:
    """Return the hash that follows `previous` in the chain."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(entry_sha256)).hexdigest()


def actor_text(user: int | None) -> str:
    """Return the text whose salted digest is `actor_commit`; `user` is an id, or None for the
    system."""
    return "system" if user is None else f"user:{user}"
