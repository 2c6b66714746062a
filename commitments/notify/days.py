"""The days by which mails are sent, in the time zone `TIME_ZONE`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def local_time(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE))


def start_of_day(at: datetime) -> datetime:
    """Return when the day of this time began."""
    local = local_time(at)
    return datetime.combine(local.date(), time(), local.tzinfo)


def start_of_week(at: datetime) -> datetime:
    """Return when the Monday on or before this time began."""
    day = start_of_day(at)
    monday = day.date() - timedelta(days=day.weekday())
    return datetime.combine(monday, time(), day.tzinfo)
