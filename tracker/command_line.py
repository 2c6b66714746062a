"""The command line: `manage.py` of a checkout, and `commitment-tracker` where that is installed."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error, OperationalError, ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder

from tracker.release import release


def main() -> None:
    """Run the command that the arguments name. `--version` is the tracker's, not Django's.

    What whoever runs the site has to mend is said in a sentence; `--traceback` shows where it was
    found.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    if sys.argv[1:] in (["--version"], ["version"]):
        print(f"commitment-tracker {release()}")
        return
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        sentence = _what_to_mend(error)
        if not sentence or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)


def _what_to_mend(error: Exception) -> str:
    """Return the sentence for an error that has one, else ""."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    try:
        has_tables = MigrationRecorder(connection).has_table()
    except Error:
        # The database cannot be asked: the error itself says why.
        return ""
    if has_tables:
        return ""
    return f"The database {connection.settings_dict['NAME']} has no tables: run migrate first."
