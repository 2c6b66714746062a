"""The definition of a tidy table: its columns, keys and rows as data."""

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

# A semantic version: removing, renaming or redefining a column raises the first number; a new
# column or table raises the second. tests/release/test_promises.py compares it with the tables of
# each release.
FORMAT_VERSION = "1.0"
KNOWN_AT = ("known_at",)
BOTH_CLOCKS = ("as_of", "known_at")
DEFAULT_UNIT = PeriodUnit.QUARTER


@dataclass(frozen=True)
class Scope:
    """The plan and the clock for which a table is written. `unit` is the length of periods."""

    plan: Plan
    clock: Clock
    unit: PeriodUnit = DEFAULT_UNIT

    @cached_property
    def periods(self) -> list[ReviewPeriod]:
        """The review period of the plan under the clock, in a list."""
        return self.plan.review_periods(self.clock)


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values come from columns of another table of the plan, or of this table if
    `table` is empty."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]


@dataclass(frozen=True)
class TidyTable:
    """A table of public data with one row for each thing of a sort.

    `rows` reads them in a fixed number of queries for each `ROWS_PER_QUERY`. `parameters` are the
    query parameters that affect the table.
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
        """Return the table of this scope, ready to be written."""
        return Table(self.columns_of(scope.plan), self.rows(scope), {}, {})


# No byte-order mark: most programs would read it as part of the first column's name.
TIDY_CSV = FileFormat(
    "text/csv; charset=utf-8; header=present", "csv", partial(write_csv, encoding="utf-8")
)
