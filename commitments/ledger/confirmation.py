"""Confirming the time, after which decisions are dated by the clock again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import ADMINISTRATOR_ROLE, Action
from commitments.exceptions import NotPermitted, TimeRefused, TrackerError
from commitments.ledger.chain import append
from commitments.ledger.clock import check_time
from commitments.ledger.hashing import format_utc
from commitments.models import Decision, LedgerHead, Plan

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def confirm_time(*, by: User, at: datetime, reason: str) -> Decision:
    """Append the decision that the clock is right and return it.

    It is public and holds the time of the entry before it, which may be later. Raise NotPermitted
    if the person is no administrator, TrackerError if the reason is blank or nothing needs to be
    confirmed.
    """
    if not policies.may_confirm_time(by):
        raise NotPermitted(_("Only an administrator may confirm the time."))
    if not reason.strip():
        raise TrackerError(_("Give a reason."))
    with transaction.atomic():
        # The order of locks: plans before the head of the ledger.
        list(Plan.objects.select_for_update().order_by("pk").values("pk"))
        head = LedgerHead.objects.select_for_update().get()
        if head.at is None or not _is_refused(at):
            raise TrackerError(_("The time needs no confirmation."))
        Plan.objects.all().bump_revision()
        return append(
            Action.CONFIRM_TIME,
            at=at,
            by=by,
            role=ADMINISTRATOR_ROLE,
            plan=None,
            note=reason.strip(),
            meta={"head_at": format_utc(head.at)},
        )


def _is_refused(clock: datetime) -> bool:
    try:
        check_time(clock)
    except TimeRefused:
        return True
    return False
