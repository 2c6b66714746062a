"""Queries that are composed, or also written as SQL, once: for a long one, both take longer than
running it.

Each thread keeps its own, since Django counts references within a query while it writes the SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from threading import local
from typing import TYPE_CHECKING, Any, Generic, TypeVar, TypeVarTuple

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler

Arguments = TypeVarTuple("Arguments")
Composed = TypeVar("Composed", bound="QuerySet[Any, Any]")
Made = TypeVar("Made")
# A row, or what is listed of it.
Wanted = TypeVar("Wanted")

# Kept per function and thread: the query of today and those under some other clocks, and the SQL of
# each for as many ids as were asked for. The longest take some hundred KiB each.
MAX_KEPT_QUERIES = 8
# Clones of a query share the dictionary of this name, in which a related query that is joined with
# one of them puts its objects.
RELATED_OBJECTS = "_known_related_objects"
# How many ids a statement may have places for: one row, a page of the API by default, and its
# longest page.
PLACES = (1, 50, 200)
# No row has these ids, and no query these values.
FIRST_MARK = -(2**60)


def composed_once(compose: Callable[[*Arguments], Composed]) -> Callable[[*Arguments], Composed]:
    """Return a function that caches the query sets that `compose` returns, by their arguments,
    which must be hashable. A query set that it returns has read no rows."""
    kept = _kept_by_thread(compose)

    @wraps(compose)
    def composed(*arguments: *Arguments) -> Composed:
        rows = kept(*arguments).all()
        setattr(rows, RELATED_OBJECTS, {})
        # A clone shares the lists of aliases too, to which a query adds its own.
        rows.query.table_map = {table: [*names] for table, names in rows.query.table_map.items()}
        return rows

    return composed


def read_by(
    compose: Callable[[*Arguments], QuerySet[Any, Wanted]], *lookups: str
) -> Callable[[Sequence[object], *Arguments], list[Wanted]]:
    """Return a function `read(values, *arguments)` that lists the rows of `compose(*arguments)`,
    in the order of that query, for which these lookups have these values: one for each, as the
    database has them, ids or texts. It caches the SQL by the arguments, which must be hashable."""

    def select(rows: QuerySet[Any, Wanted], marks: range) -> QuerySet[Any, Wanted]:
        return rows.filter(**dict(zip(lookups, marks, strict=True)))

    statement = _statements(compose, select)

    def read(values: Sequence[object], *arguments: *Arguments) -> list[Wanted]:
        return statement(len(lookups), *arguments).rows(values)

    return read


def read_by_id(
    compose: Callable[[*Arguments], QuerySet[Any, Wanted]], column: str = "pk"
) -> Callable[[Sequence[int], *Arguments], list[Wanted]]:
    """Return a function `read(ids, *arguments)` that lists the rows of `compose(*arguments)` that
    have one of these ids in a column. There may be any number of ids; only rows with the same id
    are sure to be in the order of the query. It caches the SQL as that of `read_by` does."""

    def select(rows: QuerySet[Any, Wanted], marks: range) -> QuerySet[Any, Wanted]:
        return rows.filter((f"{column}__in", marks))

    statement = _statements(compose, select)

    def read(ids: Sequence[int], *arguments: *Arguments) -> list[Wanted]:
        found: list[Wanted] = []
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), PLACES[-1]):
            some = wanted[start : start + PLACES[-1]]
            places = next(number for number in PLACES if number >= len(some))
            # The last id stands in the places that are left.
            filled = [*some, *[some[-1]] * (places - len(some))]
            found += statement(places, *arguments).rows(filled)
        return found

    return read


def _statements(
    compose: Callable[[*Arguments], QuerySet[Any, Wanted]],
    select: Callable[[QuerySet[Any, Wanted], range], QuerySet[Any, Wanted]],
) -> Callable[[int, *Arguments], _Statement[Wanted]]:
    """Return a function that returns the statement for `select(compose(*arguments), values)`, given
    how many values there are, and the arguments."""
    composed = composed_once(compose)

    def write(
        connection: BaseDatabaseWrapper, places: int, arguments: tuple[*Arguments]
    ) -> _Statement[Wanted]:
        marks = range(FIRST_MARK, FIRST_MARK + places)
        rows = composed(*arguments).using(connection.alias)
        return _Statement(select(rows, marks), marks)

    written = _kept_by_thread(write)

    def statement(places: int, *arguments: *Arguments) -> _Statement[Wanted]:
        return written(connections[composed(*arguments).db], places, arguments)

    return statement


class _Statement(Generic[Wanted]):
    """The SQL of a query set, with places for values.

    `rows` was filtered by values that stand for others, the `marks`. Whenever Django runs a query,
    it asks the query for a compiler, and that for the SQL. This query always returns the same
    compiler, and the compiler the SQL that it wrote first, with other values in place of the marks.
    """

    def __init__(self, rows: QuerySet[Any, Wanted], marks: range) -> None:
        compiler: SQLCompiler = rows.query.get_compiler(rows.db)
        sql, values = compiler.as_sql()
        self._rows = rows
        self._values: list[object] = [*values]
        texts = [str(value) for value in self._values]
        self._places = [texts.index(str(mark)) for mark in marks]
        vars(compiler)["as_sql"] = lambda *_args, **_options: (sql, tuple(self._values))
        vars(rows.query)["get_compiler"] = lambda *_args, **_options: compiler

    def rows(self, values: Sequence[object]) -> list[Wanted]:
        """Return the rows with these values, one for each mark."""
        for place, value in zip(self._places, values, strict=True):
            self._values[place] = value
        return list(self._rows.all())


def _kept_by_thread(make: Callable[[*Arguments], Made]) -> Callable[[*Arguments], Made]:
    """Return a function that keeps what `make` returns, by its arguments."""

    class Kept(local):
        def __init__(self) -> None:
            self.make = lru_cache(MAX_KEPT_QUERIES)(make)

    kept = Kept()

    def made(*arguments: *Arguments) -> Made:
        return kept.make(*arguments)

    return made
