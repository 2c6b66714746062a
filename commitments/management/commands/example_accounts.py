"""`manage.py example_accounts FILE`: create accounts for trying out the tracker on a local
machine."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from commitments.accounts import record_command
from commitments.choices import Role
from commitments.management.base import TrackerCommand
from commitments.models import Office

ACCOUNTS: dict[str, Role | None] = {
    "administrator": None,
    "reporter": Role.REPORTER,
    "reviewer": Role.REVIEWER,
    "curator": Role.CURATOR,
}


class Command(TrackerCommand):
    help = (
        "Creates the accounts administrator, reporter, reviewer and curator with addresses at "
        "example.org and random passwords, and stores the passwords in FILE, readable only by its "
        "owner. Existing accounts are not changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--join-offices", action="store_true", help="make the reporter a member of every office"
        )

    def handle(self, *args: str, file: Path, join_offices: bool, **options: object) -> None:
        try:
            passwords = self._make(file)
        except OSError as error:
            raise CommandError(f"No account was made. {file}: {error.strerror}") from error
        if join_offices:
            User.objects.get(username="reporter").offices.set(Office.objects.all())
        self.stdout.write(f"Example accounts (passwords are kept in {file}):")
        for name in ACCOUNTS:
            password = passwords.get(name, "(set by you)")
            self.stdout.write(f"  {name:<14} {password}")

    @transaction.atomic
    def _make(self, file: Path) -> dict[str, str]:
        """Create the accounts and return the passwords that are in the file. An account whose
        password cannot be written there is not made, since nobody would know it."""
        passwords = self._read(file)
        created = {name: self._create(name, role) for name, role in ACCOUNTS.items()}
        passwords |= {name: password for name, password in created.items() if password}
        self._write(file, passwords)
        return passwords

    def _create(self, name: str, role: Role | None) -> str | None:
        """Create an account and return its password; return None if the account already exists."""
        if User.objects.filter(username=name).exists():
            return None
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(
            username=name,
            email=f"{name}@example.org",
            password=password,
            is_superuser=role is None,
        )
        if role is not None:
            user.groups.add(Group.objects.get(name=role.group))
        record_command(user, changed="account", at=timezone.now())
        return password

    def _read(self, file: Path) -> dict[str, str]:
        if not file.exists():
            return {}
        lines = file.read_text(encoding="utf-8").splitlines()
        return dict(line.split(maxsplit=1) for line in lines if line.strip())

    def _write(self, file: Path, passwords: dict[str, str]) -> None:
        part = file.with_name(f"{file.name}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                os.fchmod(out.fileno(), 0o600)
                out.writelines(f"{name} {password}\n" for name, password in passwords.items())
            # Only now, so that a full disk loses no password that is there already.
            os.replace(part, file)
        finally:
            part.unlink(missing_ok=True)
