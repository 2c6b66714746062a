"""Compares what the tables hold with what the ledger says, link by link and row by row.

Whoever may write to the database may change rows and triggers. What they changed shows here,
unless they also rewrote the ledger's tail: that shows against a head that was pinned elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from commitments.exceptions import Problem
from commitments.verification.chain import Pin, chain_differences
from commitments.verification.plans import claim_differences, wording_differences
from commitments.verification.updates import lost_updates, update_differences

__all__ = ["Pin", "differences"]


def differences(pin: Pin | None = None) -> Iterator[Problem]:
    """Every difference with its place, as it is found; nothing if the ledger is whole.

    `pin` is a link that was noted down before: it must still be in the chain. Call it inside
    `snapshot()`, so that acts done meanwhile are not taken for differences.
    """
    yield from chain_differences(pin)
    yield from update_differences()
    yield from lost_updates()
    yield from wording_differences()
    yield from claim_differences()
