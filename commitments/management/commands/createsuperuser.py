"""`manage.py createsuperuser`: Django's command, which also records the account in the ledger."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from commitments.accounts import record_command
from commitments.management.base import TrackerCommand, written_together


class Command(TrackerCommand, createsuperuser.Command):
    help = "Makes the account of an administrator, and records it in the ledger."

    def handle(self, *args: str, **options: Any) -> None:
        if not options["interactive"]:
            _check_password({name: options[name] for name in ("username", "email")})
        present = set(User.objects.values_list("pk", flat=True))
        with written_together():
            super().handle(*args, **options)
            added = User.objects.filter(is_superuser=True).exclude(pk__in=present)
            # Others may have made accounts while the command waited for input.
            for user in added.filter(account_requests=None):
                record_command(user, changed="account", at=timezone.now())


def _check_password(options: dict[str, str | None]) -> None:
    """Refuse a password in the environment that nobody could choose on a page; Django's command
    only looks at those that are typed."""
    password = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
    if password is None:
        return
    given = {
        name: value or os.environ.get(f"DJANGO_SUPERUSER_{name.upper()}", "")
        for name, value in options.items()
    }
    try:
        validate_password(password, User(**given))
    except ValidationError as error:
        raise CommandError(f"DJANGO_SUPERUSER_PASSWORD: {' '.join(error.messages)}") from error
