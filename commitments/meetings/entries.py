"""Entries of calendars: the meetings of forums, and what is due from a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import statuses_where
from commitments.clocks import Clock
from commitments.meetings.icalendar_files import CalendarEntry
from commitments.models import Meeting, Milestone, Plan
from commitments.roles import offices_of
from commitments.workflow import work_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# How far calendars go back.
CALENDAR_DAYS = timedelta(days=366)
# In a person's calendar, of each kind.
MAX_OWN_ENTRIES = 1000

Address = Callable[[Meeting], str]


def meeting_title(meeting: Meeting) -> str:
    """Return the code of the forum and the title of the meeting, without one the forum's name."""
    return f"{meeting.forum.code}{_(': ')}{meeting.title or meeting.forum.name}"


def meeting_entries(meetings: Iterable[Meeting], page: Address) -> Iterator[CalendarEntry]:
    """Yield the entries of meetings as everybody may read them. `page` gives the address at which
    there is more of one; the meeting's own link is in the description."""
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
    """Yield what a person has to attend or to deliver: the meetings to which their offices go, with
    the deadlines for papers, and of the commitments in their charge the due dates, the milestones
    that are not met, and the days on which assessments become due. Links lead to the staff side;
    nothing that is for staff only is in the words."""
    meetings = Meeting.objects.attended_by(offices_of(user)).ahead(day - CALENDAR_DAYS).in_order()
    going = list(meetings[:MAX_OWN_ENTRIES])
    yield from meeting_entries(going, lambda row: _on_site("admin:meeting", row.pk))
    yield from (_papers(row) for row in going if row.papers_due_on)
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


def _of_commitments(user: User, clock: Clock) -> Iterator[CalendarEntry]:
    periods = Plan.objects.review_periods(clock)
    rows: Any = work_queue.commitments_in_charge_of(user).at(clock, periods).with_due_days(periods)
    rows = rows.select_related("plan").in_order()
    final = statuses_where(final=True)
    for row in rows[:MAX_OWN_ENTRIES]:
        if row.known_due_on and row.assessment_status not in final:
            yield _due("due", row, row.known_due_on, _("Due: %(title)s"), clock)
        if row.review_due_on:
            yield _due("assessment", row, row.review_due_on, _("Assessment due: %(title)s"), clock)


def _of_milestones(user: User, clock: Clock) -> Iterator[CalendarEntry]:
    commitments = work_queue.commitments_in_charge_of(user).values("pk")
    rows: Any = Milestone.objects.at(clock).unmet().filter(commitment__in=commitments)
    rows = rows.select_related("commitment__plan").in_order()
    for row in rows[:MAX_OWN_ENTRIES]:
        title = f"{row.commitment.code} {row.title}"
        yield CalendarEntry(
            uid=_uid("milestone", row.pk),
            first=row.known_due_on,
            last=row.known_due_on,
            title=_("Milestone: %(title)s") % {"title": title},
            changed_at=clock.now,
            url=_on_site("admin:log-new", row.commitment.code),
        )


def _due(kind: str, row: Any, day: date, title: str, clock: Clock) -> CalendarEntry:
    return CalendarEntry(
        uid=_uid(kind, row.pk),
        first=day,
        last=day,
        title=title % {"title": f"{row.code} {row.title}"},
        changed_at=clock.now,
        url=_on_site("admin:log-new", row.code),
    )


def _uid(kind: str, pk: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/{kind}/{pk}")


def _on_site(route: str, argument: object) -> str:
    return f"{settings.SITE_URL}{reverse(route, args=[argument])}"
