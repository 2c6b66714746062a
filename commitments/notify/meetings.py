"""Reminders of meetings: to prepare them, and to report from them."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse

from commitments.access import policies
from commitments.models import Mail, Meeting
from commitments.models.querysets import MeetingQuerySet
from commitments.notify.days import local_time
from commitments.notify.letters import Letter, absolute, stop_address
from commitments.roles import offices_of
from commitments.templatetags.tracker import on_day, until


def meeting_ahead(mail: Mail, now: datetime) -> Letter | None:
    """Write what there is to prepare, unless the meeting was cancelled, moved away or has begun."""
    today = local_time(now).date()
    return _about_meeting(mail, Meeting.objects.held().filter(starts_on__gte=today), today)


def meeting_over(mail: Mail, now: datetime) -> Letter | None:
    """Write that nothing is recorded of a meeting, as long as nothing is."""
    today = local_time(now).date()
    return _about_meeting(mail, Meeting.objects.held().over(today).unreported(), today)


def _about_meeting(mail: Mail, meetings: MeetingQuerySet, today: date) -> Letter | None:
    """Write about one of these meetings to a reporter who goes, or to a curator: see
    `recipients.those_who_go`."""
    person = mail.person
    if person is None or mail.meeting is None:
        return None
    meeting = meetings.select_related("forum").filter(pk=mail.meeting.pk).first()
    if meeting is None:
        return None
    goes = Meeting.objects.attended_by(offices_of(person)).filter(pk=meeting.pk)
    log = f"{reverse('admin:log')}?meeting={meeting.pk}"
    values = {
        "goes": policies.is_reporter(person) and goes.exists(),
        "about": f"{meeting.forum.code} {(meeting.title or meeting.forum.name).inline()}",
        "days": until(meeting.starts_on, meeting.ends_on),
        "place": meeting.place.inline() if meeting.place else "",
        "papers_due": on_day(meeting.papers_due_on) if meeting.papers_due_on else "",
        "papers_were_due": meeting.papers_due_on is not None and meeting.papers_due_on < today,
        "address": absolute(reverse("admin:meeting", args=[meeting.pk])),
        "log": absolute(log) if policies.may_report_at_all(person) else "",
    }
    return Letter(person.email, values, stop_address(person))
