"""`manage.py restore FILE`: restore an archive written by `backup` into an empty site."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.utils import timezone

from commitments.exceptions import RestoreError
from commitments.management.base import TrackerCommand, cleaned_up_when_ended
from commitments.notify import hold_after_restore
from commitments.operations import settle_restored_runs
from commitments.operations.backup import (
    Archive,
    Manifest,
    check_fit,
    finish_restore,
    needs_migration,
    open_archive,
    outrun_revisions,
    restore_backup,
)


class Command(TrackerCommand):
    help = (
        "Checks every byte of an archive, restores it into an empty site, all or nothing, and "
        "compares the tables with the ledger. Stop the application before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="check the archive, and restore nothing"
        )
        parser.add_argument(
            "--accept-foreign",
            action="store_true",
            help="trust an archive that was signed with another SECRET_KEY",
        )

    def handle(
        self, *args: str, file: Path, check: bool, accept_foreign: bool, **options: object
    ) -> None:
        try:
            with (
                cleaned_up_when_ended(),
                open_archive(file, accept_foreign=accept_foreign) as archive,
            ):
                self._describe(archive)
                if check:
                    check_fit(archive.manifest)
                    return
                restore_backup(archive)
        except RestoreError as error:
            raise self.command_error(error) from error
        except OSError as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        self._finish(archive.manifest)
        self.stdout.write("Restored. Sessions are not in archives: everybody signs in again.")
        self.stdout.write(
            "What was erased since the archive was made is back, and so are persons who were "
            "forgotten: erase and forget them again."
        )
        self._verify(archive.manifest)

    def _describe(self, archive: Archive) -> None:
        manifest = archive.manifest
        self.stdout.write(
            f"An undamaged archive of {manifest.made_at}, signed by "
            f"{'this site' if archive.is_own else 'another site'}: the database "
            f"({manifest.vendor}) and {len(manifest.evidence)} files of evidence, {manifest.size} "
            f"bytes. Head: {manifest.head.seq}:{manifest.head.hash}"
        )
        if manifest.release != settings.RELEASE:
            self.stdout.write(f"Release {manifest.release} made it; this is {settings.RELEASE}.")
        if manifest.missing:
            self.stdout.write(
                f"{len(manifest.missing)} files of evidence were missing before it was made."
            )

    def _finish(self, manifest: Manifest) -> None:
        """Migrate tables of an earlier release, and do what must be done before the site is used:
        invalidate what readers have cached of the site as it was, and hold mails. Until this is
        done, the restore can be run again."""
        try:
            if needs_migration(manifest):
                self.stdout.write("Migrating.")
                call_command("migrate", verbosity=0)
            now = timezone.now()
            with transaction.atomic():
                outrun_revisions()
                settle_restored_runs(datetime.fromisoformat(manifest.made_at), now)
                held = hold_after_restore(now)
            finish_restore()
        except (DatabaseError, OSError) as error:
            raise CommandError(
                f"The restore is not finished: {error}\n"
                "The database and the files are there, but mails that may have been sent would be "
                "sent again: run restore once more before you start the application or tick. If "
                f"the tables do not fit this release, restore with {manifest.release}, which made "
                "the archive, into a new database."
            ) from error
        self._print_held(held)

    def _print_held(self, held: int) -> None:
        if held:
            are, them = ("message is", "it") if held == 1 else ("messages are", "them")
            self.stdout.write(
                f"{held} {are} held: the site may have sent {them} after the backup was made. "
                f"An administrator sends or drops {them} under “Messages”."
            )

    def _verify(self, manifest: Manifest) -> None:
        """Compare the tables with the ledger."""
        head = manifest.head if manifest.head.seq else None
        try:
            call_command("verify_ledger", pin=head, stdout=self.stdout, stderr=self.stderr)
        except DatabaseError as error:
            raise CommandError(
                f"Everything is restored, but could not be compared with the ledger: {error}"
            ) from error
