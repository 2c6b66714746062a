"""Row locks, always in the order plan, commitment, updates by id (then the ledger's head)."""

from __future__ import annotations

from django.db.models import Q

from commitments.models import Commitment, Plan, ProgressUpdate


def locked_plans() -> dict[str, Plan]:
    """All plans by code, locked: for what changes something that plans share."""
    return {plan.code: plan for plan in Plan.objects.select_for_update().order_by("pk")}


def locked_commitment(commitment: int) -> tuple[Plan, Commitment]:
    """The plan and the commitment as the database has them, locked; inside a transaction."""
    plan_of = Commitment.objects.filter(pk=commitment).values("plan")
    plan = Plan.objects.select_for_update().get(pk__in=plan_of)
    locked = Commitment.objects.select_for_update().get(pk=commitment)
    locked.plan = plan
    return plan, locked


def locked_update(update: ProgressUpdate) -> tuple[Plan, ProgressUpdate]:
    """The plan and the update as the database has them, with what the update corrects locked too.

    What an update corrects is looked up under the commitment's lock: only there can it change.
    """
    plan, commitment = locked_commitment(update.commitment_id)
    corrects = ProgressUpdate.objects.filter(pk=update.pk).values("corrects")
    rows = {
        row.pk: row
        for row in ProgressUpdate.objects.select_for_update()
        .filter(Q(pk=update.pk) | Q(pk__in=corrects))
        .order_by("pk")
    }
    fresh = rows[update.pk]
    for row in rows.values():
        row.commitment = commitment
    if fresh.corrects_id is not None:
        fresh.corrects = rows[fresh.corrects_id]
    return plan, fresh
