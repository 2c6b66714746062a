"""Row locks and revisions of updates.

All locks are taken in the order plan, commitment, updates by id, head of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from commitments.exceptions import StaleRevision
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.querysets import CONTENT_RELATIONS


def locked_plans() -> dict[str, Plan]:
    """Lock all plans and return them by code, for changes that concern several plans."""
    return {plan.code: plan for plan in Plan.objects.select_for_update().order_by("pk")}


def locked_commitment(commitment: int) -> tuple[Plan, Commitment]:
    """Lock a commitment, given by id, and its plan; return both as stored.

    Call it inside a transaction.
    """
    plan_of = Commitment.objects.filter(pk=commitment).values("plan")
    plan = Plan.objects.select_for_update().get(pk__in=plan_of)
    locked = Commitment.objects.select_for_update().get(pk=commitment)
    locked.plan = plan
    return plan, locked


def locked_commitments(
    commitments: Iterable[int], related: Sequence[str] = ()
) -> dict[int, Commitment]:
    """Lock commitments, given by their ids, and their plans; return them by id, as stored and with
    the `related` rows.

    Call it inside a transaction.
    """
    wanted = set(commitments)
    plan_of = Commitment.objects.filter(pk__in=wanted).values("plan")
    plans = {
        plan.pk: plan
        for plan in Plan.objects.select_for_update().filter(pk__in=plan_of).order_by("pk")
    }
    rows = Commitment.objects.select_for_update().filter(pk__in=wanted)
    locked = {row.pk: row for row in rows.prefetch_related(*related).order_by("pk")}
    for row in locked.values():
        row.plan = plans[row.plan_id]
    return locked


def locked_update(update: ProgressUpdate) -> tuple[Plan, ProgressUpdate]:
    """Lock an update, the update that it corrects, and its plan; return plan and update as stored.

    Which update it corrects is read under the commitment's lock, without which it cannot change.
    """
    plan, commitment = locked_commitment(update.commitment_id)
    corrects = ProgressUpdate.objects.filter(pk=update.pk).values("corrects")
    rows = {
        row.pk: row
        for row in ProgressUpdate.objects.select_for_update()
        .filter(Q(pk=update.pk) | Q(pk__in=corrects))
        .prefetch_related(*CONTENT_RELATIONS)
        .order_by("pk")
    }
    fresh = rows[update.pk]
    for row in rows.values():
        row.commitment = commitment
    if fresh.corrects_id is not None:
        fresh.corrects = rows[fresh.corrects_id]
    return plan, fresh


def check_revision(update: ProgressUpdate, expected_revision: int) -> None:
    """Raise StaleRevision if a locked update no longer has the revision that the caller read."""
    if expected_revision != update.revision:
        raise StaleRevision(
            _("Update %(id)s has changed since you opened it. Reload it and try again.")
            % {"id": update.pk}
        )


def save_revision(update: ProgressUpdate, at: datetime) -> None:
    """Save a locked update with its revision raised by one."""
    update.revision += 1
    update.changed_at = at
    update.save()
