"""The facts of a commitment that roll-ups count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from commitments.choices import Freshness, Schedule, Tone, effective_tone
from commitments.models.querysets import CommitmentQuerySet


@dataclass(frozen=True)
class Item:
    """The status, freshness and schedule of a commitment under the reader's clocks.

    `acted` says whether there was an action within one review interval, `acted_beyond_statements`
    whether one was more than a statement. `goal` and `area` are their numbers within the plan.
    """

    id: int
    kind: str
    status: str
    freshness: str | None
    acted: bool = False
    acted_beyond_statements: bool = False
    overdue: bool = False
    goal: int | None = None
    area: int | None = None
    plan: int | None = None

    @property
    def tone(self) -> Tone:
        """Return the effective tone."""
        return effective_tone(self.status, self.freshness)

    @property
    def has_lapsed(self) -> bool:
        """Return whether its assessment has lapsed, and so counts as unknown."""
        return self.freshness == Freshness.LAPSED

    @property
    def is_open_question(self) -> bool:
        """Return whether the commitment is an open question: it is unknown, without progress or
        adverse."""
        return self.tone in (Tone.UNKNOWN, Tone.NONE, Tone.ADVERSE)


def items_of(commitments: CommitmentQuerySet) -> list[Item]:
    """Return the items of commitments selected `at` a clock, in one query."""
    annotated: Any = commitments.order_by()
    rows = annotated.values_list(
        "id",
        "kind",
        "assessment_status",
        "freshness",
        "current_from",
        "action_on",
        "deed_on",
        "schedule",
        "goal__number",
        "area__number",
        "plan",
    )
    return [
        Item(
            pk,
            kind,
            status,
            freshness,
            _is_recent(action_on, since),
            _is_recent(deed_on, since),
            schedule == Schedule.OVERDUE,
            *groups,
        )
        for pk, kind, status, freshness, since, action_on, deed_on, schedule, *groups in rows
    ]


def _is_recent(day: date | None, since: date) -> bool:
    """Return whether an action of this day is within the review interval that began `since`."""
    return day is not None and day >= since


def items_from(rows: Iterable[Any]) -> list[Item]:
    """Return the items of rows read `at` a clock with their goals and areas, without a query."""
    return [
        Item(
            row.pk,
            row.kind,
            row.assessment_status,
            row.freshness,
            _is_recent(row.action_on, row.current_from),
            _is_recent(row.deed_on, row.current_from),
            row.schedule == Schedule.OVERDUE,
            row.goal and row.goal.number,
            row.area and row.area.number,
            row.plan_id,
        )
        for row in rows
    ]
