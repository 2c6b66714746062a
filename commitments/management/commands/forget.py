"""`manage.py forget`: forget what is no longer needed of sign-ins."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone

from commitments.accounts import SIGN_INS
from commitments.models import AccessToken

# For looking into an attack.
ADDRESSES_KEPT_FOR = timedelta(days=30)


class Command(BaseCommand):
    help = (
        "Deletes ended sessions, expired access tokens, and the records of sign-ins with "
        f"their addresses after {ADDRESSES_KEPT_FOR.days} days."
    )

    def handle(self, *args: str, **options: object) -> None:
        now = timezone.now()
        Session.objects.filter(expire_date__lt=now).delete()
        AccessToken.objects.filter(expiry__lt=now).delete()
        for model in SIGN_INS:
            model._default_manager.filter(attempt_time__lt=now - ADDRESSES_KEPT_FOR).delete()
