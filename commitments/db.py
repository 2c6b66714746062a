"""Consistent reads over several queries, locks by name, the number of rows of a query, numbers and
texts that a database can hold, a database that is busy, has no room, is read-only, lags behind or
lacks migrations, and statistics for the planner of queries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from errno import EDQUOT, ENOSPC
from hashlib import sha256
from traceback import clear_frames
from typing import Any

from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

# Matches the numbers that a column of whole numbers can hold.
WHOLE_NUMBER_PATTERN = "[0-9]{1,18}"
# A replica that has replayed all it received is not behind, however old the last transaction.
REPLICA_LAG = """
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN EXISTS (SELECT FROM pg_stat_wal_receiver)
        AND pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() THEN interval '0'
    ELSE clock_timestamp()
        - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())
END
"""
# More rows than a table can have.
ALL_ROWS = 2**62
# PostgreSQL's error codes for a full disk, and for a write where none is taken.
DISK_FULL = "53100"
READ_ONLY = "25006"
SQLITE_READ_ONLY = "attempt to write a readonly database"
# SQLite's messages while another writer holds the file, or if file or disk cannot be used.
SQLITE_OUTAGES = (
    "locked",
    "unable to open database file",
    "disk I/O error",
    SQLITE_READ_ONLY,
)
# The suffixes of SQLite's files: the database itself, and files beside it with data that has not
# been moved into it yet.
SQLITE_SUFFIXES = ("", "-wal", "-shm")


def row_count(rows: QuerySet[Any, Any]) -> int:
    """Return the number of rows.

    On SQLite they are counted as those of a subquery with a limit: from that it leaves out joins of
    which nothing is read, which take most of the time of a plain count. PostgreSQL does so anyhow,
    and with a limit would read the ids of rows, for which it takes the table instead of an index.
    """
    rows = rows.order_by()
    is_sqlite = connections[rows.db].vendor == "sqlite"
    return (rows[:ALL_ROWS] if is_sqlite else rows).count()


@contextmanager
def consistent_read() -> Iterator[None]:
    """Read in one snapshot of the database, without blocking writers.

    Inside a transaction, that transaction's view is used. After a failure, the frames of the
    traceback hold no more variables.
    """
    try:
        with _snapshot():
            yield
    except BaseException as error:
        # A query of which the traceback holds a part that is not read would be closed whenever
        # memory is tidied up. On PostgreSQL that could fail the transaction of another request.
        clear_frames(error.__traceback__)
        raise


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # With the IMMEDIATE mode of the settings a transaction takes the write lock at once.
        connection.ensure_connection()
        sqlite: Any = connection
        mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            sqlite.transaction_mode = mode
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def whole_number(text: str) -> int | None:
    """Return the number that somebody sent as decimal digits, such as an id; None if it is anything
    else, or is too large for a column of whole numbers."""
    return int(text) if re.fullmatch(WHOLE_NUMBER_PATTERN, text) else None


def storable(texts: Iterable[str]) -> list[str]:
    """Return those of these texts that a row can have. PostgreSQL refuses a query that contains a
    null character, so no stored text has one."""
    return [text for text in texts if "\x00" not in text]


def try_lock(name: str) -> bool:
    """Take the lock of this name until the end of the transaction, without waiting. Return False if
    somebody else has it. On SQLite a transaction holds the whole database, so other processes that
    want the lock wait for the transaction."""
    if connection.vendor == "sqlite":
        return True
    number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def replica_lag() -> timedelta | None:
    """Return how far, at most, this replica is behind its primary: without a connection to it, the
    age of the last transaction that arrived. Return None if this database is not a replica."""
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute(REPLICA_LAG)
        lag: timedelta | None = cursor.fetchone()[0]
    return lag


def is_busy(error: BaseException | None) -> bool:
    """Return whether an error says that the database could not answer in time, or not now: another
    writer holds it, it is restarting, or its file or disk cannot be reached. The same request may
    succeed a little later."""
    if connection.vendor == "sqlite":
        sentence = str(error)
        is_away = any(part in sentence for part in SQLITE_OUTAGES)
        return isinstance(error, OperationalError) and is_away
    # PostgreSQL reports what is wrong with a statement in other classes. A replica takes no writes:
    # the same request may succeed at the next process, to which nginx passes it on.
    return isinstance(error, OperationalError | InterfaceError) or _code(error) == READ_ONLY


def has_no_room(error: BaseException | None) -> bool:
    """Return whether an error says that a disk of this machine or of the database is full."""
    if isinstance(error, OSError):
        return error.errno in (ENOSPC, EDQUOT)
    if not isinstance(error, OperationalError):
        return False
    # SQLite only has the sentence.
    code = _code(error)
    return code == DISK_FULL if code else "disk is full" in str(error)


def _code(error: BaseException | None) -> str | None:
    """Return PostgreSQL's code of an error, None for an error that has none."""
    code: str | None = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    return code


def read_only_place() -> str | None:
    """Return the file or folder that keeps this user from writing an SQLite database: the database
    itself, a file beside it, which SQLite makes with the rights that the database has then, or the
    folder of all. Return None if there is no such file, and for another database."""
    sqlite: Any = connection
    if connection.vendor != "sqlite" or sqlite.is_in_memory_db():
        return None
    database = os.path.abspath(str(connection.settings_dict["NAME"]))
    for file in (database + suffix for suffix in SQLITE_SUFFIXES):
        if os.path.exists(file) and not os.access(file, os.W_OK):
            return file
    folder = os.path.dirname(database)
    return None if os.access(folder, os.W_OK | os.X_OK) else folder


def outage_reason(error: BaseException | None) -> str:
    """Return the words of an error for the operator, with the file of the database that is
    read-only, which the error of SQLite does not name."""
    place = read_only_place()
    return f"{error} ({place} is not writable)" if place else str(error)


def lacks_migrations() -> bool:
    """Return whether the database has the tables of an earlier release, or none."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refresh_statistics() -> None:
    """Have the database count its rows, by which it plans queries: pages take seconds if it
    mistakes large tables for small ones. SQLite never counts by itself, and PostgreSQL only some
    minutes after a large load. If the database is busy, this is left to the next time, so that the
    work done before does not fail."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # ANALYZE then reads about this many rows of each index.
                cursor.execute("PRAGMA analysis_limit=1000")
            cursor.execute("ANALYZE")
    except OperationalError as error:
        if not is_busy(error):
            raise
