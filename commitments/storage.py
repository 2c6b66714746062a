"""Where evidence files are kept: under a random name, apart from everything that is served."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.core.files.storage import Storage, storages

if TYPE_CHECKING:
    from commitments.models import Evidence


def evidence_storage() -> Storage:
    """The storage named `evidence` in the settings."""
    return storages["evidence"]


def random_name(evidence: Evidence, original: str) -> str:
    """A name that says nothing of the file and cannot be guessed."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"
