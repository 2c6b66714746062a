"""Copying the database into a file and back, for SQLite and PostgreSQL.

Sessions are not copied: they would sign in people who have signed out since.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from commitments.db import SQLITE_SUFFIXES
from commitments.models.search_indexes import forgetting_statements

SESSIONS = Session._meta.db_table


class DatabaseProgramError(Exception):
    """pg_dump or pg_restore failed or is not installed; `str()` gives the program's message."""


# The errors that copying a database can raise, apart from Django's own.
DATABASE_ERRORS = (sqlite3.Error, DatabaseProgramError)


def dump_database(path: Path) -> None:
    """Copy the database into a new file.

    Call this inside `db.consistent_read()`: the copy then matches everything else that is read
    there, whatever others write meanwhile.
    """
    DUMPS[connection.vendor](path)


def load_database(path: Path) -> None:
    """Load a copy into the database, which must be empty. If this raises an error, nothing is
    loaded."""
    LOADS[connection.vendor](path)
    # The open connection would go on using what it knows about the former tables.
    connection.close()


def _dump_sqlite(path: Path) -> None:
    raw = path.with_name(f"{path.name}-raw")
    with closing(sqlite3.connect(raw, isolation_level=None)) as copy:
        # Copy in one step, within the snapshot of this connection's open transaction.
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute(f'DELETE FROM "{SESSIONS}"')  # noqa: S608 (a name of Django's)
        for statement in forgetting_statements():
            copy.execute(statement)
        # Deleted rows remain in the pages of a file; VACUUM does not copy them.
        copy.execute("VACUUM INTO ?", [str(path)])
    raw.unlink()


def _load_sqlite(path: Path) -> None:
    name = str(connection.settings_dict["NAME"])
    connection.ensure_connection()
    for suffix in SQLITE_SUFFIXES:
        with suppress(FileNotFoundError):
            os.chmod(f"{name}{suffix}", 0o600)
    with closing(sqlite3.connect(path)) as copy:
        copy.backup(connection.connection, progress=_refuse_to_wait)


def _refuse_to_wait(status: int, _remaining: int, _total: int) -> None:
    """Raise an error if others use the database, because `backup` would wait for them
    indefinitely."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise sqlite3.OperationalError("the database is in use; stop the application first")


def _dump_postgresql(path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
    options = ("--format=custom", f"--snapshot={snapshot}", f"--exclude-table-data={SESSIONS}")
    _run("pg_dump", *options, f"--file={path}")


def _load_postgresql(path: Path) -> None:
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    if connection.introspection.table_names():
        # Drop the tables made by `migrate`, which are empty, in the same transaction.
        options += ["--clean", "--if-exists"]
    connection.close()
    _run("pg_restore", *options, str(path))


def _run(program: str, *options: str) -> None:
    """Run a PostgreSQL program on the database. The password is passed in the environment, because
    others could read it on the command line."""
    settings = connection.settings_dict
    # With "-" as the name, the arguments that Django makes for psql end with it; drop it and pass
    # the real name as an option.
    arguments, environment = DatabaseClient.settings_to_cmd_args_env({**settings, "NAME": "-"}, [])
    command = [program, *arguments[1:-1], f"--dbname={settings['NAME']}", *options]
    try:
        completed = subprocess.run(  # noqa: S603 (names and options of the settings)
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise DatabaseProgramError(
            f"{program} is not installed. On Debian: apt-get install postgresql-client"
        ) from None
    if completed.returncode:
        raise DatabaseProgramError(completed.stderr.strip() or f"{program} failed")


DUMPS: dict[str, Callable[[Path], None]] = {
    "sqlite": _dump_sqlite,
    "postgresql": _dump_postgresql,
}
LOADS: dict[str, Callable[[Path], None]] = {
    "sqlite": _load_sqlite,
    "postgresql": _load_postgresql,
}
