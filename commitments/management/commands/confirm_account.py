"""`manage.py confirm_account`: confirm an account request when there is no second administrator to
confirm it."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments import accounts
from commitments.accounts.words import request_words
from commitments.choices import RequestState
from commitments.management.base import TrackerCommand
from commitments.models import AccountRequest


class Command(TrackerCommand):
    help = (
        "Confirms an account request in place of a second administrator, such as one who has left; "
        "without a number, lists the open requests. The ledger records that a command confirmed it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, nargs="?", help="the number of the request")

    def handle(self, *args: str, number: int | None, **options: object) -> None:
        rows = AccountRequest.objects.filter(state=RequestState.OPEN).order_by("pk")
        rows = rows.select_related("account", "asked_by", "decision")
        rows = rows.prefetch_related("account__groups")
        if number is None:
            for row in rows:
                self.stdout.write(f"{row.pk}  {row}  {request_words(row)}  ({row.asked_by})")
            return
        request = rows.filter(pk=number).first()
        if request is None:
            raise CommandError(f"There is no open account request {number}.")
        done = accounts.confirm_change(request, by=None, at=timezone.now())
        self.stdout.write(f"Confirmed: {done} ({request_words(done)}).")
