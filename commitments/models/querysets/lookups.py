"""A lookup that Django does not have."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db.models import AutoField, BigAutoField, Lookup, Q

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    IdsLookup = Lookup[Sequence[int]]
else:
    IdsLookup = Lookup

Parameters = tuple[str | int, ...]


class AmongIds(IdsLookup):
    """The lookup that an id is among others, which are a single parameter of the query."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Sequence[int]

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Parameters]:
        column, parameters = self._column(compiler, connection)
        condition = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 (of a column)
        return condition, (*parameters, json.dumps(self.rhs))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[object, ...]]:
        column, parameters = self._column(compiler, connection)
        return f"{column} = ANY(%s)", (*parameters, list(self.rhs))

    def _column(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Parameters]:
        column, parameters = self.process_lhs(compiler, connection)
        return column, tuple(parameters)


for id_field in (AutoField, BigAutoField):
    id_field.register_lookup(AmongIds)


def among(path: str, ids: Collection[int]) -> Q:
    """Return the condition that the row at the end of this path, or the row itself if that is "",
    has one of these ids. They are one parameter of the query; with `in` each would be one, and
    SQLite limits their number."""
    pk = f"{path}__pk" if path else "pk"
    return Q((f"{pk}__{AmongIds.lookup_name}", tuple(ids)))
