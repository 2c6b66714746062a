"""Curators' edits of reference data: who must say why, what is kept, what a reader could see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _

from commitments import policies
from commitments.choices import Status
from commitments.exceptions import InvalidUpdate, NotPermitted, Problem
from commitments.history import Signature
from commitments.locks import locked_plans
from commitments.models import (
    Commitment,
    Decision,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    ProgressUpdate,
)


def needs_reason(row: Any) -> bool:
    """A commitment's changes, those of its forums and milestones included, need a reason, which
    is public with its history."""
    return isinstance(row, Commitment)


def version_of(row: Any) -> str:
    """Another one after each change of a row, or of what is edited together with it."""
    kept = [row.history.all()]
    if isinstance(row, Commitment):
        kept += [model.history.filter(commitment_id=row.pk) for model in (Partnership, Milestone)]
    latest = (rows.aggregate(latest=Max("history_id"))["latest"] for rows in kept)
    return "-".join(str(found or 0) for found in latest)


def lock(row: Model) -> None:
    """Locks all plans and a row that is to be changed. Read the row again afterwards, and compare
    its version with the one that was shown."""
    locked_plans()
    list(type(row)._default_manager.select_for_update().filter(pk=row.pk).values("pk"))


def announce(changed: Any) -> None:
    """Moves the revision of the plan that a saved row belongs to; of all plans for what they
    share, such as a forum."""
    locked_plans()
    plans = Plan.objects.all()
    if not isinstance(changed, (Forum, Office)):
        plan = changed if isinstance(changed, Plan) else _plan_of(changed)
        plans = plans.filter(pk=plan.pk)
    plans.move_revision()


def _plan_of(changed: Any) -> Plan:
    owner = getattr(changed, "commitment", changed)
    plan: Plan = owner.plan
    return plan


def assign(
    commitments: Iterable[Commitment],
    *,
    by: User,
    at: datetime,
    reason: str,
    lead_office: Office | None = None,
    supporting_offices: Iterable[Office] = (),
    due_on: date | None = None,
) -> int:
    """Gives commitments to offices and sets their due date; what is not given stays. Supporting
    offices are added to those there are. Gives the number of commitments.

    Raises NotPermitted, or InvalidUpdate naming each commitment that this does not fit, and then
    has changed nothing.
    """
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may assign commitments."))
    if not reason.strip():
        raise InvalidUpdate(_("Nothing was assigned."), [Problem(("reason",), _("Say why."))])
    added = set(supporting_offices)
    signature = Signature(by, at, reason)
    with transaction.atomic():
        locked_plans()
        wanted = [row.pk for row in commitments]
        rows = Commitment.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
        rows = rows.prefetch_related("supporting_offices")
        problems = []
        for row in rows:
            signature.on(row)
            row.lead_office = lead_office or row.lead_office
            row.due_on = due_on or row.due_on
            supporting = ({*row.supporting_offices.all()} | added) - {row.lead_office}
            problems += _misfit(row)
            if not problems:
                row.save()
                row.supporting_offices.set(supporting)
        if problems:
            raise InvalidUpdate(_("Nothing was assigned."), problems)
        plans = Plan.objects.filter(commitments__in=wanted).values("pk")
        Plan.objects.filter(pk__in=plans).move_revision()
    return len(wanted)


def _misfit(row: Commitment) -> list[Problem]:
    try:
        row.full_clean()
    except ValidationError as error:
        return [Problem((row.code,), message) for message in error.messages]
    return []


def why_kept(row: Commitment | Forum | Office | User) -> str | None:
    """Why a row cannot be deleted, and what to do instead; None: nothing hangs on it."""
    match row:
        case Commitment():
            return _(
                "%(code)s was published with its plan, and a number never disappears. If it is no "
                "longer pursued, publish an update with the status “%(status)s”."
            ) % {"code": row.code, "status": Status.WITHDRAWN.label}
        case Forum() if _forum_is_named(row):
            return _(
                "Commitments or updates name %(code)s, or did, or another forum is part of it or "
                "follows it: it stays. If it has ended, enter the day in “closed on”, and at its "
                "successor, if there is one, “successor of”."
            ) % {"code": row.code}
        case Office() if _office_has_worked(row):
            return _(
                "%(code)s leads or supports commitments, or did: it stays. If it has been "
                "dissolved, give its commitments to others and enter the day in “closed on”."
            ) % {"code": row.code}
        case User() if _user_has_acted(row):
            return _(
                "%(user)s has written, edited or decided something, and the record keeps who did: "
                "the account stays. Deactivate it: take away “active”. Drafts can then be handed "
                "over."
            ) % {"user": row.get_username()}
    return None


def _forum_is_named(forum: Forum) -> bool:
    return (
        Partnership.history.filter(forum=forum).exists()
        or ProgressUpdate.objects.filter(forums=forum).exists()
        or Forum.history.filter(parent=forum).exists()
        or Forum.history.filter(successor_of=forum).exists()
    )


def _office_has_worked(office: Office) -> bool:
    supporting: Any = apps.get_model("commitments", "HistoricalCommitment_supporting_offices")
    led: bool = Commitment.history.filter(lead_office=office).exists()
    return led or bool(supporting.objects.filter(office=office).exists())


def _user_has_acted(user: User) -> bool:
    return (
        Decision.objects.filter(actor=user).exists()
        or ProgressUpdate.objects.filter(author=user).exists()
        or ProgressUpdate.objects.filter(editors=user).exists()
        or any(
            model.history.filter(history_user=user).exists()
            for model in (Plan, Forum, Office, Commitment, Partnership, Milestone)
        )
    )
