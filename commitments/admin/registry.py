"""The modules that register the tracker's pages with the admin when they are imported.

The pages get permissions from `policies` and change updates through `workflow` only.
"""

from commitments.admin.records import (
    account_requests,
    commitments,
    erasures,
    evidence,
    ledger,
    mail,
    meetings,
    people,
    progress,
    reference,
    task_runs,
    tokens,
    webhooks,
)

__all__ = [
    "account_requests",
    "commitments",
    "erasures",
    "evidence",
    "ledger",
    "mail",
    "meetings",
    "people",
    "progress",
    "reference",
    "task_runs",
    "tokens",
    "webhooks",
]
