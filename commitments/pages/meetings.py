"""The public calendar of a plan's forums and the page of a meeting, both also as iCalendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commitments.clocks import local_day
from commitments.meetings.entries import CALENDAR_DAYS, meeting_entries, meeting_title
from commitments.meetings.icalendar_files import CALENDAR_TYPE, calendar_file
from commitments.meetings.recorded import events_of
from commitments.models import Forum, Meeting, Plan, ProgressUpdate
from commitments.models.querysets import MeetingQuerySet
from commitments.pages.base import PlanPage
from commitments.pages.public import PublicPage
from commitments.pages.querystrings import CLOCKS
from commitments.pages.updates import PageUpdate, page_updates
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import on_day

PAST_PER_PAGE = 50
# How many events of a meeting are shown in the list of meetings, and on its own page.
MAX_EVENTS = 5
MAX_EVENTS_OF_PAGE = 100


def public_meetings(plan: Plan) -> MeetingQuerySet:
    """Return the public meetings of a plan's forums. Three queries; one if there are none."""
    return Meeting.objects.visible_to(ANONYMOUS).of_plans([plan])


@dataclass(frozen=True)
class HeldMeeting:
    """A meeting with the first events recorded for it, and the number of further events."""

    meeting: Meeting
    events: list[PageUpdate]
    more: int


class MeetingListPage(PlanPage):
    """A page that lists public meetings of the plan. What is recorded of them depends on the
    clocks; the meetings themselves are always those on record today."""

    menu_entry = "forums"
    needs = ("forums",)

    def held(self, meetings: Sequence[Meeting], limit: int) -> list[HeldMeeting]:
        """Return these meetings, each with at most `limit` of its events."""
        updates = ProgressUpdate.objects.filter(commitment__plan=self.plan)
        ids_of = events_of(meetings, Forum.objects.tree(), self.clock, updates) if meetings else {}
        shown = {pk for ids in ids_of.values() for pk in ids[:limit]}
        rows = ProgressUpdate.objects.filter(pk__in=shown).select_related("commitment__plan")
        events = {row.id: row for row in page_updates(rows)} if shown else {}
        return [
            HeldMeeting(
                row,
                [events[pk] for pk in ids_of[row.pk][:limit]],
                max(0, len(ids_of[row.pk]) - limit),
            )
            for row in meetings
        ]


class PublicMeetingsPage(MeetingListPage):
    """The calendar of a plan: upcoming meetings by month, then past ones, latest first."""

    template_name = "commitments/meetings.html"
    parameters = (*CLOCKS, "page")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        meetings = public_meetings(self.plan)
        if not meetings.exists():
            raise Http404
        over = meetings.over(self.day).latest_first()
        page = Paginator(over, PAST_PER_PAGE).get_page(self.query.get("page"))
        return super().get_context_data(
            months=_by_month(meetings.ahead(self.day).in_order()),
            past=self.held(list(page), MAX_EVENTS),
            page=page,
            **kwargs,
        )


def _by_month(meetings: Iterable[Meeting]) -> list[tuple[str, list[Meeting]]]:
    """Return the meetings grouped by the month in which they begin."""
    months = groupby(meetings, key=lambda row: row.starts_on.replace(day=1))
    return [(on_day(month, "month"), list(rows)) for month, rows in months]


class PublicMeetingPage(MeetingListPage):
    """A meeting: when and where it is, and what is recorded of it."""

    template_name = "commitments/meeting.html"

    @cached_property
    def meeting(self) -> Meeting:
        rows = public_meetings(self.plan).select_related("forum")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        [held] = self.held([self.meeting], MAX_EVENTS_OF_PAGE)
        return super().get_context_data(
            meeting=self.meeting,
            held=held,
            has_begun=self.meeting.starts_on <= self.day,
            title=meeting_title(self.meeting),
            **kwargs,
        )


class MeetingsFile(PublicPage):
    """The calendar of a plan as a file, to which calendar programs subscribe."""

    is_for_everybody = True

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Calendar programs do not sign in.
        self.plan = get_object_or_404(Plan.objects.visible_to(ANONYMOUS), code=self.kwargs["plan"])
        name, rows = self.selected()
        meetings = list(rows.in_order())
        content = calendar_file(
            name,
            meeting_entries(meetings, self._page),
            source=request.build_absolute_uri(request.path),
            language=get_language() or "",
        )
        response = HttpResponse(content, content_type=f"{CALENDAR_TYPE}; charset=utf-8")
        if meetings:
            latest = max(row.changed_at for row in meetings)
            response.headers["Last-Modified"] = http_date(latest.timestamp())
        return response

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    def selected(self) -> tuple[str, MeetingQuerySet]:
        """Return the name of the calendar, and its meetings."""
        name = _("Meetings: %(title)s") % {"title": self.plan.title}
        return name, public_meetings(self.plan).ahead(self.first_day)

    @property
    def first_day(self) -> date:
        """The first day of the calendar; earlier meetings are left out."""
        return local_day(self.now, self.plan.time_zone) - CALENDAR_DAYS

    def _page(self, meeting: Meeting) -> str:
        path = reverse("pages:meeting", args=[self.plan.code, meeting.pk])
        return self.request.build_absolute_uri(path)


class ForumMeetingsFile(MeetingsFile):
    """The calendar of a forum, its parts, and the successors of any of these."""

    def selected(self) -> tuple[str, MeetingQuerySet]:
        forum = get_object_or_404(Forum, code=self.kwargs["code"])
        rows = public_meetings(self.plan).at_forum(forum).ahead(self.first_day)
        return _("Meetings: %(title)s") % {"title": forum.name}, rows


class MeetingCalendarFile(MeetingsFile):
    """One meeting as a calendar file."""

    def selected(self) -> tuple[str, MeetingQuerySet]:
        rows = public_meetings(self.plan).filter(pk=self.kwargs["pk"])
        meeting = get_object_or_404(rows.select_related("forum"))
        return meeting_title(meeting), rows
