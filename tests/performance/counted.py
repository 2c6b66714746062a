"""The application of `tracker.wsgi`, with the number of queries of each response in `X-Queries`.

Queries that a response makes after its headers were sent are not counted, nor is `BEGIN`: on
SQLite Django sends it, on PostgreSQL psycopg does by itself.
"""

from django.db import connection

from tracker.wsgi import application as served


class Count:
    def __init__(self):
        self.queries = 0

    def __call__(self, execute, sql, params, many, context):
        self.queries += not sql.startswith("BEGIN")
        return execute(sql, params, many, context)


def application(environ, start_response):
    count = Count()

    def start(status, headers, exc_info=None):
        return start_response(status, [*headers, ("X-Queries", str(count.queries))], exc_info)

    with connection.execute_wrapper(count):
        return served(environ, start)
