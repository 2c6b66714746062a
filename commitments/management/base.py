"""Base class of commands that act for a person, or that load or write files, and checks that
commands share."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.http.request import validate_host

from commitments.exceptions import StorageUnavailable, TrackerError
from commitments.importing.sheets import SheetFile
from commitments.importing.step_output import Progress, in_silence
from commitments.importing.yaml_file import YamlFile
from commitments.operations.backup import is_restore_unfinished

# In bytes. The shipped plan has some 130 kB.
LARGE_FILE = 300_000
# The exit code of a command that is done but for files of evidence that are missing or changed.
# Python itself uses 1, and its argument parser 2.
INCOMPLETE = 3
# The signals that end a process when its service is stopped or its terminal closed.
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def cleaned_up_when_ended() -> Iterator[None]:
    """Raise SystemExit inside the block if the process is asked to end, so that cleanup runs. By
    default Python would end at once."""
    former = {number: signal.signal(number, _exit) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _exit(number: int, _frame: object) -> None:
    # The exit code that a shell gives to a process that a signal ended.
    sys.exit(128 + number)


def check_site_address(address: str) -> None:
    """Raise CommandError unless the site would answer under this address."""
    parts = urlsplit(address)
    wanted = "https" if settings.SECURE_SSL_REDIRECT else "http or https"
    if parts.scheme not in wanted.split(" or ") or parts.path.strip("/") or parts.query:
        raise CommandError(f"“{address}” is not an address of a site ({wanted}, without a path).")
    if not validate_host(parts.hostname or "", settings.ALLOWED_HOSTS):
        allowed = ", ".join(settings.ALLOWED_HOSTS)
        raise CommandError(f"“{parts.hostname}” is not in ALLOWED_HOSTS: {allowed}")


def check_restore_is_finished() -> None:
    """Raise CommandError before a command sends what a restore has yet to hold."""
    # Most commands do without the storage of evidence, so an outage of it stops none.
    with suppress(OSError):
        if is_restore_unfinished():
            raise CommandError(
                "Nothing runs or is sent, since a restore of this site is not finished. If the "
                "process ended, run restore once more with the same archive."
            )


@contextmanager
def evidence_store_needed() -> Iterator[None]:
    """Raise CommandError if the block needs the store of evidence and it cannot be used."""
    try:
        yield
    except StorageUnavailable as error:
        raise CommandError(f"The store of evidence cannot be used: {error}") from error


@contextmanager
def written_together() -> Iterator[None]:
    """Commit all that the block writes, or none of it if it raises. The block may wait for input
    before it writes: unlike `atomic`, this locks no database until then."""
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    transaction.set_autocommit(False)
    try:
        yield
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
    finally:
        transaction.set_autocommit(True)


class TrackerCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command without looking for cyclic garbage: a large file becomes millions of
        objects that stay until the end, and looking through them took a third of the time. Raise
        CommandError with the problems of a TrackerError, and if the command needs the store of
        evidence and it cannot be used."""
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            with evidence_store_needed():
                return super().execute(*args, **options)
        except TrackerError as error:
            raise self.command_error(error) from error
        finally:
            if was_enabled:
                gc.enable()

    def get_user(self, username: str) -> User:
        """Return the user with this name. Raise CommandError if there is none."""
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(f"There is no user “{username}”.") from None

    def progress_for(self, path: str) -> Progress:
        """Return a function that prints the steps of loading a file, or nothing for a file that
        loads within a second or two."""
        try:
            large = FilePath(path).stat().st_size > LARGE_FILE
        except OSError:
            return in_silence  # The code that reads the file reports why it cannot be read.
        return (lambda step: self.stderr.write(f"  … {step}")) if large else in_silence

    def command_error(
        self, error: TrackerError, file: YamlFile | SheetFile | None = None
    ) -> CommandError:
        """Return the error with each of its problems on a line of its own, with its place in the
        file if it has none yet."""
        problems = error.problems if file is None else file.located(error.problems)
        return CommandError("\n".join([str(error), *(f"  {problem}" for problem in problems)]))
