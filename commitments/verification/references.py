"""Verification of what updates and commitments refer to: that it exists, and belongs to the same
commitment or plan. The ledger names criteria and milestones by their keys, goals and areas by their
numbers, so it does not show on its own whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Exists, F, Model, OuterRef, Q
from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.models import (
    Basis,
    Commitment,
    Criterion,
    Evidence,
    Finding,
    Forum,
    Milestone,
    ProgressUpdate,
    Publisher,
)


class _References(NamedTuple):
    """The references of a table to another, as a field of updates. `update` and `target` are the
    paths from the table to the update and to what it refers to."""

    field: str
    table: type[Model]
    update: str
    target: str
    target_table: type[Model]
    of_commitment: bool = True


REFERENCES = (
    _References("forums", ProgressUpdate.forums.through, "progressupdate", "forum", Forum, False),
    _References(
        "criteria", ProgressUpdate.criteria.through, "progressupdate", "criterion", Criterion
    ),
    _References("meets", ProgressUpdate.meets.through, "progressupdate", "milestone", Milestone),
    _References("findings", Finding, "update", "criterion", Criterion),
    _References(
        "findings", Finding.events.through, "finding__update", "progressupdate", ProgressUpdate
    ),
    _References("rests_on", Basis, "update", "event", ProgressUpdate),
    _References("evidence", Evidence, "update", "publisher", Publisher, False),
)
# The references of commitments to rows of their plan: the field, the table that has them, and the
# paths from there to the commitment's plan, its number, and what it refers to.
REFERENCES_IN_PLAN: tuple[tuple[str, type[Model], str, str, str], ...] = (
    ("area", Commitment, "plan", "number", "area"),
    ("goal", Commitment, "plan", "number", "goal"),
    (
        "supporting_goals",
        Commitment.supporting_goals.through,
        "commitment__plan",
        "commitment__number",
        "strategicgoal",
    ),
)


def reference_differences() -> Iterator[Problem]:
    """Yield an error for each field by which an update refers to a row that does not exist, or to a
    criterion, milestone or event of another commitment, or a commitment to a goal or an area of
    another plan; one query for each table."""
    for references in REFERENCES:
        yield from _differences(references)
    for field, table, plan, number, target in REFERENCES_IN_PLAN:
        own = Q(**{f"{target}__plan": F(plan)})
        others = table._default_manager.filter(~own, **{f"{target}__isnull": False})
        codes = others.order_by(plan, number).values_list(f"{plan}__code", number).distinct()
        for plan_code, commitment in codes:
            place = f"commitment {plan_code}-{commitment}", field
            yield Problem(place, _("refers to what belongs to another plan"))


def _differences(references: _References) -> Iterator[Problem]:
    field, table, update, target, target_table, of_commitment = references
    named = target_table._default_manager.filter(pk=OuterRef(f"{target}_id"))
    own = named.filter(commitment=OuterRef(f"{update}__commitment")) if of_commitment else named
    rows = table._default_manager.filter(~Exists(own), **{f"{target}__isnull": False})
    found = rows.annotate(is_there=Exists(named)).order_by(update, "is_there")
    for pk, is_there in found.values_list(update, "is_there").distinct():
        message = (
            _("refers to what belongs to another commitment")
            if is_there
            else _("refers to what does not exist")
        )
        yield Problem((f"update {pk}", field), message)
