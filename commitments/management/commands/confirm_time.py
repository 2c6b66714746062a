"""`manage.py confirm_time`: confirm that the system clock is right when it disagrees with the
ledger."""

from __future__ import annotations

from django.core.management.base import CommandParser
from django.utils import timezone

from commitments import workflow
from commitments.management.base import TrackerCommand


class Command(TrackerCommand):
    help = (
        "Records that the clock is right, after the tracker refused to record anything because the "
        "latest entry of the ledger is later than the clock, or much earlier. Check the clock "
        "first. The reason is public."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, metavar="USER", help="a superuser")
        parser.add_argument("--reason", required=True, help="what was wrong; public")

    def handle(self, *args: str, by: str, reason: str, **options: object) -> None:
        decision = workflow.confirm_time(by=self.get_user(by), at=timezone.now(), reason=reason)
        head = decision.meta["head_at"]
        self.stdout.write(f"Confirmed {decision.at.isoformat()}; the entry before is of {head}.")
