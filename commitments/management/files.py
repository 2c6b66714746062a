"""What the commands that load files have in common."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from commitments.exceptions import TrackerError


class FileCommand(BaseCommand):
    def person(self, username: str) -> User:
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(f"There is no user “{username}”.") from None

    def refusal(self, error: TrackerError) -> CommandError:
        """The error with each of its problems on a line."""
        return CommandError("\n".join([str(error), *(f"  {p}" for p in error.problems)]))
