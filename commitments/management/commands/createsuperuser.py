"""`manage.py createsuperuser`: Django's command, which also records the account in the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User
from django.utils import timezone

from commitments.accounts import record_command


class Command(createsuperuser.Command):
    help = "Makes the account of an administrator, and records it in the ledger."

    def handle(self, *args: str, **options: Any) -> None:
        # The command waits for input here, so do not hold a transaction open.
        present = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=present):
            record_command(user, changed="account", at=timezone.now())
