"""Secret addresses of calendars, which programs read without signing in."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, get_random_string

from commitments.models import CalendarAddress
from commitments.roles import is_staff

# The salt, so that the address of a calendar is not valid as a link in a mail.
OF_CALENDAR = "calendar-of-person"
CALENDAR_KEY_LENGTH = 22


def new_key() -> str:
    return get_random_string(CALENDAR_KEY_LENGTH)


def calendar_token(address: CalendarAddress) -> str:
    """Return the signed token that identifies a person's calendar in its address."""
    return Signer(salt=OF_CALENDAR).sign(f"{address.user_id}-{address.key}")


def reader_of_calendar(token: str) -> User | None:
    """Return the person whose calendar this token identifies; None if the signature is wrong, the
    address has ended or was renewed, or the person no longer holds a role."""
    try:
        pk, _, key = Signer(salt=OF_CALENDAR).unsign(token).partition("-")
    except BadSignature:
        return None
    address = CalendarAddress.objects.select_related("user").filter(user=int(pk)).first()
    if address is None or not constant_time_compare(address.key, key):
        return None
    return address.user if is_staff(address.user) else None
