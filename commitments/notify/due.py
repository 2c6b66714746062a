"""Putting into the outbox what is due by time: digests, reminders of meetings and of calls for
reports, and the changes that readers follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from commitments.choices import DigestPeriod, MailKind, Role
from commitments.curation.report_calls import (
    REMIND_AFTER,
    REMIND_BEFORE,
    calls_in_force,
    people_asked,
)
from commitments.models import Follower, Following, Mail, Meeting
from commitments.models.querysets import MeetingQuerySet
from commitments.notify.changes import latest_change_before
from commitments.notify.days import local_time, start_of_day, start_of_week
from commitments.notify.recipients import people_reminded
from commitments.roles import holders_of
from commitments.workflow import work_queue

# How long the reminder after a meeting or a deadline is made up for, if no run put it in time.
REMINDER_CATCH_UP = timedelta(days=30)


def put_what_is_due(now: datetime) -> None:
    """Put into the outbox what is due on this day, once its hour has come. What a missed run left
    out comes with the next one."""
    if settings.MAIL_ENABLED and local_time(now).hour >= settings.DIGEST_HOUR:
        put_mails_of_day(now)


def put_mails_of_day(now: datetime) -> None:
    """Put into the outbox a digest for each person, once in their period, the reminders of each
    meeting and of each call, once for each person, and a mail for each follower, once a day."""
    day, week = start_of_day(now), start_of_week(now)
    mails = [
        Mail(kind=MailKind.DIGEST, person=person, key=f"digest-{person.pk}-{begins:%Y-%m-%d}")
        for period, begins in ((DigestPeriod.DAILY, day), (DigestPeriod.WEEKLY, week))
        for person in _people_without_digest(period, begins)
    ] + [
        Mail(kind=MailKind.CHANGES, follower=row, key=f"changes-{row.pk}-{day:%Y-%m-%d}")
        for row in _followers_without_mail(day)
    ]
    mails += _reminders(local_time(now).date())
    mails += _call_reminders(local_time(now).date())
    for mail in mails:
        mail.made_at = mail.due_at = now
    # Another run may have put the same.
    Mail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=500)


def _people_without_digest(period: DigestPeriod, begins: datetime) -> QuerySet[User]:
    """Return the people who want a digest in such periods and have none of the one that begins
    then. Who came since waits for the next one."""
    wants = Q(mail_preference__digest=period)
    if period is DigestPeriod.WEEKLY:
        wants |= Q(mail_preference=None)
    has_one = Mail.objects.filter(person=OuterRef("pk"), kind=MailKind.DIGEST, made_at__gte=begins)
    rows = (
        holders_of(*Role).filter(wants, ~Exists(has_one), date_joined__lt=begins).exclude(email="")
    )
    return rows.order_by("pk")


def _reminders(day: date) -> Iterator[Mail]:
    """Yield the reminders before and after meetings, whether they were put before or not. A meeting
    that is moved is one to be reminded of anew."""
    yield from _of_meetings(MailKind.MEETING_AHEAD, work_queue.meetings_near(day))
    last = day - work_queue.FOLLOW_UP_DAYS
    over = Meeting.objects.held().filter(ends_on__range=(last - REMINDER_CATCH_UP, last))
    yield from _of_meetings(MailKind.MEETING_OVER, over.unreported())


def _of_meetings(kind: MailKind, meetings: MeetingQuerySet) -> Iterator[Mail]:
    begins = dict(meetings.order_by("pk").values_list("pk", "starts_on"))
    people = people_reminded(begins) if begins else {}
    for meeting, starts_on in begins.items():
        for person in people[meeting]:
            key = f"{kind}-{meeting}-{starts_on:%Y-%m-%d}-{person}"
            yield Mail(kind=kind, person_id=person, meeting_id=meeting, key=key)


def _call_reminders(day: date) -> Iterator[Mail]:
    """Yield the reminders before and after the deadlines of the calls in force, whether they were
    put before or not. A call of the last days before its deadline needs none before it."""
    last = day - REMIND_AFTER
    calls = calls_in_force().filter(due_on__range=(last - REMINDER_CATCH_UP, day + REMIND_BEFORE))
    found = [
        (MailKind.CALL_AHEAD if call.due_on >= day else MailKind.CALL_OVER, call)
        for call in calls
        if call.due_on < day or local_time(call.asked_at).date() < call.due_on - REMIND_BEFORE
    ]
    asked = people_asked({call.plan_id for _kind, call in found}) if found else {}
    for kind, call in found:
        for person in asked.get(call.plan_id, ()):
            key = f"{kind}-{call.pk}-{person}"
            yield Mail(kind=kind, person_id=person, call_id=call.pk, key=key)


def _followers_without_mail(day: datetime) -> QuerySet[Follower]:
    """Return the readers who have confirmed that they follow something, were not told of all
    changes before this day, and have no mail of it."""
    follows = Following.objects.confirmed().filter(follower=OuterRef("pk"))
    has_one = Mail.objects.filter(follower=OuterRef("pk"), kind=MailKind.CHANGES, made_at__gte=day)
    rows = Follower.objects.filter(told_seq__lt=latest_change_before(day))
    return rows.filter(Exists(follows), ~Exists(has_one)).order_by("pk")
