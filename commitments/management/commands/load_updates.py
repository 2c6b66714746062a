"""`manage.py load_updates FILE --author USER`: load an update file."""

from __future__ import annotations

from collections import Counter

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from commitments.choices import State
from commitments.db import refresh_statistics
from commitments.exceptions import TrackerError
from commitments.importing import update_file, update_load
from commitments.management.base import TrackerCommand

# How many updates are loaded between two lines of progress.
PROGRESS_EVERY = 25


class Command(TrackerCommand):
    help = (
        "Creates and submits the updates of a file whose external references are new in its plan, "
        "all or none. With --publish-as they are published too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument(
            "--author", metavar="USER", required=True, help="the reporter who submits them"
        )
        parser.add_argument(
            "--publish-as", metavar="USER", help="the reviewer, another person, who publishes them"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, but write nothing"
        )

    def handle(
        self,
        *args: str,
        file: str,
        author: str,
        publish_as: str | None,
        dry_run: bool,
        **options: object,
    ) -> None:
        reporter = self.get_user(author)
        reviewer = None if publish_as is None else self.get_user(publish_as)
        updates = None
        try:
            updates = update_file.read_update_file(file)
            with transaction.atomic():
                result = update_load.load_updates(
                    updates,
                    author=reporter,
                    publisher=reviewer,
                    at=timezone.now(),
                    progress=self._progress,
                )
                if dry_run:
                    transaction.set_rollback(True)
            refresh_statistics()
        except TrackerError as error:
            raise self.command_error(error, updates) from error
        outcome = "published" if publish_as else "submitted for review"
        self._report(result, outcome, dry_run)

    def _progress(self, done: int, total: int) -> None:
        if done % PROGRESS_EVERY == 0 or done == total:
            self.stdout.write(f"  {done} of {total} updates")

    def _report(self, result: update_load.UpdateLoadResult, outcome: str, dry_run: bool) -> None:
        for problem in result.differences:
            self.stderr.write(f"Not changed in the tracker: {problem}")
        prefix = "Dry run, nothing written. " if dry_run else ""
        parts = [f"updates {outcome}: {result.updates}"] if result.updates else []
        parts += [f"already loaded: {_format_counts(result.present)}"] if result.present else []
        parts += [f"forums added: {result.forums}"] if result.forums else []
        parts += ["notice set"] if result.notice else []
        self.stdout.write(f"{prefix}Plan {result.plan.code}: {'; '.join(parts)}.")


def _format_counts(present: Counter[State]) -> str:
    """Return the total, followed by the counts of the states other than published."""
    others = [
        f"{str(state.label).lower()} {count}"
        for state, count in present.items()
        if state is not State.PUBLISHED
    ]
    return f"{present.total()} ({', '.join(others)})" if others else str(present.total())
