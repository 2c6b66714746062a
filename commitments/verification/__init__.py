"""Verification of the tables against the ledger.

A person with access to the database can change rows and lift triggers. The differences show here,
unless the later part of the chain was recomputed too; then a head pinned elsewhere shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from commitments.exceptions import Problem
from commitments.ledger import ErasedLinks
from commitments.verification.accounts import account_differences, unrecorded_accounts
from commitments.verification.chain import PinnedHead, chain_differences, pin_differences
from commitments.verification.checkpoints import checkpoint_differences
from commitments.verification.contents import subject_differences
from commitments.verification.erasures import erasure_differences
from commitments.verification.ratings import rating_differences
from commitments.verification.reading import SharedRows
from commitments.verification.references import reference_differences
from commitments.verification.statuses import status_differences
from commitments.verification.updates import (
    file_differences,
    lost_updates,
    update_differences,
)

__all__ = ["PinnedHead", "file_differences", "ledger_differences", "pin_differences"]


def ledger_differences(now: datetime) -> Iterator[Problem]:
    """Yield every difference with its place; nothing if ledger and tables agree.

    `now` is the time of the clock. Call this inside `db.consistent_read()`, so that concurrent
    actions are not reported as differences.
    """
    erased, shared = ErasedLinks.read(), SharedRows.read()
    yield from chain_differences(now, erased, shared)
    yield from checkpoint_differences()
    yield from update_differences(shared)
    yield from lost_updates()
    yield from rating_differences()
    yield from erasure_differences()
    yield from reference_differences()
    yield from subject_differences(erased, shared)
    yield from status_differences()
    yield from account_differences()
    yield from unrecorded_accounts()
