"""The command line: `manage.py` of a checkout, and `commitment-tracker` where that is installed."""

from __future__ import annotations

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder

from commitments.db import SQLITE_READ_ONLY, lacks_migrations, outage_reason
from tracker.garbage import collect_seldom
from tracker.release import release

# The exit code that a shell gives to a process that Ctrl+C ended.
STOPPED = 128 + signal.SIGINT
# PostgreSQL's codes for a table and a column that there is not, and how SQLite says so.
UNDEFINED = ("42P01", "42703")
SQLITE_UNDEFINED = ("no such table", "no such column", "has no column named")


def main() -> None:
    """Run the command that the arguments name. `--version` is the tracker's, not Django's.

    A setting that cannot be read, and a database that cannot be reached or written or lacks
    tables or columns, are named in a sentence; `--traceback` shows where that was raised.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    if sys.argv[1:] in (["--version"], ["version"]):
        print(f"commitment-tracker {release()}")
        return
    collect_seldom()
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        sentence = _sentence_for(error)
        if not sentence or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(STOPPED)


def _sentence_for(error: Exception) -> str:
    """Return what to mend; "" for an error that is none of these."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    name = connection.settings_dict["NAME"]
    if _is_unreachable(error):
        return f"The database {name} cannot be reached: {outage_reason(error)}"
    if str(error).startswith(SQLITE_READ_ONLY):
        return f"The database {name} cannot be written: {outage_reason(error)}"
    if not _lacks_something(error):
        return ""
    if not MigrationRecorder(connection).has_table():
        return f"The database {name} has no tables: run migrate first."
    if lacks_migrations():
        return f"The database {name} has the tables of an earlier release: run migrate first."
    return ""


# Errors of PostgreSQL have a code, except where no answer came; those of SQLite have none.


def _is_unreachable(error: Exception) -> bool:
    if connection.vendor == "sqlite":
        return str(error).startswith("unable to open database file")
    return isinstance(error, OperationalError) and _code(error) is None


def _lacks_something(error: Exception) -> bool:
    return _code(error) in UNDEFINED or any(words in str(error) for words in SQLITE_UNDEFINED)


def _code(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
