"""The days of staff pages that do not belong to one plan."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from commitments.admin.base.typed import ModelAdmin
from commitments.clocks import local_day
from commitments.models import Plan


def staff_zone() -> str:
    """Return the time zone that all plans share or, if they differ, that of the site
    (`TIME_ZONE`)."""
    zones = Plan.objects.order_by().values_list("time_zone", flat=True).distinct()[:2]
    shared, *others = zones or [settings.TIME_ZONE]
    return settings.TIME_ZONE if others else shared


def staff_day(at: datetime) -> date:
    """Return the day of a time in the `staff_zone`."""
    return local_day(at, staff_zone())


class LocalTimes(ModelAdmin):
    """Pages whose times, and whose days such as “Today”, are those of the `staff_zone`."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        with timezone.override(staff_zone()):
            return _rendered(super().changelist_view(request, extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        with timezone.override(staff_zone()):
            return _rendered(super().changeform_view(request, object_id, form_url, extra_context))


def _rendered(response: HttpResponse) -> HttpResponse:
    """Render a page now, while the time zone is active; Django would do so after the view."""
    return response.render() if isinstance(response, TemplateResponse) else response
