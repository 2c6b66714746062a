"""`manage.py backup FILE`: write an archive of the database and the files of evidence."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.exceptions import BackupError
from commitments.management.base import TrackerCommand, cleaned_up_when_ended
from commitments.operations.backup import make_backup

# The exit code of a backup that lacks files, apart from those of Python (1) and of its parser (2).
INCOMPLETE = 3


class Command(TrackerCommand):
    help = (
        "Writes an archive of the database and of all files of evidence, while work goes on. It "
        "has password hashes, drafts and internal evidence in it: keep it private."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file whose name ends in .tar")

    def handle(self, *args: str, file: Path, **options: object) -> None:
        try:
            with cleaned_up_when_ended():
                backup = make_backup(file, at=timezone.now())
        except BackupError as error:
            raise self.command_error(error) from error
        manifest = backup.manifest
        self.stdout.write(
            f"{file}: the database and {len(manifest.evidence)} files of evidence, "
            f"{manifest.size} bytes. Head: {manifest.head.seq}:{manifest.head.hash}"
        )
        for name in backup.missing:
            self.stderr.write(f"{name}: is missing from the storage of evidence")
        for name in backup.changed:
            self.stderr.write(f"{name}: does not match the recorded digest")
        if backup.missing or backup.changed:
            raise CommandError(
                "The archive is complete but for the files named above. Run verify_ledger, and "
                "keep the older archives: they may have these files.",
                returncode=INCOMPLETE,
            )
