"""`manage.py verify_ledger`: compare the tables with the ledger."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from commitments.db import WHOLE_NUMBER_PATTERN, consistent_read, is_busy, outage_reason
from commitments.exceptions import Problem
from commitments.management.base import evidence_store_needed
from commitments.models import Decision, LedgerCheck, LedgerHead, ProgressUpdate
from commitments.verification import PinnedHead, ledger_differences, pin_differences

PIN = re.compile(rf"({WHOLE_NUMBER_PATTERN}):([0-9a-f]{{64}})\Z")


def parse_pin(text: str) -> PinnedHead:
    match = PIN.match(text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not of the form SEQ:HASH, such as 812: and 64 hexadecimal digits."
        )
    return PinnedHead(int(match[1]), match[2])


class Command(BaseCommand):
    help = "Recomputes the ledger and compares it with the tables; fails if anything differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pin",
            type=parse_pin,
            metavar="SEQ:HASH",
            help="a head recorded earlier, which must still be in the chain; the ledger page does "
            "not count it as a difference if it is not, since it may be mistyped",
        )

        parser.add_argument(
            "--no-record",
            action="store_true",
            help="do not note on the ledger page that it was checked, such as for a read-only copy",
        )

    def handle(
        self, *args: str, pin: PinnedHead | None, no_record: bool, **options: object
    ) -> None:
        now = timezone.now()
        with evidence_store_needed(), consistent_read():
            of_pin = self._printed(pin_differences(pin)) if pin else 0
            differences = self._printed(ledger_differences(now))
            head = LedgerHead.objects.first()
            decisions, updates = Decision.objects.count(), ProgressUpdate.objects.count()
        if not no_record:
            self._note(LedgerCheck(at=now, seq=head.seq if head else 0, differences=differences))
        if differences + of_pin:
            raise CommandError(f"Differences: {differences + of_pin}.")
        pin_of_head = f"{head.seq}:{head.hash}" if head else ""
        self.stdout.write(
            f"No difference in {decisions} decisions and {updates} updates. Head: {pin_of_head}"
        )

    def _printed(self, problems: Iterable[Problem]) -> int:
        """Print each problem as soon as it is found; return how many there are."""
        number = 0
        for problem in problems:
            number += 1
            self.stdout.write(str(problem))
            self.stdout.flush()
        return number

    def _note(self, check: LedgerCheck) -> None:
        """Save the check. Its findings are printed even if the database cannot be written."""
        try:
            check.save()
        except OperationalError as error:
            if not is_busy(error):
                raise
            self.stderr.write(f"The ledger page does not show this check: {outage_reason(error)}")
