"""The assessment, the last action and the number of updates of commitments under a clock: what
commitments keep of them, and how they follow from updates."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, F, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from commitments.choices import DEEDS, Status
from commitments.clocks import Clock
from commitments.models.querysets.evidence import EvidenceQuerySet
from commitments.models.querysets.shared import related
from commitments.models.querysets.updates import ProgressUpdateQuerySet

Commitments = TypeVar("Commitments", bound="QuerySet[Model]")

# The stored state of a commitment by today's record: the column for each of `ClockColumns` that
# only the workflow writes.
CURRENT_STATE = {
    "assessment_id": "status_update_id",
    "assessment_status": "status",
    "assessment_effective_on": "status_effective_on",
    "assessment_level": "status_level",
    "basis_action_on": "status_action_on",
    "action_id": "last_action_id",
    "action_on": "last_action_on",
    "deed_on": "last_deed_on",
    "update_count": "published_updates",
}
# Further columns, which are read from the assessment and the last action.
_OF_ASSESSMENT = {
    "assessment_covers_from": "covers_from",
    "assessment_precision": "date_precision",
    "assessment_published_at": "published_at",
}
_OF_ACTION = {
    "action_precision": "date_precision",
    "action_type": "event_type",
}
# The day of an update.
_DAY = "effective_on"


def stored_state() -> dict[str, F]:
    """Return the columns of `CURRENT_STATE`."""
    return {name: F(column) for name, column in CURRENT_STATE.items()}


def further_columns() -> dict[str, F]:
    """Return the further columns, for rows with the state of today."""
    of_assessment = {name: f"status_update__{column}" for name, column in _OF_ASSESSMENT.items()}
    of_action = {name: f"last_action__{column}" for name, column in _OF_ACTION.items()}
    return {name: F(path) for name, path in (of_assessment | of_action).items()}


def with_state(commitments: Commitments, clock: Clock) -> Commitments:
    """Add the state and the further columns by the updates that count up to the column `day`."""
    updates = related(commitments, "updates", ProgressUpdateQuerySet)
    counting = updates.counting(clock).filter(
        commitment=OuterRef("pk"), effective_on__lte=OuterRef("day")
    )
    count = counting.order_by().values("commitment").annotate(n=Count("pk")).values("n")
    assessment, actions = counting.assessments(), counting.actions()
    deeds = actions.filter(event_type__in=DEEDS)
    status = Subquery(assessment.values("status")[:1])
    of_assessment = _OF_ASSESSMENT | {"assessment_id": "id", "assessment_effective_on": _DAY}
    of_action = _OF_ACTION | {"action_id": "id", "action_on": _DAY}
    rows = commitments.annotate(
        update_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        assessment_status=Coalesce(status, Value(Status.UNASSESSED.value)),
        **{n: Subquery(assessment.values(column)[:1]) for n, column in of_assessment.items()},
        **{n: Subquery(actions.values(column)[:1]) for n, column in of_action.items()},
        deed_on=Subquery(deeds.values(_DAY)[:1]),
    )
    evidence = related(commitments, "updates__evidence", EvidenceQuerySet)
    return rows.annotate(
        assessment_level=evidence.behind("assessment_id", clock).highest_level(),
        basis_action_on=updates.newest_action_behind("assessment_id", clock),
    )
