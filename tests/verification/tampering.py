"""Changing rows behind the application, and running `verify_ledger`."""

import re
from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def change(table, column, value, pk):
    sql(f"UPDATE commitments_{table} SET {column} = %s WHERE id = %s", value, pk)


def verify(**options):
    """Return the differences that the command prints, line by line."""
    out, refusal = StringIO(), None
    try:
        call_command("verify_ledger", stdout=out, **options)
    except CommandError as error:
        refusal = str(error)
    lines = out.getvalue().splitlines()
    if refusal is None:
        assert re.fullmatch(r"No difference in \d+ decisions .* Head: .*", lines.pop())
    assert refusal == (f"Differences: {len(lines)}." if lines else None)
    return lines


def seq(update, action):
    return update.decisions.filter(action=action).latest("seq").seq


def says(update, column, held, said):
    return f"update {update.pk}.{column}: is {held}; according to its decisions it should be {said}"


def differs(update, action):
    number = seq(update, action)
    return [
        f"update {update.pk}.content: differs from the content recorded by decision {number} "
        f"(“{action}”)"
    ]
