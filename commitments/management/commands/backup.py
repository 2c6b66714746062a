"""`manage.py backup FILE`: write an archive of the database and the files of evidence."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.exceptions import BackupError
from commitments.management.base import INCOMPLETE, TrackerCommand, cleaned_up_when_ended
from commitments.operations import recorded_run
from commitments.operations.backup import Backup, make_backup


class Command(TrackerCommand):
    help = (
        "Writes an archive of the database and of all files of evidence, while work goes on. It "
        "has password hashes, drafts and internal evidence in it: keep it private."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file whose name ends in .tar")

    def handle(self, *args: str, file: Path, **options: object) -> None:
        # The run counts as done once there is an archive, even if some files are missing from it:
        # `verify_ledger` reports these too.
        with cleaned_up_when_ended(), recorded_run("backup", timezone.now) as record:
            backup = self._make(file)
            content, problems = _content(file, backup), _problems(backup)
            record.write("\n".join([content, *problems, ""]))
        self.stdout.write(content)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(
                "The archive is complete but for the files named above. Run verify_ledger, and "
                "keep the older archives: they may have these files.",
                returncode=INCOMPLETE,
            )

    def _make(self, file: Path) -> Backup:
        try:
            return make_backup(file, at=timezone.now())
        except BackupError as error:
            raise self.command_error(error) from error


def _content(file: Path, backup: Backup) -> str:
    manifest = backup.manifest
    return (
        f"{file}: the database and {len(manifest.evidence)} files of evidence, {manifest.size} "
        f"bytes. Head: {manifest.head.seq}:{manifest.head.hash}"
    )


def _problems(backup: Backup) -> list[str]:
    missing = [
        f"{name}: is missing from the storage of evidence, or cannot be read there"
        for name in backup.missing
    ]
    return missing + [f"{name}: does not match the recorded digest" for name in backup.changed]
