"""Columns that the clock adds to commitments."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict


class ClockColumns(TypedDict):
    """What `CommitmentQuerySet.at` adds: the day of the clock in the plan's time zone, the current
    assessment, null or level 0 if there is none, and the number of updates that count.

    `basis_action_on` is the day of the newest action on which the assessment rests. The columns
    `action_…` describe the last action, the newest of the commitment; `deed_on` is the day of the
    newest action that is more than a statement. `current_from` is the first day of the review
    interval that ends on `day`. `known_due_on` and `known_ends_on` are the dates known at the time
    of the clock.
    """

    day: date
    current_from: date
    assessment_id: int | None
    assessment_status: str
    assessment_effective_on: date | None
    assessment_covers_from: date | None
    assessment_precision: str
    assessment_published_at: datetime | None
    assessment_level: int
    basis_action_on: date | None
    freshness: str | None
    action_id: int | None
    action_on: date | None
    action_precision: str | None
    action_type: str | None
    deed_on: date | None
    schedule: str
    known_due_on: date | None
    known_ends_on: date | None
    update_count: int
