"""What an author has changed of an update since a reviewer returned it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commitments import ledger
from commitments.admin.workbench.comparison import (
    FieldDifference,
    by_id,
    evidence_differences,
    field_differences,
)
from commitments.models import ProgressUpdate, ReturnedContent


@dataclass(frozen=True)
class Returned:
    """When an update was returned, and what its author has changed since."""

    at: datetime
    changes: list[FieldDifference]


def since_return(update: ProgressUpdate) -> Returned | None:
    """Return what has changed since the update was last returned, None if it never was."""
    kept = ReturnedContent.objects.filter(update=update).first()
    if kept is None:
        return None
    was, now = kept.content, ledger.full_content(update)
    changes = [*field_differences(was, now, now), *evidence_differences(was, now, [by_id])]
    return Returned(kept.at, changes)
