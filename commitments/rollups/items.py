"""The facts of a commitment that roll-ups count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from commitments.choices import Freshness, Status, Tone
from commitments.models.querysets import CommitmentQuerySet


@dataclass(frozen=True)
class Item:
    """The status and freshness of a commitment under the reader's clocks.

    `goal` and `area` are their numbers within the plan.
    """

    id: int
    kind: str
    status: str
    freshness: str | None
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


# From bad to good. The unknown and the excluded cannot be ranked.
TONE_ORDER = (Tone.ADVERSE, Tone.NONE, Tone.PARTIAL, Tone.FULFILLED)


def items_of(commitments: CommitmentQuerySet) -> list[Item]:
    """Return the items of commitments selected `at` a clock, in one query."""
    rows: Any = commitments.order_by()
    rows = rows.values_list(
        "id", "kind", "assessment_status", "freshness", "goal__number", "area__number", "plan"
    )
    return [Item(*row) for row in rows]


def items_from(rows: Iterable[Any]) -> list[Item]:
    """Return the items of rows read `at` a clock with their goals and areas, without a query."""
    return [
        Item(
            row.pk,
            row.kind,
            row.assessment_status,
            row.freshness,
            row.goal and row.goal.number,
            row.area and row.area.number,
            row.plan_id,
        )
        for row in rows
    ]
