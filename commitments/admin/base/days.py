"""The days of staff pages that are not of one plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.utils import timezone

from commitments.clocks import local_day
from commitments.models import Plan


def staff_zone() -> str:
    """Return the time zone that all plans share, else that of the site (`TIME_ZONE`)."""
    zones = Plan.objects.order_by().values_list("time_zone", flat=True).distinct()[:2]
    shared, *others = zones or [settings.TIME_ZONE]
    return settings.TIME_ZONE if others else shared


def staff_day(at: datetime) -> date:
    """Return the day of a time in the `staff_zone`."""
    return local_day(at, staff_zone())


class DayListFilter(admin.DateFieldListFilter):
    """A filter by days such as “Today”, which are those of the `staff_zone`."""

    def __init__(self, *args: Any, **names: Any) -> None:
        with timezone.override(staff_zone()):
            super().__init__(*args, **names)
