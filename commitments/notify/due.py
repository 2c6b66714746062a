"""Putting mails into the outbox when their time has come: digests, reminders of meetings and of
calls for reports, and the changes that readers follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from commitments.choices import DigestPeriod, MailKind, MailState, Role
from commitments.clocks import local_day
from commitments.curation.report_calls import (
    REMIND_AFTER,
    REMIND_BEFORE,
    calls_in_force,
    people_asked,
)
from commitments.models import Decision, Follower, Following, Mail, Meeting, ReportCall
from commitments.models.querysets import MailQuerySet
from commitments.notify.days import local_time, start_of_day, start_of_week
from commitments.notify.meetings import ANNOUNCING, announcing_key, says_the_same
from commitments.notify.recipients import people_reminded
from commitments.roles import holders_of
from commitments.workflow import work_queue

# How late the reminder after a meeting or a deadline may come if no run put it into the outbox in
# time.
REMINDER_CATCH_UP = timedelta(days=30)
# How long mails that were sent, dropped or given up are kept: longer than the longest period of a
# digest.
MAILS_KEPT_FOR = timedelta(days=30)
# How long nothing is sent to a reader after a mail to them was given up: their mailbox may no
# longer exist.
FOLLOWER_REST = timedelta(days=7)


def put_what_is_due(now: datetime) -> None:
    """Put into the outbox what is due on this day, once its hour has come. The next run makes up
    for one that was missed."""
    if settings.MAIL_ENABLED and local_time(now).hour >= settings.DIGEST_HOUR:
        put_mails_of_day(now)


def put_mails_of_day(now: datetime) -> None:
    """Put into the outbox a digest for each person, once in their period, the reminders of each
    meeting and of each call, once for each person, and a mail for each follower, once a day."""
    day, week = start_of_day(now), start_of_week(now)
    mails = [
        Mail(kind=MailKind.DIGEST, person=person, key=f"digest-{person.pk}-{begins:%Y-%m-%d}")
        for period, begins in ((DigestPeriod.DAILY, day), (DigestPeriod.WEEKLY, week))
        for person in _people_without_digest(period, begins, now)
    ] + [
        Mail(kind=MailKind.CHANGES, follower=row, key=f"changes-{row.pk}-{day:%Y-%m-%d}")
        for row in _followers_without_mail(day, now)
    ]
    mails += _reminders(local_time(now).date())
    mails += _call_reminders(now)
    for mail in mails:
        mail.made_at = mail.due_at = now
    # Another run may have put the same mails there.
    Mail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=500)


def _people_without_digest(period: DigestPeriod, begins: datetime, now: datetime) -> QuerySet[User]:
    """Return the people who want a digest in each period of this kind, and have none for the one
    that begins at this time. People who joined since then wait for the next one."""
    wants = Q(mail_preference__digest=period)
    if period is DigestPeriod.WEEKLY:
        wants |= Q(mail_preference=None)
    # One from the future was made while the clock was wrong.
    has_one = Mail.objects.filter(
        person=OuterRef("pk"), kind=MailKind.DIGEST, made_at__range=(begins, now)
    )
    rows = (
        holders_of(*Role).filter(wants, ~Exists(has_one), date_joined__lt=begins).exclude(email="")
    )
    return rows.order_by("pk")


def _reminders(day: date) -> Iterator[Mail]:
    """Yield the reminders before and after meetings, and notices of changes to those who were told
    otherwise; the reminders after meetings whether or not they are in the outbox already."""
    yield from _announcements(day)
    last = day - work_queue.FOLLOW_UP_DAYS
    rows = Meeting.objects.held().filter(ends_on__range=(last - REMINDER_CATCH_UP, last))
    over = list(rows.unreported().order_by("pk"))
    people = people_reminded({row.pk for row in over}) if over else {}
    for meeting in over:
        for person in people[meeting.pk]:
            key = f"{MailKind.MEETING_OVER}-{meeting.pk}-{meeting.starts_on:%Y-%m-%d}-{person}"
            yield Mail(kind=MailKind.MEETING_OVER, person_id=person, meeting_id=meeting.pk, key=key)


def _announcements(day: date) -> Iterator[Mail]:
    """Yield the mails that say when and where a meeting is: to each of those who go once it is
    near, and again if that has changed since they were told."""
    near = {row.pk: row for row in work_queue.meetings_near(day).order_by("pk")}
    told: dict[int, dict[int, Mail]] = defaultdict(dict)
    for mail in Mail.objects.filter(kind__in=ANNOUNCING, meeting__ends_on__gte=day).order_by("pk"):
        told[mail.meeting_id or 0][mail.person_id or 0] = mail
    people = people_reminded(near) if near else {}
    for row in near.values():
        for person in people[row.pk]:
            last = told.get(row.pk, {}).get(person)
            if last is None or last.kind != MailKind.MEETING_AHEAD or _is_news(last, row):
                yield _announcement(MailKind.MEETING_AHEAD, row, person)
    for row in Meeting.objects.filter(pk__in=set(told)).order_by("pk"):
        for person, last in told[row.pk].items():
            is_asked = row.pk in near and person in people[row.pk]
            if not is_asked and _is_news(last, row):
                yield _announcement(MailKind.MEETING_CHANGED, row, person)


def _is_news(last: Mail, meeting: Meeting) -> bool:
    return not says_the_same(last.key, meeting)


def _announcement(kind: MailKind, meeting: Meeting, person: int) -> Mail:
    key = announcing_key(kind, meeting, person)
    return Mail(kind=kind, person_id=person, meeting_id=meeting.pk, key=key)


def _reminder_of(call: ReportCall, now: datetime) -> MailKind | None:
    """Return which reminder of a call is due, None if none is. A call made in the last days before
    its deadline, or whose deadline was moved in these days, needs no reminder before it."""
    zone, ahead = call.plan.time_zone, call.due_on - REMIND_BEFORE
    today, over = local_day(now, zone), call.due_on + REMIND_AFTER
    if ahead <= today <= call.due_on and local_day(call.due_on_set_at, zone) < ahead:
        return MailKind.CALL_AHEAD
    return MailKind.CALL_OVER if over <= today <= over + REMINDER_CATCH_UP else None


def _call_reminders(now: datetime) -> Iterator[Mail]:
    """Yield the reminders before and after the deadlines of the calls in force, by the days of
    their plans, whether or not they are in the outbox already."""
    calls = [(_reminder_of(call, now), call) for call in calls_in_force().select_related("plan")]
    found = [(kind, call) for kind, call in calls if kind is not None]
    asked = people_asked({call.plan_id for _kind, call in found}) if found else {}
    for kind, call in found:
        for person in asked.get(call.plan_id, ()):
            key = f"{kind}-{call.pk}-{call.moves}-{person}"
            yield Mail(kind=kind, person_id=person, call_id=call.pk, key=key)


def forgettable_mails(now: datetime) -> MailQuerySet:
    """Return the mails that ended so long ago that nobody asks about them, apart from those that
    tell a run what it has already put into the outbox: without them it would put the same reminder
    there again."""
    day = local_time(now).date()
    of_meetings = Q(meeting__ends_on__gte=day - work_queue.FOLLOW_UP_DAYS - REMINDER_CATCH_UP)
    # In the time zone of a plan it may still be the day before.
    of_calls = Q(call__due_on__gte=day - REMIND_AFTER - REMINDER_CATCH_UP - timedelta(days=1))
    ended = Mail.objects.filter(ended_at__lt=now - MAILS_KEPT_FOR)
    return ended.exclude(of_meetings).exclude(of_calls)


def _followers_without_mail(day: datetime, now: datetime) -> QuerySet[Follower]:
    """Return the readers who have confirmed that they follow something, were not told of all
    changes before this day, and have no mail for them: none that waits, none that was made since
    the day after the latest of them and not sent, and none that was just given up."""
    latest = Decision.objects.public().filter(at__lt=day).aggregate(seq=Max("seq"), at=Max("at"))
    if latest["at"] is None:
        return Follower.objects.none()
    day_after = start_of_day(latest["at"]) + timedelta(days=1)
    follows = Following.objects.confirmed().filter(follower=OuterRef("pk"))
    mails = Mail.objects.filter(follower=OuterRef("pk"), kind=MailKind.CHANGES)
    has_one = mails.filter(
        # What was held after a restore ends before later changes.
        Q(state=MailState.WAITING, details={})
        # One that was sent counts by what its reader was told of; a clock that ran ahead can have
        # dated it later than changes of which it did not tell.
        | Q(state__in=(MailState.DROPPED, MailState.FAILED), made_at__range=(day_after, now))
        | Q(state=MailState.FAILED, ended_at__range=(now - FOLLOWER_REST, now))
    )
    rows = Follower.objects.filter(notified_seq__lt=latest["seq"])
    return rows.filter(Exists(follows), ~Exists(has_one)).order_by("pk")
