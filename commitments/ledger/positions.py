"""Positions in the chain, from which a reader continues."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import NamedTuple

from commitments.ledger.hashing import GENESIS
from commitments.models import Decision, LedgerHead

# With a version, so that positions can have other contents later.
_TEXT = re.compile(rb"2:(0|[1-9]\d{0,17}):([0-9a-f]{64})\Z")


class Position(NamedTuple):
    """A link of the chain, by its sequence number and its hash. A chain that was rewritten at or
    before the link does not have it."""

    seq: int
    hash: str

    @classmethod
    def of_head(cls) -> Position:
        """Return the position of the last link; one query."""
        head = LedgerHead.objects.get()
        return cls(head.seq, head.hash)

    @classmethod
    def from_text(cls, text: str) -> Position:
        """Return the position that `as_text` wrote. Raise ValueError for any other text."""
        try:
            match = _TEXT.match(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except NotBase64 as error:
            raise ValueError(text) from error
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), match[2].decode())

    def as_text(self) -> str:
        """Return the position as an opaque text without characters that have to be escaped in
        addresses."""
        return urlsafe_b64encode(f"2:{self.seq}:{self.hash}".encode()).decode().rstrip("=")

    def is_in_chain(self) -> bool:
        """Return whether the chain has this link; every chain has the start. At most one query."""
        return self == START or Decision.objects.filter(seq=self.seq, hash=self.hash).exists()


# Before the first link.
START = Position(0, GENESIS)
