"""`manage.py load_updates FILE --author USER`: brings a file of updates into the tracker."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from commitments import updatefile, updateload
from commitments.choices import State
from commitments.exceptions import TrackerError
from commitments.management.files import FileCommand

STEP = 25


class Command(FileCommand):
    help = (
        "Writes and submits the updates of a file that its plan does not have yet, by their "
        "external references; all of them or none. With --publish-as they are published too."
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
            "--dry-run", action="store_true", help="do all of it, report, and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        author = self.person(options["author"])
        named = options["publish_as"]
        publisher = None if named is None else self.person(named)
        try:
            file = updatefile.read(options["file"])
            with transaction.atomic():
                done = updateload.load(
                    file,
                    author=author,
                    publisher=publisher,
                    at=timezone.now(),
                    progress=self._progress,
                )
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except TrackerError as error:
            raise self.refusal(error) from error
        self._report(done, options)

    def _progress(self, done: int, of: int) -> None:
        if done % STEP == 0 or done == of:
            self.stdout.write(f"  {done} of {of} updates")

    def _report(self, done: updateload.Loaded, options: dict[str, Any]) -> None:
        for problem in done.differing:
            self.stderr.write(f"Left as it is in the tracker: {problem}")
        trial = "Dry run, nothing written. " if options["dry_run"] else ""
        how = "published" if options["publish_as"] else "submitted for review"
        parts = [f"updates {how}: {done.updates}"] if done.updates else []
        parts += [f"there already: {_counted(done.present)}"] if done.present else []
        parts += [f"forums added: {done.forums}"] if done.forums else []
        parts += ["notice set"] if done.notice else []
        self.stdout.write(f"{trial}Plan {done.plan.code}: {'; '.join(parts)}.")


def _counted(present: Counter[State]) -> str:
    """How many, and how many of them do not stand published."""
    others = [
        f"{str(state.label).lower()} {count}"
        for state, count in present.items()
        if state is not State.PUBLISHED
    ]
    return f"{present.total()} ({', '.join(others)})" if others else str(present.total())
