"""Entries of calendars: the meetings of forums, and what is due from a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db.models import Count, F, Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import ScheduleDate, SubjectType, statuses_where
from commitments.clocks import Clock
from commitments.curation.report_calls import calls_in_force
from commitments.meetings.icalendar_files import CalendarEntry
from commitments.models import (
    Commitment,
    Decision,
    KnownDate,
    Meeting,
    Milestone,
    Plan,
    RecordedContent,
)
from commitments.workflow import work_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# How far calendars go back.
CALENDAR_DAYS = timedelta(days=366)
# Of each kind, in a person's calendar.
MAX_OWN_ENTRIES = 1000

Address = Callable[[Meeting], str]


class LastChange(NamedTuple):
    """When what an entry shows last changed on record, and how many changes followed the first."""

    at: datetime
    number: int


# The change of a date that no decision has recorded.
UNRECORDED = LastChange(datetime(2000, 1, 1, tzinfo=UTC), 0)


def meeting_title(meeting: Meeting) -> str:
    """Return the code of the forum and the title of the meeting, or the forum's name if it has no
    title."""
    return f"{meeting.forum.code}{_(': ')}{meeting.title or meeting.forum.name}"


def meeting_entries(meetings: Iterable[Meeting], page: Address) -> Iterator[CalendarEntry]:
    """Yield the entries of meetings as everybody may read them. `page` returns the address of the
    page about one; the meeting's own link is in the description."""
    for meeting in meetings:
        yield CalendarEntry(
            uid=meeting.uid,
            first=meeting.starts_on,
            last=meeting.ends_on,
            title=meeting_title(meeting),
            changed_at=meeting.changed_at,
            description="\n".join(_facts(meeting)),
            place=str(meeting.place),
            url=page(meeting),
            cancelled=meeting.cancelled,
            sequence=meeting.sequence,
        )


def _facts(meeting: Meeting) -> Iterator[str]:
    if meeting.papers_due_on:
        day = date_format(meeting.papers_due_on, pgettext("format of a date", "j F Y"))
        yield _("Papers due on %(day)s") % {"day": day}
    if meeting.url:
        yield meeting.url


def own_entries(user: User, clock: Clock, day: date) -> Iterator[CalendarEntry]:
    """Yield the entries of what a person has to attend or to deliver: `meetings_to_attend`, with
    the deadlines for papers; the deadlines of calls that they have not answered; and, for the
    commitments in their charge, the due dates, the milestones that are not met, and the days on
    which assessments become due. Links lead to the staff side; asks, notes and drafts are left out.
    """
    meetings = work_queue.meetings_to_attend(user).ahead(day - CALENDAR_DAYS).in_order()
    going = list(meetings[:MAX_OWN_ENTRIES])
    yield from meeting_entries(going, lambda row: _on_site("admin:meeting", row.pk))
    yield from (_papers(row) for row in going if row.papers_due_on)
    yield from _of_calls(user)
    yield from _of_commitments(user, clock)
    yield from _of_milestones(user, clock)


def _papers(meeting: Meeting) -> CalendarEntry:
    due_on = meeting.papers_due_on or meeting.starts_on
    return CalendarEntry(
        uid=uuid5(meeting.uid, "papers"),
        first=due_on,
        last=due_on,
        title=_("Papers due: %(title)s") % {"title": meeting_title(meeting)},
        changed_at=meeting.changed_at,
        url=_on_site("admin:meeting", meeting.pk),
        cancelled=meeting.cancelled,
        sequence=meeting.sequence,
    )


def _of_calls(user: User) -> Iterator[CalendarEntry]:
    unanswered = work_queue.asked_for(user).order_by().values("plan")
    calls = calls_in_force().filter(plan__in=unanswered).select_related("plan")
    for row in calls[:MAX_OWN_ENTRIES]:
        title = f"{row.plan.code} {row.plan.title}"
        yield CalendarEntry(
            uid=_uid("call", row.pk),
            first=row.due_on,
            last=row.due_on,
            title=_("Reports due: %(title)s") % {"title": title},
            changed_at=row.due_on_set_at,
            sequence=row.moves,
            url=f"{settings.SITE_URL}{reverse('admin:index')}?section=asked_for",
        )


