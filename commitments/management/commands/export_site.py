"""`manage.py export_site FOLDER`: write everything public as files."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.exceptions import ExportError
from commitments.management.base import (
    INCOMPLETE,
    TrackerCommand,
    check_site_address,
    cleaned_up_when_ended,
)
from commitments.operations.site_export import export_site


class Command(TrackerCommand):
    help = (
        "Writes everything public as it is now into a new folder: the pages in all languages, "
        "tables, evidence, the record as JSON Lines, the ledger and its proofs. Any web server can "
        "serve the folder, and an archive can keep it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")
        parser.add_argument(
            "--address",
            default=settings.SITE_URL,
            help="the site's address as readers see it; by default SITE_URL: %(default)s",
        )

    def handle(self, *args: str, folder: Path, address: str, **options: object) -> None:
        check_site_address(address)
        try:
            with cleaned_up_when_ended():
                count, damaged = export_site(
                    folder, address, at=timezone.now(), progress=self._progress
                )
        except ExportError as error:
            raise self.command_error(error) from error
        self.stdout.write(f"{folder}: {count} files. To check them: sha256sum --check SHA256SUMS")
        for problem in damaged:
            self.stderr.write(str(problem))
        if damaged:
            raise CommandError(
                "The copy is complete but for the files named above. Run verify_ledger.",
                returncode=INCOMPLETE,
            )

    def _progress(self, pages: int) -> None:
        self.stderr.write(f"  … {pages} pages")
