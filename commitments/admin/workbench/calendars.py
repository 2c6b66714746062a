"""A person's own calendar: its secret address, and the calendar itself for programs."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.generic import View

from commitments.access.calendar_links import calendar_token, reader_of_calendar
from commitments.access.rate_limits import CALENDAR_SECONDS, count_calendar_reading
from commitments.accounts.calendars import end_calendar_address, renew_calendar_address
from commitments.admin.base.days import staff_day
from commitments.admin.workbench.base import StaffPage
from commitments.clocks import Clock
from commitments.meetings.entries import own_entries
from commitments.meetings.icalendar_files import CALENDAR_TYPE, calendar_file
from commitments.models import CalendarAddress, MailPreference


class CalendarAddressPage(StaffPage):
    """The address of one's own calendar; a new one ends the former one."""

    template_name = "workbench/calendar.html"
    menu_entry = "meetings"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "end" in request.POST:
            end_calendar_address(self.user)
            messages.success(request, _("Your calendar has no address any more."))
        else:
            renew_calendar_address(self.user, timezone.now())
            messages.success(request, _("Your calendar has a new address."))
        return HttpResponseRedirect(reverse("admin:calendar-address"))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        found = CalendarAddress.objects.filter(user=self.user).first()
        path = found and reverse("admin:calendar", args=[calendar_token(found)])
        address = self.request.build_absolute_uri(path) if path else ""
        return super().get_context_data(address=address, **kwargs)


class CalendarPage(View):
    """A person's meetings and due dates, for any program that has the secret address; nobody signs
    in here."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        reader = reader_of_calendar(token)
        if reader is None:
            raise Http404
        if not count_calendar_reading(reader.pk):
            response = HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
            response.headers["Retry-After"] = str(CALENDAR_SECONDS)
        else:
            now = timezone.now()
            with translation.override(MailPreference.objects.of(reader).language):
                entries = list(own_entries(reader, Clock(now=now), staff_day(now)))
                source = request.build_absolute_uri(request.path)
                content = calendar_file(_("My desk"), entries, source=source)
            response = HttpResponse(content, content_type=f"{CALENDAR_TYPE}; charset=utf-8")
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
