"""`manage.py orphaned_files`: list stored files that no row refers to, as a crash may leave
behind."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.files import staging, storage
from commitments.management.base import TrackerCommand
from commitments.models import Dump, Evidence, ProgressUpdate

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
        # List the files before reading the table, so that a file stored in between is not an
        # orphan.
        stored = list(storage.stored_before(timezone.now() - MIN_AGE))
        referenced = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
        referenced.update(Dump.objects.values_list("file", flat=True))
        orphans = [name for name in stored if name not in referenced]
        if remove and orphans and not ProgressUpdate.objects.exists():
            # The database may be a new one after a loss, or not the one that the files belong to.
            raise CommandError(
                f"Nothing was removed: {storage.storage_place()} holds {len(orphans)} files that "
                "may belong to another database, since this one has no updates. If nothing needs "
                "them, delete them yourself."
            )
        for name in orphans:
            self.stdout.write(name)
            if remove:
                storage.evidence_storage().delete(name)
        done = "removed" if remove else "found; --remove deletes them"
        self.stdout.write(f"{len(orphans)} orphaned files {done}.")
