"""`manage.py send_mail_due`: send the mails waiting in the outbox, and the digests that are due."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from commitments.management.base import check_restore_is_finished
from commitments.notify import MailServerAway, preview_due, send_due
from commitments.operations import recorded_run

NO_MAIL = "This site sends no mail: EMAIL_URL is empty."


class Command(BaseCommand):
    help = (
        "Sends the mails that are due: invitations, links to set a password, notices, reminders, "
        "digests and the changes that readers follow. Mails that fail are tried again, later each "
        "time, for two days. A second run at the same time sends nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print the mails that are due; send none"
        )

    def handle(self, *args: str, dry_run: bool, **options: object) -> None:
        if dry_run:
            self._preview()
            return
        check_restore_is_finished()
        with recorded_run("send_mail_due", timezone.now) as record:
            words = self._send()
            record.write(f"{words}\n")
        self.stdout.write(words)

    def _preview(self) -> None:
        if not settings.MAIL_ENABLED:
            self.stdout.write(NO_MAIL)
            return
        for mail, text in preview_due(timezone.now()):
            to = mail.person.get_username() if mail.person else "a reader"
            self.stdout.write(f"{mail.kind} to {to}: {text}")

    def _send(self) -> str:
        """Send what is due, and return in words how many mails ended in each state."""
        if not settings.MAIL_ENABLED:
            return NO_MAIL
        try:
            counts = send_due(timezone.now)
        except MailServerAway as error:
            raise CommandError(str(error)) from None
        ended = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
        return f"Mails: {ended or 'none was due'}."
