"""`manage.py write_tiles FOLDER`: write the ledger's checkpoint and tree as files for a static
host."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.ledger.proofs.checkpoints import latest_checkpoint
from commitments.ledger.proofs.static_files import write_static_files
from commitments.ledger.proofs.stored import EntriesMissing


class Command(BaseCommand):
    help = (
        "Writes the latest checkpoint of the ledger and the tiles of its tree into FOLDER, as "
        "c2sp.org/tlog-tiles names them, so that any host of files can serve a copy. Tiles that "
        "are there stay; run it again after the ledger has grown."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: str, folder: Path, **options: object) -> None:
        checkpoint = latest_checkpoint()
        if checkpoint is None:
            raise CommandError("There is no checkpoint: see make_ledger_key and sign_checkpoint.")
        try:
            written = write_static_files(folder, checkpoint)
        except (OSError, EntriesMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Checkpoint of {checkpoint.size}; tiles written: {written}.")
