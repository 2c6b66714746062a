"""Giving a person's calendar an address, and ending it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User

from commitments.access.calendar_links import new_key
from commitments.models import CalendarAddress


def renew_calendar_address(user: User, at: datetime) -> CalendarAddress:
    """Give a person's calendar a new address, and return it. An earlier one ends."""
    address, _made = CalendarAddress.objects.update_or_create(
        user=user, defaults={"key": new_key(), "made_at": at}
    )
    return address


def end_calendar_address(user: User) -> None:
    """End the address of a person's calendar, if it has one."""
    CalendarAddress.objects.filter(user=user).delete()
