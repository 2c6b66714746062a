"""The key that signs the ledger's checkpoints. It is a file, and never in the database."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from commitments.exceptions import TrackerError
from commitments.ledger.proofs.notes import InvalidNote, SigningKey, is_key_name


class LedgerKeyError(TrackerError):
    """The key cannot be read or made; `str()` says why, and what to do."""


def read_ledger_key() -> SigningKey | None:
    """Return the site's key, None if there is none. Raise LedgerKeyError if it cannot be read."""
    path = Path(settings.LEDGER_KEY)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise LedgerKeyError(f"LEDGER_KEY ({path}) cannot be read: {error}") from error
    try:
        return SigningKey.parse(text.removesuffix("\n"))
    except InvalidNote as error:
        raise LedgerKeyError(
            f"LEDGER_KEY ({path}) is {error}. Restore the file; with another key the ledger is "
            "another one to everybody who checks it."
        ) from error


def make_ledger_key(name: str) -> SigningKey:
    """Make the site's key, whose name becomes that of the ledger, and return it. Raise
    LedgerKeyError if there is a key already, if the name is not valid, or if the file cannot be
    written."""
    if not is_key_name(name):
        raise LedgerKeyError(
            f"“{name}” cannot be the name of a ledger: choose an address without https:// and "
            "without blanks and plus signs, such as tracker.example.org/api/v1/ledger."
        )
    path, key = Path(settings.LEDGER_KEY), SigningKey.generate(name)
    try:
        # Only the owner may read the file from the start, and an existing key is never overwritten.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LedgerKeyError(
            f"LEDGER_KEY ({path}) is there already, and a key is not replaced."
        ) from None
    except OSError as error:
        raise LedgerKeyError(f"LEDGER_KEY ({path}) cannot be made: {error}") from error
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        # A part of a key could not be read, and would keep a whole one from being made.
        path.unlink()
        raise LedgerKeyError(f"LEDGER_KEY ({path}) cannot be made: {error}") from error
    return key
