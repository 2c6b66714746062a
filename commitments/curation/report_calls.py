"""Calling for reports, and answering that there is nothing new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet, Subquery
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import MailKind, Role
from commitments.clocks import local_day
from commitments.exceptions import InvalidInput, NotPermitted, Problem
from commitments.models import Commitment, Mail, NothingNew, Plan, ReportCall
from commitments.roles import holders_of
from commitments.workflow.locks import locked_commitment
from commitments.workflow.reasons import reason_problems

if TYPE_CHECKING:
    from commitments.roles import Person

# When those who have not answered are reminded: before the deadline, and after it.
REMIND_BEFORE = timedelta(days=3)
REMIND_AFTER = timedelta(days=1)


def ask_for_reports(
    plan: Plan, *, by: User, at: datetime, due_on: date, note: str = ""
) -> ReportCall:
    """Call for reports on all commitments of a plan by a day, and return the call. It replaces an
    earlier call, and everybody who is asked gets a mail. Raise NotPermitted, or InvalidInput for a
    day in the past."""
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may call for reports."))
    _check_deadline(plan, due_on, at, _("No call was sent."))
    with transaction.atomic():
        call = ReportCall.objects.create(
            plan=plan,
            asked_by=by,
            asked_at=at,
            due_on=due_on,
            due_on_set_at=at,
            note=note.strip(),
        )
        _tell_those_asked(call, at)
    return call


def move_deadline(call: ReportCall, *, by: User, at: datetime, due_on: date) -> None:
    """Move the deadline of a call to another day: answers remain valid, and people who have not
    answered are notified. Raise NotPermitted, or InvalidInput for a day in the past."""
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may call for reports."))
    _check_deadline(call.plan, due_on, at, _("The deadline was not moved."))
    with transaction.atomic():
        # Two curators may move it at once.
        call = ReportCall.objects.select_for_update().get(pk=call.pk)
        if call.withdrawn_at is not None:
            refused = _("The deadline was not moved.")
            raise InvalidInput(refused, [Problem(("due_on",), _("This call was withdrawn."))])
        if due_on == call.due_on:
            return
        call.due_on, call.due_on_set_at, call.moves = due_on, at, call.moves + 1
        call.save(update_fields=["due_on", "due_on_set_at", "moves"])
        _tell_those_asked(call, at)


def withdraw_call(call: ReportCall, *, by: User, at: datetime, reason: str) -> None:
    """Withdraw a call that was made by mistake, for a reason that its readers see. An earlier call
    that was not withdrawn is in force again. Those who were told of the withdrawn call get one mail
    about it. Raise NotPermitted, or InvalidInput if this cannot be the reason."""
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may call for reports."))
    if problems := reason_problems(reason):
        raise InvalidInput(_("The call was not withdrawn."), problems)
    with transaction.atomic():
        # Two curators may withdraw it at once.
        call = ReportCall.objects.select_for_update().get(pk=call.pk)
        if call.withdrawn_at is not None:
            return
        call.withdrawn_at, call.withdrawn_by, call.withdrawal_reason = at, by, reason.strip()
        call.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        told = Mail.objects.filter(call=call, person__isnull=False).order_by()
        people = set(told.exclude(person__email="").values_list("person_id", flat=True))
        about = str(call.pk)
        Mail.objects.post_to(MailKind.CALL_WITHDRAWN, people, about=about, at=at, call=call)


def _check_deadline(plan: Plan, due_on: date, at: datetime, refused: str) -> None:
    today = local_day(at, plan.time_zone)
    if due_on < today:
        message = _("%(date)s is in the past; today is %(today)s.")
        values = {"date": due_on, "today": today}
        raise InvalidInput(refused, [Problem(("due_on",), message % values)])


def _tell_those_asked(call: ReportCall, at: datetime) -> None:
    people = people_asked([call.plan_id]).get(call.plan_id, ())
    about = f"{call.pk}-{call.moves}"
    Mail.objects.post_to(MailKind.CALL_MADE, people, about=about, at=at, call=call)


def calls_in_force() -> QuerySet[ReportCall]:
    """Return the latest call of each plan that was not withdrawn."""
    standing = ReportCall.objects.filter(withdrawn_at=None)
    latest = standing.order_by().values("plan").annotate(latest=Max("pk"))
    return ReportCall.objects.filter(pk__in=latest.values("latest")).order_by("pk")


def people_asked(plans: Collection[int]) -> Mapping[int, set[int]]:
    """Return, by the ids of these plans, the ids of the reporters with an address who may report on
    a commitment of the plan; commitments without an office are asked of all reporters. These are
    the people on whose desks a call is: see `work_queue.asked_for`. Four queries."""
    reporters = holders_of(Role.REPORTER).exclude(email="").order_by()
    commitments = Commitment.objects.filter(plan__in=plans).order_by()
    found: dict[int, set[int]] = defaultdict(set)
    for members in ("lead_office__members", "supporting_offices__members"):
        rows = commitments.filter(**{f"{members}__in": reporters})
        for plan, person in rows.values_list("plan", members).distinct():
            found[plan].add(person)
    everybody = set(reporters.values_list("pk", flat=True))
    without_office = commitments.of_offices((), or_none=True)
    for plan in without_office.values_list("plan", flat=True).distinct():
        found[plan] |= everybody
    return found


def report_nothing_new(commitment: Commitment, *, by: User, at: datetime) -> NothingNew:
    """Record that somebody has checked a commitment and there is nothing new, and return the
    record; return `own_check` instead if there is one. Raise NotPermitted."""
    if not policies.may_report(by, commitment):
        message = _("You may not report on %(code)s.")
        raise NotPermitted(message % {"code": commitment.code})
    with transaction.atomic():
        locked_commitment(commitment.pk)
        found = own_check(commitment, by)
        return found or NothingNew.objects.create(commitment=commitment, by=by, at=at)


def own_check(commitment: Commitment, by: Person) -> NothingNew | None:
    """Return this person's latest record, since the call in force was made, that there is nothing
    new; None without one. One query."""
    calls = calls_in_force().filter(plan=commitment.plan_id)
    own = NothingNew.objects.filter(commitment=commitment, by=by.pk)
    return own.filter(at__gte=Subquery(calls.values("asked_at")[:1])).order_by("-id").first()


def take_back_nothing_new(commitment: Commitment, *, by: User) -> bool:
    """Delete `own_check`, so that the call is unanswered again if nobody else has answered it;
    return whether there was one."""
    with transaction.atomic():
        locked_commitment(commitment.pk)
        found = own_check(commitment, by)
        if found is not None:
            found.delete()
    return found is not None
