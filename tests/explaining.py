"""What a database would do to answer a query."""

from django.db import connection, transaction


def plan_of(rows):
    """Return the plan of a query as text, with the names of the indexes that it uses. PostgreSQL
    would rather read all of a small table, so here it must not."""
    sql, params = rows.query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", params)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
