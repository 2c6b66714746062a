"""`manage.py remove_second_factor`: for an administrator who has lost theirs, when there is no
other administrator to remove it on the account's page."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from commitments.access.second_factor import remove_second_factor
from commitments.accounts import end_access, record_command
from commitments.management.base import TrackerCommand


class Command(TrackerCommand):
    help = (
        "Removes the second factor of an account whose person has lost it, with its recovery "
        "codes, sessions and tokens. The ledger records that a command removed it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: str, username: str, **options: object) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        with transaction.atomic():
            if not remove_second_factor(user):
                raise CommandError(f"{username} has no second factor.")
            end_access(user)
            record_command(user, changed="second_factor", at=timezone.now())
        self.stdout.write(f"Removed: {username} signs in with the password alone.")
