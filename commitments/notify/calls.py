"""Calls for reports, reminders to those who have not answered them, and notices that a call was
withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from commitments.admin.workbench.base import report_address
from commitments.clocks import local_day
from commitments.curation.report_calls import calls_in_force
from commitments.models import Mail, ReportCall
from commitments.notify.letters import Letter, absolute, stop_address
from commitments.templatetags.tracker import on_day
from commitments.workflow import work_queue

MAX_COMMITMENTS_OF_CALL = 30


def call_ahead(mail: Mail, now: datetime) -> Letter | None:
    """Write what is still to be answered, as long as the deadline has not passed."""
    call = mail.call
    is_over = call is not None and call.due_on < local_day(now, call.plan.time_zone)
    return None if is_over else call_letter(mail, now)


def call_letter(mail: Mail, now: datetime) -> Letter | None:
    """Write what a person has not answered of a call, if there is anything and the call is in
    force. Of several mails about it that wait, as after an outage, only the last one is sent."""
    person = mail.person
    if person is None or mail.call_id is None:
        return None
    later = Mail.objects.filter(person=person, call=mail.call_id, pk__gt=mail.pk)
    call = calls_in_force().select_related("plan").filter(pk=mail.call_id).first()
    if call is None or later.exists():
        return None
    rows = work_queue.asked_for(person).filter(plan=call.plan)
    found = list(rows[: MAX_COMMITMENTS_OF_CALL + 1])
    if not found:
        return None
    count = len(found) if len(found) <= MAX_COMMITMENTS_OF_CALL else rows.count()
    shown = found[:MAX_COMMITMENTS_OF_CALL]
    values = {
        "about": _plan_words(call),
        "day": on_day(call.due_on),
        "note": call.note,
        "count": count,
        "more": count - len(shown),
        "lines": [
            (f"{row.code} {row.title.inline()}", absolute(report_address(row))) for row in shown
        ],
        "desk": absolute(reverse("admin:index")),
    }
    return Letter(person.email, values, stop_address(person))


def call_withdrawn(mail: Mail, now: datetime) -> Letter | None:
    """Write to those who were told of a call that it was withdrawn, and which one is in force
    instead."""
    person, call = mail.person, mail.call
    if person is None or call is None:
        return None
    about_it = Mail.objects.filter(person=person, call=call.pk, pk__lt=mail.pk)
    if not about_it.may_have_arrived().exists():
        return None
    values = {
        "about": _plan_words(call),
        "asked": call.asked_at,
        "time_zone": call.plan.time_zone,
        "day": on_day(call.due_on),
        "reason": call.withdrawal_reason,
        "in_force": calls_in_force().filter(plan=call.plan_id).first(),
        "desk": absolute(reverse("admin:index")),
    }
    return Letter(person.email, values, stop_address(person))


def _plan_words(call: ReportCall) -> str:
    return f"{call.plan.code} {call.plan.title.inline()}"
