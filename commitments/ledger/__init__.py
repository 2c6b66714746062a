"""The ledger: all decisions in one hash chain, which outsiders can recompute."""

from commitments.ledger.chain import (
    ENTRY_VERSION,
    append,
    entry,
    frozen_version,
    import_digest,
    next_timestamp,
    published_digest,
)
from commitments.ledger.content import canonical_content, current_version
from commitments.ledger.hashing import (
    GENESIS,
    actor_text,
    chain_hash,
    format_utc,
    salted_digest,
    sha256_of,
    wording_sha256,
)

__all__ = [
    "ENTRY_VERSION",
    "GENESIS",
    "actor_text",
    "append",
    "canonical_content",
    "chain_hash",
    "current_version",
    "entry",
    "format_utc",
    "frozen_version",
    "import_digest",
    "next_timestamp",
    "published_digest",
    "salted_digest",
    "sha256_of",
    "wording_sha256",
]
