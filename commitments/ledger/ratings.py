"""The content of ratings, which the digests in their decisions cover."""

from __future__ import annotations

from typing import Any

from commitments.ledger.hashing import canonical_json, salted_digest
from commitments.models import Rating

# The version of the form of the content, part of each.
RATING_VERSION = 1


def rating_content(rating: Rating) -> dict[str, Any]:
    """Return what a rating says, ready for canonical JSON. Who rated is not in it: the decision
    commits to its actor."""
    return {
        "v": RATING_VERSION,
        "update": rating.update_id,
        "basis_sha256": rating.basis_sha256,
        "findings": rating.findings,
        "status": rating.status,
        "assessed_findings": rating.assessed_findings,
        "assessed_status": rating.assessed_status,
    }


def rating_digest(rating: Rating) -> str:
    """Return the salted digest of a rating. Without the salt nobody can find out the rating by
    trying the few that are possible."""
    return salted_digest(rating.salt, canonical_json(rating_content(rating)).decode())
