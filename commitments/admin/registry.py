"""The modules that register the tracker's pages with the admin when they are imported.

The pages get permissions from `policies` and change updates through `workflow` only.
"""

from commitments.admin import (
    commitments,
    erasures,
    evidence,
    ledger,
    meetings,
    people,
    progress,
    reference,
    tokens,
)

__all__ = [
    "commitments",
    "erasures",
    "evidence",
    "ledger",
    "meetings",
    "people",
    "progress",
    "reference",
    "tokens",
]
