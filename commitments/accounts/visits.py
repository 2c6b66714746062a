"""The previous visit of a person, by their recorded sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Max, QuerySet


def last_visit(user: User) -> datetime | None:
    """Return the time of the last sign-in before this visit, None if none is recorded. Two queries.

    A visit lasts as long as a session can: a sign-in within that time, on another device or after
    signing out, belongs to the same visit.
    """
    times = _visits().filter(username=user.get_username()).values_list("attempt_time", flat=True)
    latest = times.order_by("-attempt_time").first()
    if latest is None:
        return None
    before = times.filter(attempt_time__lte=latest - _visit_may_last())
    return before.order_by("-attempt_time").first()


def rename_sign_ins(former: str, name: str) -> None:
    """Move the records of sign-ins to the new user name of an account, so that they are exported
    and deleted with it. Failed attempts, which count for minutes only, are deleted. Records that
    have the exact name of another account stay with that account."""
    others = User.objects.filter(username__iexact=former).values_list("username", flat=True)
    spellings = {"username__iexact": former}
    AccessAttempt.objects.filter(**spellings).exclude(username__in=others).delete()
    AccessLog.objects.filter(**spellings).exclude(username__in=others).update(username=name)


def forget_sign_ins(at: datetime, kept_for: timedelta) -> None:
    """Delete the records of sign-ins that are older than this. For a person who has not signed in
    since, the latest one is kept, without address and browser: it determines what is new to
    them."""
    before = at - kept_for
    AccessAttempt.objects.filter(attempt_time__lt=before).delete()
    old, visits = AccessLog.objects.filter(attempt_time__lt=before), _visits().order_by()
    # A visit of today or yesterday may still be going on; then the previous visit is an older one.
    came_since = visits.filter(attempt_time__range=(before, at - 2 * _visit_may_last()))
    away = visits.filter(attempt_time__lt=before).exclude(
        username__in=came_since.values_list("username", flat=True)
    )
    last = away.values("username").annotate(last=Max("pk")).values_list("last", flat=True)
    old.exclude(pk__in=list(last)).delete()
    old.update(ip_address=None, user_agent="", http_accept="", session_hash="")


def seconds_locked_out(username: str, address: str, at: datetime) -> int:
    """Return the seconds, at least 1, until an attempt to sign in with this name from this address
    is accepted again, after too many failed ones."""
    failed = AccessAttempt.objects.filter(username=username, ip_address=address)
    last = failed.aggregate(last=Max("attempt_time"))["last"] or at
    return max(1, ceil((last + timedelta(hours=settings.AXES_COOLOFF_TIME) - at).total_seconds()))


def _visit_may_last() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _visits() -> QuerySet[AccessLog]:
    """Return the sign-ins on pages, without those by which programs get tokens."""
    sign_ins: QuerySet[AccessLog] = AccessLog.objects.exclude(path_info__startswith="/api/")
    return sign_ins
