"""How a commitment came to where it stands: years for a standing duty, steps for a deliverable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from commitments.choices import Kind, Status, Tone
from commitments.models import Plan, ProgressUpdate
from commitments.trend import Claim, Step, periods

STEPS = (Status.NOT_STARTED, Status.STARTED, Status.SUBSTANTIAL, Status.COMPLETED)


@dataclass(frozen=True)
class Year:
    """How a duty stood at the year's end (this year: on the day that is looked at). `tone` is
    unknown once the claim has lapsed; `updates` those that count and are about that year."""

    name: str
    ends_on: date
    status: Status
    tone: Tone
    updates: int

    @property
    def lapsed(self) -> bool:
        return self.tone is Tone.UNKNOWN and self.status.rule.tone is not Tone.UNKNOWN


@dataclass(frozen=True)
class Reached:
    """A step of a deliverable, and the day from which it was first claimed."""

    status: Status
    on: date | None
    precision: str
    here: bool


def years(commitment: Any, updates: list[ProgressUpdate], plan: Plan, day: date) -> list[Year]:
    """Of updates that count, the latest first."""
    claims = [
        Claim(commitment.pk, row.effective_on, Status(row.status))
        for row in reversed(updates)
        if row.status
    ]
    busy = Counter(row.effective_on.year for row in updates)
    told = []
    for period in periods({commitment.pk: commitment.kind}, claims, plan, Step.YEAR, day):
        part = period.group.kinds[Kind(commitment.kind)]
        [status] = [Status(code) for code, n in part.counts.items() if n]
        [tone] = [Tone(code) for code, n in part.tones.items() if n]
        n = busy[period.ends_on.year]
        told.append(Year(period.name, period.ends_on, status, tone, n))
    return told


def steps(commitment: Any, updates: list[ProgressUpdate]) -> list[Reached]:
    """Of updates that count, the latest first."""
    first = {row.status: row for row in updates if row.status}
    return [
        Reached(
            status,
            first[status].effective_on if status in first else None,
            first[status].date_precision if status in first else "day",
            commitment.claim_status == status,
        )
        for status in STEPS
    ]
