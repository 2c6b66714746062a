"""The facts of a commitment that roll-ups count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q

from commitments.choices import Freshness, Status, Tone
from commitments.models.querysets import CommitmentQuerySet
from commitments.models.querysets.shared import flag


@dataclass(frozen=True)
class Item:
    """The status and freshness of a commitment under the reader's clocks.

    `acted` says whether there was an action within one review interval, `acted_beyond_statements`
    whether one was more than a statement. `goal` and `area` are their numbers within the plan.
    """

    id: int
    kind: str
    status: str
    freshness: str | None
    acted: bool = False
    acted_beyond_statements: bool = False
    goal: int | None = None
    area: int | None = None
    plan: int | None = None

    @property
    def tone(self) -> Tone:
        """Return the effective tone: that of the status, but unknown once the assessment has
        lapsed. Statuses excluded from assessment stay excluded."""
        tone = Status(self.status).rule.tone
        if tone is not Tone.APART and self.freshness == Freshness.LAPSED:
            return Tone.UNKNOWN
        return tone

    @property
    def is_open_question(self) -> bool:
        """Return whether the commitment is an open question: it is unknown, without progress or
        adverse."""
        return self.tone in (Tone.UNKNOWN, Tone.NONE, Tone.ADVERSE)


def items_of(commitments: CommitmentQuerySet) -> list[Item]:
    """Return the items of commitments selected `at` a clock, in one query."""
    rows: Any = commitments.order_by().annotate(
        acted=_is_recent("action_on"), acted_beyond_statements=_is_recent("deed_on")
    )
    rows = rows.values_list(
        "id",
        "kind",
        "assessment_status",
        "freshness",
        "acted",
        "acted_beyond_statements",
        "goal__number",
        "area__number",
        "plan",
    )
    return [Item(*row) for row in rows]


def _is_recent(column: str) -> Case:
    return flag(Q((f"{column}__gte", F("current_from"))))


def items_from(rows: Iterable[Any]) -> list[Item]:
    """Return the items of rows read `at` a clock with their goals and areas, without a query."""
    return [
        Item(
            row.pk,
            row.kind,
            row.assessment_status,
            row.freshness,
            row.action_on is not None and row.action_on >= row.current_from,
            row.deed_on is not None and row.deed_on >= row.current_from,
            row.goal and row.goal.number,
            row.area and row.area.number,
            row.plan_id,
        )
        for row in rows
    ]
