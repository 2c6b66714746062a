"""`manage.py send_webhooks_due`: send what has changed to the subscribers of webhooks."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from commitments.management.base import check_restore_is_finished
from commitments.notify.webhooks import deliver_due, preview_deliveries


class Command(BaseCommand):
    help = (
        "Sends public changes to the subscribers of webhooks, each signed, in the order of the "
        "ledger. What a subscriber does not take is tried again, later each time, for three days; "
        "then nothing more is sent until an administrator resumes it. A second run at the same "
        "time sends nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print what each would get next; send nothing"
        )

    def handle(self, *args: str, dry_run: bool, **options: object) -> None:
        if dry_run:
            for subscriber, waiting, message in preview_deliveries(timezone.now()):
                self.stdout.write(f"{subscriber.name}: {waiting} changes, the first {message.id}")
                self.stdout.write(message.body.decode())
            return
        check_restore_is_finished()
        counts = deliver_due(timezone.now)
        ended = ", ".join(f"{result} {count}" for result, count in sorted(counts.items()))
        self.stdout.write(f"Changes: {ended or 'none was due'}.")
