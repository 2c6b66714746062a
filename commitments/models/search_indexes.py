"""The indexes of searches on SQLite, where each is a table beside that of the texts."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from commitments.texts.fields import SearchIndexField
from commitments.texts.search_lookups import trigram_table


def trigram_tables() -> list[str]:
    """Return the names of the tables of trigrams. On SQLite each comes with further tables, whose
    names begin with its own."""
    return sorted(
        trigram_table(model)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, SearchIndexField) and field.has_trigrams
    )


def forgetting_statements() -> list[str]:
    """Return the statements by which SQLite's indexes forget the texts that rows no longer have:
    until then they mark them as deleted, and even `VACUUM` keeps them. They take some seconds for
    hundreds of thousands of rows."""
    forget = "INSERT INTO {0} ({0}) VALUES ('optimize')"
    return [forget.format(table) for table in trigram_tables()]


def forget_former_texts() -> None:
    """Have the indexes forget the texts that rows no longer have, as after an erasure. PostgreSQL
    does so with every `VACUUM`."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for statement in forgetting_statements():
                cursor.execute(statement)
