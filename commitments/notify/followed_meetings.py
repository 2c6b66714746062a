"""The public meetings ahead of what a reader follows, as lines of a mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.choices import SubjectType
from commitments.clocks import local_day
from commitments.meetings.entries import meeting_title
from commitments.models import Following, Forum, Meeting, Plan
from commitments.notify.letters import absolute
from commitments.pages.meetings import public_meetings
from commitments.templatetags.tracker import on_day, until

# How far ahead a mail to a reader lists meetings, and how many of each plan.
FOLLOWED_MEETINGS_AHEAD = timedelta(days=30)
MAX_FOLLOWED_MEETINGS = 10


@dataclass(frozen=True)
class MeetingLine:
    """A meeting in one line, and the address of its page."""

    words: str
    address: str


@dataclass(frozen=True)
class FollowedMeetings:
    """The first meetings ahead, how many more there are, and the page that lists all of them."""

    lines: list[MeetingLine]
    more: int
    page: str

    def __bool__(self) -> bool:
        return bool(self.lines)


def followed_meetings(plan: Plan, rows: Iterable[Following], now: datetime) -> FollowedMeetings:
    """Return the public meetings that are not over and begin within `FOLLOWED_MEETINGS_AHEAD`: all
    of the plan if the reader follows it, else those of the forums that they follow, with the parts
    of these and the successors of either, as in the calendars of the forums."""
    page = absolute(reverse("pages:meetings", args=[plan.code]))
    followed = {row.subject_key for row in rows if row.subject_type == SubjectType.FORUM}
    if any(row.subject_type == SubjectType.PLAN for row in rows):
        found = public_meetings(plan)
    elif followed:
        found = public_meetings(plan).at_forums(Forum.objects.filter(code__in=followed))
    else:
        return FollowedMeetings([], 0, page)
    today = local_day(now, plan.time_zone)
    meetings = list(found.between(today, today + FOLLOWED_MEETINGS_AHEAD).in_order())
    lines = [_line(plan, meeting) for meeting in meetings[:MAX_FOLLOWED_MEETINGS]]
    return FollowedMeetings(lines, len(meetings) - len(lines), page)


def _line(plan: Plan, meeting: Meeting) -> MeetingLine:
    facts = [meeting_title(meeting), until(meeting.starts_on, meeting.ends_on), str(meeting.place)]
    if meeting.cancelled:
        facts.append(_("cancelled"))
    elif meeting.papers_due_on:
        facts.append(_("papers due on %(day)s") % {"day": on_day(meeting.papers_due_on)})
    address = absolute(reverse("pages:meeting", args=[plan.code, meeting.pk]))
    return MeetingLine(" · ".join(filter(None, facts)), address)
