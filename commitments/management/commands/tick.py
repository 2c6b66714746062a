"""`manage.py tick`: run the tasks that are due. Cron or a timer starts it every few minutes."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from commitments.choices import RunState
from commitments.db import lacks_migrations
from commitments.management.base import check_restore_is_finished
from commitments.operations import TASKS, run_due
from commitments.operations.stored_files import renew_mark

_logger = logging.getLogger(__name__)

UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


class Command(BaseCommand):
    help = (
        "Runs the regular tasks that are due: "
        + ", ".join(task.name for task in TASKS)
        + ". Each has a record of its runs on the staff side. A second tick at the same time runs "
        "nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--list", action="store_true", help="print the tasks and how often they run; run none"
        )

    def handle(self, *args: str, list: bool, **options: object) -> None:
        if list:
            for task in TASKS:
                self.stdout.write(f"every {_in_words(task.every):<10} {' '.join(task.command)}")
            return
        if lacks_migrations():
            raise CommandError(
                "The database has the tables of an earlier release: run migrate first."
            )
        check_restore_is_finished()
        try:
            renew_mark()
        except (OSError, DatabaseError) as error:
            _logger.warning("The mark beside the files of evidence was not renewed: %s", error)
        failed = 0
        for run in run_due(TASKS, timezone.now):
            failed += run.state == RunState.FAILED
            self.stdout.write(f"{run.task}: {run.state}")
            if run.state == RunState.FAILED:
                self.stdout.write(run.output)
        if failed:
            raise CommandError(f"Tasks that failed: {failed}.")


def _in_words(interval: timedelta) -> str:
    """Return an interval of whole minutes in the largest unit that it has a whole number of."""
    unit = next(name for name, length in UNITS.items() if not interval % length)
    number = interval // UNITS[unit]
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
