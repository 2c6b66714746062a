"""`manage.py sign_checkpoint`: sign the head of the ledger's Merkle tree."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from commitments.exceptions import TrackerError
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.keys import read_ledger_key
from commitments.ledger.proofs.stored import EntriesMissing


class Command(BaseCommand):
    help = (
        "Signs a checkpoint of the ledger if it has grown since the last one: how many entries "
        "there are, and the root hash of the Merkle tree over them. Refuses if the ledger does not "
        "continue what was signed before."
    )

    def handle(self, *args: str, **options: object) -> None:
        try:
            key = read_ledger_key()
            if key is None:
                self.stdout.write("There is no key (LEDGER_KEY); make_ledger_key makes one.")
                return
            checkpoint = sign_checkpoint(key, timezone.now())
        except (TrackerError, EntriesMissing) as error:
            raise CommandError(str(error)) from error
        if checkpoint is None:
            self.stdout.write("The ledger has not grown.")
        else:
            self.stdout.write(f"Signed a checkpoint of {checkpoint.size}: {checkpoint.root}")
