"""What a database would do to answer a query."""

from django.db import connection, transaction

OTHER_INDEXES = """
SELECT indexrelid::regclass FROM pg_index
WHERE indrelid = %s::regclass AND indexrelid <> to_regclass(%s)
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def plan_with(index, rows):
    """Return the plan of a query as text, in which the index that answers it is named.

    PostgreSQL reads all of a small table, and takes any of several indexes of an empty one. So it
    is asked what it would do if it could do neither.
    """
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return _lines(cursor)
        with transaction.atomic():
            cursor.execute(OTHER_INDEXES, [rows.model._meta.db_table, index])
            for (other,) in cursor.fetchall():
                cursor.execute(f"DROP INDEX {other}")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", params)
            transaction.set_rollback(True)
            return _lines(cursor)


def _lines(cursor):
    return "\n".join(str(row[-1]) for row in cursor.fetchall())
