"""The ledger: all decisions in one hash chain, which outsiders can recompute."""

from commitments.ledger.chain import (
    ENTRY_VERSION,
    append,
    edited_subject,
    entry,
    frozen_version,
    import_digest,
    methodology_of,
    next_timestamp,
    published_digest,
    recorded_digests,
    writer_digests,
)
from commitments.ledger.clock import TOLERANCE, check_time, disagreement
from commitments.ledger.content import canonical_content, current_version
from commitments.ledger.dates import DateName, changed_dates
from commitments.ledger.hashing import (
    GENESIS,
    actor_text,
    chain_hash,
    format_utc,
    salted_digest,
    sha256_of,
    wording_sha256,
)
from commitments.ledger.subjects import (
    PLAN_SUBJECTS,
    Subject,
    changed_contents,
    content_of,
    plan_of,
    recorded_content,
    rows_of,
    subject_of,
)

__all__ = [
    "ENTRY_VERSION",
    "GENESIS",
    "PLAN_SUBJECTS",
    "TOLERANCE",
    "DateName",
    "Subject",
    "actor_text",
    "append",
    "canonical_content",
    "chain_hash",
    "changed_contents",
    "changed_dates",
    "check_time",
    "content_of",
    "current_version",
    "disagreement",
    "edited_subject",
    "entry",
    "format_utc",
    "frozen_version",
    "import_digest",
    "methodology_of",
    "next_timestamp",
    "plan_of",
    "published_digest",
    "recorded_content",
    "recorded_digests",
    "rows_of",
    "salted_digest",
    "sha256_of",
    "subject_of",
    "wording_sha256",
    "writer_digests",
]
