"""Lookups of words in a `SearchIndexField` by the index of trigrams that its table has.

A trigram is three characters in a row. In a search index the characters of a script without blanks
between words have a blank before each, so that a word of two has four characters, and two trigrams.
The index finds the rows with all trigrams of the words; the lookup then compares the text, as it
does without an index. Fewer than three characters, such as a Latin letter and the blank before it,
have no trigram: then all rows are read. So they are by `contains_unindexed` and
`endswith_unindexed`, for words that many rows have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.expressions import Col
from django.db.models.lookups import BuiltinLookup, Contains, EndsWith

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model
    from django.db.models.sql.compiler import SQLCompiler, _AsSqlType


# Only the beginning of longer words is looked up in the index: the text is compared in any case.
MAX_LENGTH_ASKED_FOR = 50


def trigram_table(model: type[Model]) -> str:
    """Return the name of the virtual table of the trigrams on SQLite, on PostgreSQL of the function
    that reads their index."""
    return f"{model._meta.db_table}_trigrams"


def trigrams(words: str) -> list[str]:
    """Return every three characters that follow each other in these words, each once."""
    return list(dict.fromkeys(words[n : n + 3] for n in range(len(words) - 2)))


class _ByTrigrams(BuiltinLookup):
    """Adds to a lookup the condition that the trigram index has the row."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> _AsSqlType:
        sql, params = super().as_sql(compiler, connection)
        column = self.lhs
        if not (self.rhs_is_direct_value() and isinstance(column, Col) and _has_trigrams(column)):
            return sql, params
        words = self.rhs[:MAX_LENGTH_ASKED_FOR]
        if not trigrams(words):
            return sql, params
        model = column.target.model
        rows, param = ROWS[connection.vendor](trigram_table(model), words)
        key, _params = compiler.compile(model._meta.pk.get_col(column.alias))
        return f"({key} IN ({rows}) AND {sql})", (param, *params)


def _has_trigrams(column: Col) -> bool:
    return getattr(column.target, "has_trigrams", False)


def _rows_of_virtual_table(table: str, words: str) -> tuple[str, str]:
    """Return the SQL of the keys on SQLite: a virtual table has the trigrams of every row."""
    quoted = ('"{}"'.format(part.replace('"', '""')) for part in trigrams(words))
    sql = f'SELECT "rowid" FROM "{table}" WHERE "{table}" MATCH %s'  # noqa: S608 (a name of ours)
    return sql, " AND ".join(quoted)


def _rows_of_function(function: str, words: str) -> tuple[str, str]:
    """Return the SQL of the keys on PostgreSQL: a function reads them from the index."""
    return f'SELECT * FROM "{function}"(%s)', words  # noqa: S608 (a name of ours)


ROWS = {"sqlite": _rows_of_virtual_table, "postgresql": _rows_of_function}


class ContainsByTrigrams(_ByTrigrams, Contains):
    """`contains`, by the trigram index."""


class EndsWithByTrigrams(_ByTrigrams, EndsWith):
    """`endswith`, by the trigram index."""
