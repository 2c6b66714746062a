"""Calling for reports, and answering that there is nothing new."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.clocks import local_day
from commitments.exceptions import InvalidUpdate, NotPermitted, Problem
from commitments.models import Commitment, NothingNew, Plan, ReportCall
from commitments.workflow.locks import locked_commitment


def ask_for_reports(
    plan: Plan, *, by: User, at: datetime, due_on: date, note: str = ""
) -> ReportCall:
    """Call for reports on all commitments of a plan until a day, which takes the place of an
    earlier call, and return the call. Raise NotPermitted, or InvalidUpdate for a day in the past.
    """
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may call for reports."))
    today = local_day(at, plan.time_zone)
    if due_on < today:
        message = _("%(date)s is in the past; today is %(today)s.")
        values = {"date": due_on, "today": today}
        raise InvalidUpdate(_("No call was sent."), [Problem(("due_on",), message % values)])
    return ReportCall.objects.create(
        plan=plan, asked_by=by, asked_at=at, due_on=due_on, note=note.strip()
    )


def report_nothing_new(commitment: Commitment, *, by: User, at: datetime) -> NothingNew:
    """Record that somebody has checked a commitment and there is nothing new, and return the
    record: an earlier one of theirs, if no call for reports was made since. Raise NotPermitted."""
    if not policies.may_report(by, commitment):
        message = _("You may not report on %(code)s.")
        raise NotPermitted(message % {"code": commitment.code})
    with transaction.atomic():
        locked_commitment(commitment.pk)
        calls = ReportCall.objects.filter(plan=commitment.plan_id).order_by("-id")
        since = calls.values_list("asked_at", flat=True).first()
        own = NothingNew.objects.filter(commitment=commitment, by=by, at__gte=since or at)
        return own.order_by("-id").first() or NothingNew.objects.create(
            commitment=commitment, by=by, at=at
        )
