"""`manage.py forget`: delete records of sign-ins, mails, requests and webhooks that are no longer
needed."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone

from commitments.accounts import forget_sign_ins
from commitments.accounts.followers import UNCONFIRMED_KEPT_FOR, forget_unconfirmed
from commitments.db import refresh_statistics
from commitments.models import AccessToken, IdempotentResponse, WebhookAttempt
from commitments.models.querysets.webhooks import ATTEMPTS_KEPT_FOR
from commitments.notify.due import forgettable_mails

# Long enough to investigate an attack.
ADDRESSES_KEPT_FOR = timedelta(days=30)


class Command(BaseCommand):
    help = (
        "Deletes ended sessions, expired access tokens, answers kept for repeated requests, "
        "addresses of readers that were not "
        f"confirmed after {UNCONFIRMED_KEPT_FOR.days} days, and after {ADDRESSES_KEPT_FOR.days} "
        "days the records of sign-ins with their addresses (of a person's last one the time stays) "
        "and of mails, apart from those that keep a reminder from being sent twice; those of "
        f"webhook requests after {ATTEMPTS_KEPT_FOR.days} days. Then has the database count its "
        "rows, by which it plans queries."
    )

    def handle(self, *args: str, **options: object) -> None:
        now = timezone.now()
        Session.objects.filter(expire_date__lt=now).delete()
        AccessToken.objects.filter(expiry__lt=now).delete()
        IdempotentResponse.objects.expired(now).delete()
        forget_unconfirmed(now)
        forgettable_mails(now).delete()
        WebhookAttempt.objects.outdated(now).delete()
        forget_sign_ins(now, ADDRESSES_KEPT_FOR)
        refresh_statistics()
