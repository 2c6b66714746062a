"""`manage.py verify_ledger`: whether the tables still hold what the ledger says."""

from __future__ import annotations

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.models import Decision, LedgerHead, ProgressUpdate
from commitments.snapshot import snapshot
from commitments.verification import Pin, differences

PIN = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})\Z")


def pin(text: str) -> Pin:
    found = PIN.match(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no pinned head: SEQ:HASH, such as 812: and 64 hexadecimal digits."
        )
    return Pin(int(found[1]), found[2])


class Command(BaseCommand):
    help = "Recomputes the ledger and compares it with the tables; fails if anything differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pin",
            type=pin,
            metavar="SEQ:HASH",
            help="a head noted down earlier, which must still be in the chain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        with snapshot():
            for problem in differences(options["pin"]):
                found += 1
                self.stdout.write(str(problem))
                self.stdout.flush()
            head = LedgerHead.objects.first()
            decisions, updates = Decision.objects.count(), ProgressUpdate.objects.count()
        if found:
            raise CommandError(f"Differences: {found}.")
        place = f"{head.seq}:{head.hash}" if head else ""
        self.stdout.write(
            f"No difference in {decisions} decisions and {updates} updates. Head: {place}"
        )
