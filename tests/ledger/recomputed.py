"""The ledger's formats, written with `hashlib` and `json` alone, as an outsider would."""

import hashlib
import json
import re

from commitments.models import LedgerHead

ZEROS = "0" * 64
HEX = re.compile(r"[0-9a-f]{64}")


def canonical(value):
    """Return a value in the form of RFC 8785. Keys must be ASCII, numbers integers."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(value):
    return hashlib.sha256(canonical(value)).hexdigest()


def salted_digest(salt, text):
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def chain_hash(previous, entry):
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(entry)).hexdigest()


def head():
    row = LedgerHead.objects.get()
    return row.seq, row.hash, row.at
