"""Reminders of meetings: to prepare them, to report from them, and what has changed meanwhile."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.access import policies
from commitments.choices import MailKind
from commitments.models import Mail, Meeting
from commitments.models.querysets import MeetingQuerySet
from commitments.notify.days import local_time
from commitments.notify.letters import Letter, absolute, stop_address
from commitments.roles import offices_of
from commitments.templatetags.tracker import on_day, until

# The kinds of mail that say when and where a meeting is.
ANNOUNCING = (MailKind.MEETING_AHEAD, MailKind.MEETING_CHANGED)


def announcing_key(kind: MailKind, meeting: Meeting, person: int) -> str:
    """Return the key of a mail of one of the kinds `ANNOUNCING`."""
    return f"{kind}-{meeting.pk}-{_said_digest(meeting)}-{meeting.sequence}-{person}"


def says_the_same(key: str, meeting: Meeting) -> bool:
    """Return whether the mail of the kinds `ANNOUNCING` with this key says the same about the
    meeting as one written now would."""
    return key.split("-")[2:3] == [_said_digest(meeting)]


def _said_digest(meeting: Meeting) -> str:
    days = [meeting.starts_on, meeting.ends_on, meeting.papers_due_on]
    said = [*map(str, days), dict(meeting.place or {}), meeting.cancelled]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


def meeting_ahead(mail: Mail, now: datetime) -> Letter | None:
    """Write what there is to prepare, unless the meeting was cancelled, moved away or has begun."""
    today = local_time(now).date()
    return _announcement(mail, Meeting.objects.held().filter(starts_on__gte=today), today)


def meeting_changed(mail: Mail, now: datetime) -> Letter | None:
    """Write when and where a meeting is now, or that it was cancelled, to whoever was told
    otherwise."""
    today = local_time(now).date()
    return _announcement(mail, Meeting.objects.ahead(today), today)


def _announcement(mail: Mail, meetings: MeetingQuerySet, today: date) -> Letter | None:
    """Write when and where a meeting is, unless its reader was told just that. Of several such
    mails that wait, as after an outage, only the last one is sent."""
    about = Mail.objects.filter(kind__in=ANNOUNCING, person=mail.person, meeting=mail.meeting)
    letter = _about_meeting(mail, meetings)
    meeting, person = mail.meeting, mail.person
    if letter is None or meeting is None or person is None:
        return None
    if about.filter(pk__gt=mail.pk).exists():
        return None
    told = about.filter(pk__lt=mail.pk).may_have_arrived().order_by("-pk").first()
    changed = told is not None and not says_the_same(told.key, meeting)
    is_notice = mail.kind == MailKind.MEETING_CHANGED
    if not changed and (is_notice or (told is not None and told.kind == MailKind.MEETING_AHEAD)):
        return None
    words = {
        "occasion": _occasion(meeting, changed),
        "lead": _lead(meeting, changed, person),
        "cancelled": meeting.cancelled,
        "papers": _papers_words(meeting, today),
    }
    return replace(letter, values={**letter.values, **words})


def _occasion(meeting: Meeting, changed: bool) -> str:
    if meeting.cancelled:
        return pgettext("subject of a message", "Cancelled")
    if changed:
        return pgettext("subject of a message", "Changed")
    return pgettext("subject of a message", "Prepare")


def _lead(meeting: Meeting, changed: bool, person: User) -> str:
    """Return why this person gets a mail about the meeting."""
    if meeting.cancelled:
        return _("This meeting was cancelled:")
    if changed:
        return _("Days, place or deadline have changed since the last message about this meeting:")
    attended = Meeting.objects.attended_by(offices_of(person)).filter(pk=meeting.pk)
    if policies.is_reporter(person) and attended.exists():
        return _("Your office goes to this meeting:")
    return _("No reporter with an e-mail address goes to this meeting, so curators are asked:")


def _papers_words(meeting: Meeting, today: date) -> str:
    """Return until when papers are due, or were due."""
    due_on = meeting.papers_due_on
    if due_on is None or meeting.cancelled:
        return ""
    if due_on < today:
        return _("Papers were due on %(day)s") % {"day": on_day(due_on)}
    return _("Papers due on %(day)s") % {"day": on_day(due_on)}


def meeting_over(mail: Mail, now: datetime) -> Letter | None:
    """Write that nothing is recorded of a meeting, as long as nothing is."""
    today = local_time(now).date()
    return _about_meeting(mail, Meeting.objects.held().over(today).unreported())


def _about_meeting(mail: Mail, meetings: MeetingQuerySet) -> Letter | None:
    """Write about one of these meetings to a reporter who goes, or to a curator: see
    `recipients.those_who_go`."""
    person = mail.person
    if person is None or mail.meeting is None:
        return None
    meeting = meetings.select_related("forum").filter(pk=mail.meeting.pk).first()
    if meeting is None:
        return None
    log = f"{reverse('admin:log')}?meeting={meeting.pk}"
    values = {
        "about": f"{meeting.forum.code} {(meeting.title or meeting.forum.name).inline()}",
        "days": until(meeting.starts_on, meeting.ends_on),
        "place": meeting.place.inline() if meeting.place else "",
        "address": absolute(reverse("admin:meeting", args=[meeting.pk])),
        "log": absolute(log) if policies.may_report_at_all(person) else "",
    }
    return Letter(person.email, values, stop_address(person))
