"""`manage.py make_ledger_key`: make the key with which the ledger's checkpoints are signed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.ledger.proofs.keys import LedgerKeyError, make_ledger_key

# The path of the tree in the API. C2SP recommends it as a part of the log's name.
PLACE = "api/v1/ledger"


class Command(BaseCommand):
    help = (
        "Makes the key that signs the ledger's checkpoints, in the file LEDGER_KEY, readable only "
        "by its owner, and prints the verifier key for those who check. The name of the ledger is "
        "part of it and stays. Keep a copy in a safe place: backups do not contain it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--origin",
            default=_default_origin(),
            metavar="NAME",
            help="the name of the ledger, an address without https:// (default: %(default)s)",
        )
        parser.add_argument(
            "--if-absent", action="store_true", help="do nothing if there is a key already"
        )

    def handle(self, *args: str, origin: str, if_absent: bool, **options: object) -> None:
        if if_absent and Path(settings.LEDGER_KEY).exists():
            return
        try:
            key = make_ledger_key(origin)
        except LedgerKeyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {settings.LEDGER_KEY}. The verifier key of the ledger:")
        self.stdout.write(str(key.verifier))


def _default_origin() -> str:
    """Return the first host name in the settings that is not a wildcard, followed by the tree's
    path."""
    host = next(iter(settings.ALLOWED_HOSTS), "").lstrip(".*") or "localhost"
    return f"{host}/{PLACE}"
