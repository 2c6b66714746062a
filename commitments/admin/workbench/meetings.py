"""Meetings of forums: the calendar, and the page on which a meeting is prepared and followed up."""

from __future__ import annotations

from dataclasses import fields

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.admin.base.days import staff_day
from commitments.admin.workbench.base import StaffPage
from commitments.clocks import Clock
from commitments.curation.meetings import answer_nothing_to_report, take_back_nothing_to_report
from commitments.exceptions import TrackerError
from commitments.meetings.entries import CALENDAR_DAYS
from commitments.meetings.sessions import Session, session_of
from commitments.models import Meeting


class MeetingsPage(StaffPage):
    """All meetings ahead, and those of the past year, the latest first."""

    template_name = "workbench/meetings.html"
    menu_entry = "meetings"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = Meeting.objects.in_order().prefetch_related("offices")
        today = staff_day(timezone.now())
        return super().get_context_data(
            ahead=rows.ahead(today),
            over=rows.over(today).filter(ends_on__gte=today - CALENDAR_DAYS).latest_first(),
            may_edit=policies.may_curate(self.user),
            **kwargs,
        )


class MeetingPage(StaffPage):
    """The page of a meeting: the commitments of its forum, their status, updates in progress, and
    milestones ahead."""

    template_name = "workbench/meeting.html"
    menu_entry = "meetings"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = Meeting.objects.select_related("forum").prefetch_related("offices")
        meeting = get_object_or_404(rows, pk=self.kwargs["pk"])
        now = timezone.now()
        session = session_of(meeting, self.user, Clock(now=now), staff_day(now))
        shown = {part.name: getattr(session, part.name) for part in fields(Session)}
        return super().get_context_data(**shown, may_edit=policies.may_curate(self.user), **kwargs)


class NothingToReportPage(StaffPage):
    """Records that there is nothing to report from a meeting, or takes that back; redirects to the
    desk."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        rows = Meeting.objects.select_related("forum").prefetch_related("offices")
        meeting = get_object_or_404(rows, pk=self.kwargs["pk"])
        answer = self._take_back if "undo" in request.POST else self._answer
        try:
            answer(meeting)
        except TrackerError as error:
            self.report_refusal(error)
        return HttpResponseRedirect(reverse("admin:index"))

    def _answer(self, meeting: Meeting) -> None:
        answer_nothing_to_report(meeting, by=self.user, at=timezone.now())
        sentence = _("%(meeting)s: nothing to report.") % {"meeting": meeting}
        undo = reverse("admin:meeting", args=[meeting.pk])
        link = format_html('<a href="{}">{}</a>', undo, _("Take it back"))
        messages.success(self.request, format_html("{} {}", sentence, link))

    def _take_back(self, meeting: Meeting) -> None:
        take_back_nothing_to_report(meeting, by=self.user)
        sentence = _("%(meeting)s: the answer that there is nothing to report was taken back.")
        messages.info(self.request, sentence % {"meeting": meeting})
