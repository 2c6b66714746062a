"""Row locks and revisions of updates.

All locks are taken in the order plan, commitment, updates by id, head of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Subquery
from django.utils.translation import gettext as _

from commitments.exceptions import StaleRevision
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.namings import fetch_named


def locked_plans() -> dict[str, Plan]:
    """Lock all plans and return them by code, for changes that concern several plans."""
    return {plan.code: plan for plan in Plan.objects.select_for_update().order_by("pk")}


def locked_commitments(commitments: Iterable[int]) -> dict[int, Commitment]:
    """Lock commitments, given by their ids, and their plans; return them by id, as stored.

    Call it inside a transaction. A statement locks in the order of `of`, and reads again what
    somebody else has changed meanwhile; but only what it locks.
    """
    rows = Commitment.objects.select_for_update(of=("plan", "self")).select_related("plan")
    selected = rows.filter(pk__in=set(commitments)).order_by("plan", "pk")
    return {row.pk: row for row in selected}


def locked_commitment(commitment: int) -> Commitment:
    """Lock a commitment, given by id, and its plan; return both as stored, as
    `locked_commitments`."""
    return locked_commitments([commitment])[commitment]


def locked_update(update: ProgressUpdate, *related: str) -> ProgressUpdate:
    """Lock an update, the update that it corrects, their commitment, and its plan; return the
    update as stored, with these as stored, what it names, and the `related` rows.

    Which update it corrects is read under the commitment's lock, without which it cannot change.
    """
    commitment = locked_commitment(update.commitment_id)
    corrects = Subquery(ProgressUpdate.objects.filter(pk=update.pk).values("corrects"))
    rows = {
        row.pk: row
        for row in ProgressUpdate.objects.select_for_update(of=("self",))
        # A single `IN`, for which PostgreSQL uses the index; with two conditions it would scan all
        # rows.
        .filter(pk__in=[update.pk, corrects])
        .select_related("author")
        .prefetch_related(*related)
        .order_by("pk")
    }
    fresh = rows[update.pk]
    for row in rows.values():
        row.commitment = commitment
    if fresh.corrects_id is not None:
        fresh.corrects = rows[fresh.corrects_id]
    fetch_named(list(rows.values()))
    return fresh


def check_revision(update: ProgressUpdate, expected_revision: int) -> None:
    """Raise StaleRevision if a locked update no longer has the revision that the caller read."""
    if expected_revision != update.revision:
        raise StaleRevision(
            _(
                "Update %(id)s has changed since you opened it. Check its current version, then "
                "try again."
            )
            % {"id": update.pk}
        )


def save_revision(update: ProgressUpdate, at: datetime) -> None:
    """Save a locked update with its revision raised by one."""
    update.revision += 1
    update.changed_at = at
    update.save()
