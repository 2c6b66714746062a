"""Consistent reads over several queries, and statistics for the planner of queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def consistent_read() -> Iterator[None]:
    """Read in one snapshot of the database, without blocking writers.

    Inside a transaction, that transaction's view is used.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # Not `atomic()`: with the IMMEDIATE mode of the settings it takes the write lock at once.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def refresh_statistics() -> None:
    """Have PostgreSQL count the rows after a large load.

    Until it does, by itself within minutes, it plans queries as for empty tables, and pages take
    seconds.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
