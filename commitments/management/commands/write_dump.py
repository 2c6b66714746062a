"""`manage.py write_dump`: write everything public into one file, from which copies can start."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from commitments.exceptions import ExportError
from commitments.management.base import TrackerCommand, check_site_address, cleaned_up_when_ended
from commitments.operations.site_export import dump_is_due, make_dump


class Command(TrackerCommand):
    help = (
        "Writes everything public into one file, which the API gives out at dump/ and copies of "
        "the tracker start from. By default only if there is none, or if it is a day old and "
        "something was published since. After a withdrawal or an erasure it is made anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address",
            default=settings.SITE_URL,
            help="the site's address as readers see it; by default SITE_URL: %(default)s",
        )
        parser.add_argument("--anew", action="store_true", help="make one, though none is due")

    def handle(self, *args: str, address: str, anew: bool, **options: object) -> None:
        check_site_address(address)
        at = timezone.now()
        if not (anew or dump_is_due(at)):
            self.stdout.write("No dump is due.")
            return
        try:
            with cleaned_up_when_ended():
                dump = make_dump(address, at)
        except ExportError as error:
            raise CommandError(str(error)) from error
        if dump is None:
            self.stdout.write("Something was withdrawn meanwhile: the next run makes the dump.")
            return
        self.stdout.write(f"{dump.size} bytes to link {dump.head.seq}, SHA-256 {dump.sha256}")
