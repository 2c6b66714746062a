"""`manage.py orphaned_files`: stored files that no evidence names, as a crash may leave them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from commitments import storage
from commitments.models import Evidence

# A younger file may belong to a request that is still under way.
YOUNG = timedelta(hours=1)


class Command(BaseCommand):
    help = (
        "Lists stored files that no evidence names; with --remove deletes them. Files younger "
        "than an hour are left alone: their request may still be under way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="delete what is listed")

    def handle(self, *args: Any, **options: Any) -> None:
        # The store before the table: what is stored meanwhile is in neither.
        stored = list(storage.stored_before(timezone.now() - YOUNG))
        named = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
        orphans = [name for name in stored if name not in named]
        for name in orphans:
            self.stdout.write(name)
            if options["remove"]:
                storage.evidence_storage().delete(name)
        done = "removed" if options["remove"] else "found; --remove deletes them"
        self.stdout.write(f"{len(orphans)} orphaned files {done}.")
