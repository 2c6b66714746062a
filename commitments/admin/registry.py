"""The modules that register the tracker's pages with the admin when they are imported.

The pages get permissions from `policies` and change updates through `workflow` only.
"""

from commitments.admin import commitments, evidence, ledger, people, progress, reference, tokens

__all__ = ["commitments", "evidence", "ledger", "people", "progress", "reference", "tokens"]
