"""`manage.py orphaned_files`: list stored files that no row refers to, as a crash may leave
behind."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.files import staging, storage
from commitments.management.base import TrackerCommand
from commitments.operations.stored_files import orphaned_files, reason_to_keep, renew_mark

# A younger file may belong to an unfinished request, or to a form that is yet to be submitted.
MIN_AGE = staging.STAGED_UPLOAD_LIFETIME


class Command(TrackerCommand):
    help = (
        "Lists stored files that belong to no evidence and no dump; with --remove, deletes them. "
        "Files younger than two days are ignored: they may wait for their form."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="delete the files that are listed"
        )

    def handle(self, *args: str, remove: bool, **options: object) -> None:
        orphans = orphaned_files(timezone.now() - MIN_AGE)
        reason = reason_to_keep(len(orphans))
        if remove and reason:
            raise CommandError(f"Nothing was removed. {reason}")
        for name in orphans:
            self.stdout.write(name)
            if remove:
                storage.evidence_storage().delete(name)
        if remove:
            renew_mark()
            found = "removed."
        else:
            found = f"found; --remove deletes {f'none. {reason}' if reason else 'them.'}"
        self.stdout.write(f"{len(orphans)} orphaned files {found}")
