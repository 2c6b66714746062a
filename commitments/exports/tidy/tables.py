"""What a tidy table is: its columns, keys and rows as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from commitments.choices import PeriodUnit
from commitments.clocks import Clock
from commitments.exports.columns import ColumnList, Columns, columns_in
from commitments.exports.tables import FileFormat, Table, write_csv
from commitments.models import Plan
from commitments.models.querysets import ReviewPeriod

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# By the rules of semantic versioning: a column that is removed, renamed or given another meaning
# raises the first number, a new column or table the second; tests/release/test_promises.py compares
# it with the tables of each release.
FORMAT_VERSION = "1.0"
KNOWN_AT = ("known_at",)
BOTH_CLOCKS = ("as_of", "known_at")
DEFAULT_UNIT = PeriodUnit.QUARTER


@dataclass(frozen=True)
class Scope:
    """What a table is of: a plan under a clock; `unit` is the length of periods."""

    plan: Plan
    clock: Clock
    unit: PeriodUnit = DEFAULT_UNIT

    @cached_property
    def periods(self) -> list[ReviewPeriod]:
        """The review period of the plan under the clock."""
        return self.plan.review_periods(self.clock)


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values are those of columns in another table of the plan, or in this one if
    `table` is empty."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]


@dataclass(frozen=True)
class TidyTable:
    """A table with one row for each thing of a sort, everybody's view of them.

    `rows` reads them in a fixed number of queries for each `ROWS_PER_QUERY`. `parameters` are those
    of the query that have an effect on the table.
    """

    name: str
    title: StrOrPromise
    description: StrOrPromise
    columns: ColumnList
    rows: Callable[[Scope], Iterable[Any]]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    parameters: tuple[str, ...] = KNOWN_AT

    def columns_of(self, plan: Plan) -> Columns:
        """Return the columns in the languages of a plan."""
        return columns_in(self.columns, plan.languages)

    def of(self, scope: Scope) -> Table:
        """Return the table to be written."""
        return Table(self.columns_of(scope.plan), self.rows(scope), {}, {})


# Without the byte-order mark, which most programs take for a part of the first column's name.
TIDY_CSV = FileFormat(
    "text/csv; charset=utf-8; header=present", "csv", partial(write_csv, encoding="utf-8")
)
