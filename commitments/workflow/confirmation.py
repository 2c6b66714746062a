"""Confirming the time, after which decisions are dated by the clock again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import ADMINISTRATOR_ROLE, Action
from commitments.exceptions import NotPermitted, TrackerError
from commitments.models import Decision, LedgerHead, Plan
from commitments.workflow.locks import locked_plans
from commitments.workflow.reasons import reason_problems

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def confirm_time(*, by: User, at: datetime, reason: str) -> Decision:
    """Append the decision that the clock is right and return it.

    It is public and holds the time of the entry before it, which may be later. Raise NotPermitted
    if the person is no administrator, TrackerError if this cannot be the reason, or
    nothing needs to be confirmed.
    """
    if not policies.may_confirm_time(by):
        raise NotPermitted(_("Only an administrator may confirm the time."))
    if problems := reason_problems(reason):
        raise TrackerError(problems[0].message)
    with transaction.atomic():
        locked_plans()
        head = LedgerHead.objects.select_for_update().get()
        if head.at is None or not ledger.disagreement(head, at):
            raise TrackerError(_("The time needs no confirmation."))
        Plan.objects.all().bump_revision()
        return ledger.append(
            Action.CONFIRM_TIME,
            at=at,
            by=by,
            role=ADMINISTRATOR_ROLE,
            plan=None,
            note=reason.strip(),
            meta={"head_at": ledger.format_utc(head.at)},
        )
