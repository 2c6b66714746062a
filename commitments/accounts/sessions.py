"""Ending what lets a person in without a password."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from commitments.accounts.calendars import end_calendar_address
from commitments.models import AccessToken


def end_access(account: User) -> None:
    """Delete the tokens, sessions and the calendar address of an account, so that they do not come
    back if it is reactivated."""
    AccessToken.objects.owned_by(account).delete()
    end_calendar_address(account)
    end_sessions(account)


def end_sessions(account: User, *, but: str | None = None) -> None:
    """End the sessions of an account, except the one with the key `but`."""
    for session in Session.objects.exclude(pk=but or "").iterator():
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            session.delete()
