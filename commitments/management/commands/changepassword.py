"""`manage.py changepassword`: Django's command, which also records in the ledger that the account's
password was set by command."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.utils import timezone

from commitments.accounts import record_command
from commitments.management.base import TrackerCommand, written_together


class Command(TrackerCommand, changepassword.Command):
    help = "Sets the password of an account, and records in the ledger that it was set."

    def handle(self, *args: str, **options: Any) -> str | None:
        name = options["username"] or getpass.getuser()
        with written_together():
            answer: str | None = super().handle(*args, **options | {"username": name})
            user = User.objects.get(username=name)
            record_command(user, changed="password", at=timezone.now())
        return answer
