"""The plan by which a database would answer a query."""

from django.db import connection, transaction

OTHER_INDEXES = """
SELECT indexrelid::regclass, conname FROM pg_index
LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = indrelid
WHERE indrelid = %s::regclass AND indexrelid <> to_regclass(%s)
"""


def plan_with(index, rows, *ruled_out):
    """Return the plan of a query as text, which names the index that answers the query.

    PostgreSQL reads all of a small table, and takes any of several indexes of an empty one. So both
    are ruled out before it explains the query, and so are other ways of reading, such as
    `bitmapscan`.
    """
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return _lines(cursor)
        with transaction.atomic():
            table = rows.model._meta.db_table
            cursor.execute(OTHER_INDEXES, [table, index])
            for other, constraint in cursor.fetchall():
                if constraint is None:
                    cursor.execute(f"DROP INDEX {other}")
                else:
                    cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}" CASCADE')
            for way in ("seqscan", *ruled_out):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}", params)
            transaction.set_rollback(True)
            return _lines(cursor)


def _lines(cursor):
    return "\n".join(str(row[-1]) for row in cursor.fetchall())
