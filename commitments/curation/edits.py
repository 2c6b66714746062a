"""Curators' edits of reference data: reasons, conflicts between edits, assignment of offices and
due dates, and what cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _
from simple_history.utils import get_history_manager_for_model

from commitments.access import policies
from commitments.choices import Status
from commitments.curation.history import ChangeReason
from commitments.exceptions import InvalidUpdate, NotPermitted, Problem
from commitments.models import (
    Commitment,
    Decision,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    ProgressUpdate,
    Publisher,
)
from commitments.workflow.locks import locked_plans


def needs_reason(row: Model) -> bool:
    """Return whether a change of this row needs a reason: one of a commitment does, and the reason
    is published in its edit history."""
    return isinstance(row, Commitment)


def edit_version(row: Model) -> str:
    """Return a text that differs after each change of the row, or of the forums and milestones on
    the same page."""
    histories = [get_history_manager_for_model(row).filter(id=row.pk)]
    if isinstance(row, Commitment):
        histories += [
            model.history.filter(commitment_id=row.pk) for model in (Partnership, Milestone)
        ]
    latest = (rows.aggregate(latest=Max("history_id"))["latest"] for rows in histories)
    return "-".join(str(history_id or 0) for history_id in latest)


def lock_for_edit(row: Model) -> None:
    """Lock all plans and a row that is to be changed. The caller reads the row again afterwards and
    compares its version with that of the form."""
    locked_plans()
    list(type(row)._default_manager.select_for_update().filter(pk=row.pk).values("pk"))


def bump_plan_revision(changed: Model) -> None:
    """Increment the revision of the plan to which a saved row belongs; of all plans for a forum,
    an office or a publisher, which they share."""
    locked_plans()
    plans = Plan.objects.all()
    if not isinstance(changed, (Forum, Office, Publisher)):
        plan = changed if isinstance(changed, Plan) else _plan_of(changed)
        plans = plans.filter(pk=plan.pk)
    plans.bump_revision()


def _plan_of(changed: Model) -> Plan:
    owner: Any = getattr(changed, "commitment", changed)
    plan: Plan = owner.plan
    return plan


def overlap_problems(item: Mapping[str, Any]) -> list[Problem]:
    """Return an error if the primary goal is also a supporting goal, and likewise for offices.

    `item` is a commitment of a plan file or the cleaned data of a form.
    """
    pairs = (
        ("goal", "supporting_goals", _("the supporting goals must not include the primary goal")),
        (
            "lead_office",
            "supporting_offices",
            _("the supporting offices must not include the lead office"),
        ),
    )
    return [
        Problem((others,), message)
        for primary, others, message in pairs
        if item.get(primary) is not None and item[primary] in (item.get(others) or ())
    ]


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
    """Set the lead office and the due date of commitments, where given, and add supporting offices.
    Return the number of commitments.

    Raise NotPermitted, or InvalidUpdate with a problem for each commitment that cannot be changed
    in this way; none is changed then.
    """
    _check_assignment(by, reason)
    added = set(supporting_offices)
    change_reason = ChangeReason(by, at, reason)
    with transaction.atomic():
        locked_plans()
        _check_open(added if lead_office is None else added | {lead_office})
        ids = [row.pk for row in commitments]
        rows = Commitment.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        rows = rows.prefetch_related("supporting_offices")
        problems = []
        for row in rows:
            change_reason.apply_to(row)
            row.lead_office = lead_office or row.lead_office
            row.due_on = due_on or row.due_on
            supporting = ({*row.supporting_offices.all()} | added) - {row.lead_office}
            problems += _validation_problems(row)
            if not problems:
                row.save()
                row.supporting_offices.set(supporting)
        if problems:
            raise InvalidUpdate(_("No office or due date was assigned."), problems)
        plans = Plan.objects.filter(commitments__in=ids).values("pk")
        Plan.objects.filter(pk__in=plans).bump_revision()
    return len(ids)


def _check_assignment(by: User, reason: str) -> None:
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may assign offices and due dates."))
    if not reason.strip():
        raise InvalidUpdate(
            _("No office or due date was assigned."), [Problem(("reason",), _("Give a reason."))]
        )


def _check_open(offices: Set[Office]) -> None:
    """Raise InvalidUpdate if one of these offices has been closed, perhaps a moment ago."""
    still_open = set(Office.objects.open().filter(pk__in=[row.pk for row in offices]))
    problems = [
        Problem((), _("Office “%(code)s” is closed.") % {"code": row.code})
        for row in sorted(offices - still_open, key=lambda row: row.code)
    ]
    if problems:
        raise InvalidUpdate(_("No office or due date was assigned."), problems)


def _validation_problems(row: Commitment) -> list[Problem]:
    try:
        row.full_clean()
    except ValidationError as error:
        return [Problem((row.code,), message) for message in error.messages]
    return []


def deletion_blocker(row: Model) -> str | None:
    """Return why a row cannot be deleted and what to do instead, None if it can be deleted."""
    match row:
        case Commitment():
            return _(
                "%(code)s was published with its plan and cannot be deleted. If it is no "
                "longer pursued, publish an update with the status “%(status)s”."
            ) % {"code": row.code, "status": Status.WITHDRAWN.label}
        case Forum() if _forum_was_named(row):
            return _(
                "%(code)s cannot be deleted: commitments or updates name it or have named "
                "it, or another forum is or was part of it or its successor. If it has "
                "ended, fill in “closed on”; if it has a successor, fill in “successor of” "
                "there."
            ) % {"code": row.code}
        case Office() if _office_was_assigned(row):
            return _(
                "%(code)s cannot be deleted: it leads or supports commitments, or has done "
                "so. If it has been dissolved, assign its commitments to other offices and "
                "fill in “closed on”."
            ) % {"code": row.code}
        case User() if _user_is_on_record(row):
            return _(
                "%(user)s cannot be deleted: this person has written, edited or decided "
                "something, and the record must show who did so. Deactivate the account "
                "instead by clearing “active”; drafts can then be handed over."
            ) % {"user": row.get_username()}
    return None


def _forum_was_named(forum: Forum) -> bool:
    return (
        Partnership.history.filter(forum=forum).exists()
        or ProgressUpdate.objects.filter(forums=forum).exists()
        or Forum.history.filter(parent=forum).exists()
        or Forum.history.filter(successor_of=forum).exists()
    )


def _office_was_assigned(office: Office) -> bool:
    supporting: Any = apps.get_model("commitments", "HistoricalCommitment_supporting_offices")
    has_led: bool = Commitment.history.filter(lead_office=office).exists()
    return has_led or bool(supporting.objects.filter(office=office).exists())


def _user_is_on_record(user: User) -> bool:
    return (
        Decision.objects.filter(actor=user).exists()
        or ProgressUpdate.objects.filter(author=user).exists()
        or ProgressUpdate.objects.filter(editors=user).exists()
        or any(
            model.history.filter(history_user=user).exists()
            for model in (Plan, Forum, Office, Commitment, Partnership, Milestone)
        )
    )