def _of_commitments(user: User, clock: Clock) -> Iterator[CalendarEntry]:
    periods = Plan.objects.review_periods(clock)
    rows: Any = work_queue.commitments_in_charge_of(user).at(clock, periods).with_due_days(periods)
    rows = list(rows.select_related("plan").in_order()[:MAX_OWN_ENTRIES])
    ids = [row.pk for row in rows]
    final = statuses_where(final=True)
    moves, reviews = _moves(commitment__in=ids, milestone=None), _review_changes(rows)
    for row in rows:
        if row.known_due_on and row.assessment_status not in final:
            change = moves.get(row.pk, UNRECORDED)
            yield _due("due", row, row.known_due_on, _("Due: %(title)s"), change)
        if row.review_due_on:
            title = _("Assessment due: %(title)s")
            yield _due("assessment", row, row.review_due_on, title, reviews[row.pk])


def _moves(**of: object) -> Mapping[int, LastChange]:
    """Return the changes of these due dates on record, by the id of their milestone or, without
    one, their commitment; one query."""
    rows = KnownDate.objects.filter(name=ScheduleDate.DUE_ON, **of).order_by()
    subject = "commitment" if of.get("milestone", "") is None else "milestone"
    return _last_changes(rows.values(subject=F(subject)).annotate(Count("pk"), Max("known_from")))


def _review_changes(commitments: Sequence[Commitment]) -> Mapping[int, LastChange]:
    """Return the changes that move the day on which an assessment becomes due, by commitment: the
    public decisions on its assessments, and changes of the plan's review interval. Two queries."""
    ids = [row.pk for row in commitments]
    decisions = Decision.objects.public().filter(
        update__commitment__in=ids, update__status__isnull=False
    )
    decided = decisions.order_by().values(subject=F("update__commitment"))
    assessments = _last_changes(decided.annotate(Count("pk"), Max("at")))
    intervals = _interval_changes({row.plan.code for row in commitments})
    return {
        row.pk: _together(assessments.get(row.pk), intervals.get(row.plan.code))
        for row in commitments
    }


def _interval_changes(plans: Collection[str]) -> Mapping[str, LastChange]:
    """Return the changes of the review interval of these plans on record, by code; one query."""
    contents = RecordedContent.objects.filter(subject_type=SubjectType.PLAN, subject_key__in=plans)
    rows = contents.order_by("id").values_list(
        "subject_key", "content__review_interval_days", "decision__at"
    )
    changes: dict[str, LastChange] = {}
    held: dict[str, int | None] = {}
    for code, days, at in rows:
        if days != held.setdefault(code, days):
            held[code] = days
            changes[code] = LastChange(at, changes.get(code, UNRECORDED).number + 1)
    return changes


def _together(*changes: LastChange | None) -> LastChange:
    """Return all these changes as one."""
    found = [change for change in changes if change is not None]
    latest = max((change.at for change in found), default=UNRECORDED.at)
    return LastChange(latest, sum(change.number for change in found))


def _last_changes(rows: Iterable[Mapping[str, Any]]) -> Mapping[int, LastChange]:
    changes = (tuple(row.values()) for row in rows)
    return {subject: LastChange(at, count - 1) for subject, count, at in changes}


def _of_milestones(user: User, clock: Clock) -> Iterator[CalendarEntry]:
    commitments = work_queue.commitments_in_charge_of(user).values("pk")
    rows: Any = Milestone.objects.at(clock).unmet().filter(commitment__in=commitments)
    rows = list(rows.select_related("commitment__plan").in_order()[:MAX_OWN_ENTRIES])
    moves = _moves(milestone__in=[row.pk for row in rows])
    for row in rows:
        change = moves.get(row.pk, UNRECORDED)
        title = f"{row.commitment.code} {row.title}"
        yield CalendarEntry(
            uid=_uid("milestone", row.pk),
            first=row.known_due_on,
            last=row.known_due_on,
            title=_("Milestone: %(title)s") % {"title": title},
            changed_at=change.at,
            url=_on_site("admin:log-new", row.commitment.code),
            sequence=change.number,
        )


def _due(kind: str, row: Any, day: date, title: str, change: LastChange) -> CalendarEntry:
    return CalendarEntry(
        uid=_uid(kind, row.pk),
        first=day,
        last=day,
        title=title % {"title": f"{row.code} {row.title}"},
        changed_at=change.at,
        url=_on_site("admin:log-new", row.code),
        sequence=change.number,
    )


def _uid(kind: str, pk: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/{kind}/{pk}")


def _on_site(route: str, argument: object) -> str:
    return f"{settings.SITE_URL}{reverse(route, args=[argument])}"
