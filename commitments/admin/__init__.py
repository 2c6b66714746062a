"""The staff side, on Django's own admin. It asks `policies` what a person may do, and leaves
every write of an update to `workflow`."""

from commitments.admin import commitments, evidence, ledger, people, progress, reference, tokens

__all__ = ["commitments", "evidence", "ledger", "people", "progress", "reference", "tokens"]
