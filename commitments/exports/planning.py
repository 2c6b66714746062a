"""The sheet of a planning table. Its columns are those that can be imported again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from commitments.curation.planning import DATE_FIELDS, planned_cells
from commitments.exports.columns import Cell, Column, Columns, column
from commitments.exports.tables import Table
from commitments.importing.planning_sheet import NUMBER, TITLE
from commitments.models import Commitment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class PlanningEntry(NamedTuple):
    commitment: Commitment
    cells: dict[str, str]


def _planned(name: str, meaning: StrOrPromise) -> Column:
    def value(row: PlanningEntry) -> Cell:
        cell = row.cells[name]
        # Return a date rather than text, so that spreadsheets sort the column correctly.
        return date.fromisoformat(cell) if cell and name in DATE_FIELDS else cell

    return Column(name, value, meaning)


def _title(row: PlanningEntry) -> str:
    return str(row.commitment.title)


EMPTY_CELLS = _("An empty cell leaves the field as it is, a “-” empties it.")
PLANNING_COLUMNS: Columns = (
    column(NUMBER, "commitment.number", _("Number of the commitment in its plan")),
    Column(TITLE, _title, _("Title, for reading; changes of it are not loaded")),
    _planned("lead_office", _("Code of the office that leads")),
    _planned("supporting_offices", _("Codes of the offices that support, with commas between")),
    _planned("due_on", _("Due date of a deliverable")),
    _planned("ends_on", _("Day on which a standing duty ends")),
    _planned("milestones", _("Keys and dates of the milestones; only the dates can be changed")),
)


def planning_table(commitments: Iterable[Commitment], about: dict[str, Cell]) -> Table:
    """Return the sheet of these commitments; `about` describes its origin. The queryset must select
    the lead offices and prefetch `PLANNED_RELATIONS`."""
    rows = (PlanningEntry(row, planned_cells(row)) for row in commitments)
    return Table(PLANNING_COLUMNS, rows, {**about, "": str(EMPTY_CELLS)}, {})
