"""Copying the database into a file and back, for SQLite and PostgreSQL.

Sessions are not copied: they would let people in who have been signed out since.
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

from commitments.db import refresh_statistics
from commitments.models.search_indexes import forgetting_statements

SESSIONS = Session._meta.db_table
# SQLite's files beside a database, which hold what has not been moved into it yet.
SQLITE_SUFFIXES = ("", "-wal", "-shm")


class DatabaseProgramError(Exception):
    """pg_dump or pg_restore failed or is not installed; `str()` is what it said."""


# The errors that copying a database can raise, apart from Django's own.
DATABASE_ERRORS = (sqlite3.Error, DatabaseProgramError)


def dump_database(path: Path) -> None:
    """Copy the database into a new file.

    Call this inside `db.consistent_read()`: the copy then has what else is read there, whatever
    others write meanwhile.
    """
    DUMPS[connection.vendor](path)


def load_database(path: Path) -> None:
    """Put a copy in the place of the database, which must be empty: all of it or, if this raises,
    nothing."""
    LOADS[connection.vendor](path)
    # The connection would still use what it knows of the former tables.
    connection.close()
    refresh_statistics()


def _dump_sqlite(path: Path) -> None:
    raw = path.with_name(f"{path.name}-raw")
    with closing(sqlite3.connect(raw, isolation_level=None)) as copy:
        # In one step, and with the snapshot of the transaction that this connection has begun.
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute(f'DELETE FROM "{SESSIONS}"')  # noqa: S608 (a name of Django's)
        for statement in forgetting_statements():
            copy.execute(statement)
        # Deleted rows stay in the pages of a file. They are left behind.
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
    """Raise an error if others use the database: `backup` would wait for them without end."""
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
        # Those that `migrate` made. They are empty, and dropped in the same transaction.
        options += ["--clean", "--if-exists"]
    connection.close()
    _run("pg_restore", *options, str(path))


def _run(program: str, *options: str) -> None:
    """Run a program of PostgreSQL on the database. The password is in its environment: others could
    read it on the command line."""
    settings = connection.settings_dict
    # Without a name, what Django passes to psql ends with another one.
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
