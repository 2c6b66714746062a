"""Mails that a restored site would send by itself, and may have sent already."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from commitments.choices import MailKind, MailState
from commitments.models import Follower, Mail
from commitments.notify.changes import HELD_AFTER, latest_change_before
from commitments.notify.days import start_of_day
from commitments.notify.due import put_mails_of_day


def hold_after_restore(now: datetime) -> int:
    """Hold what waits in the outbox and what is due on this day, until an administrator sends or
    drops it; return the number of these mails. What follows from later changes is sent as usual.

    The site may have sent all of them since the backup was made; nothing in the backup tells.
    """
    with transaction.atomic():
        if settings.MAIL_ENABLED:
            put_mails_of_day(now)
        _set_changes_apart(now)
        return Mail.objects.waiting().update(state=MailState.HELD)


def _set_changes_apart(now: datetime) -> None:
    """Store with each waiting mail of changes where its changes begin, and that they end before
    this day; treat them as told, so that the next mail to that reader does not repeat them."""
    rows = Mail.objects.waiting().filter(kind=MailKind.CHANGES, details={})
    mails = list(rows.select_related("follower").order_by("pk"))
    last = latest_change_before(start_of_day(now))
    followers: dict[int, Follower] = {}
    for mail in mails:
        if mail.follower is None:
            continue
        follower = followers.setdefault(mail.follower.pk, mail.follower)
        mail.details = {HELD_AFTER: follower.notified_seq}
        mail.made_at = now
        follower.notified_seq = max(follower.notified_seq, last)
    Mail.objects.bulk_update(mails, ["details", "made_at"], batch_size=500)
    Follower.objects.bulk_update(followers.values(), ["notified_seq"], batch_size=500)
