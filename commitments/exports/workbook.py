"""Workbooks for people: several sheets with readable headings in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from commitments.choices import DatePrecision
from commitments.clocks import iso_date
from commitments.exports.columns import Cell, attribute_getter, words_in
from commitments.exports.tables import MIN_EXCEL_YEAR, PlanTerm, add_sheet, xlsx_cell
from commitments.texts.languages import interface_tag, language_name_for_reader
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# How many rows are fetched at once, with their related rows.
ROWS_PER_QUERY = 200
# In characters.
NARROW, MEDIUM, WIDE = 14, 24, 48
LINK_FONT = Font(color="0563C1", underline="single")
TOP = Alignment(vertical="top", wrap_text=True)
# The number format of a date of which only the month or year is known. The cell holds the last day
# of that period, so that rows sort correctly.
SHOWN_DATES = {DatePrecision.MONTH.value: "yyyy-mm", DatePrecision.YEAR.value: "yyyy"}
# Headings of the entries on the last sheet, by the names that other files use for them.
ABOUT_HEADINGS = {
    "title": gettext_lazy("Title"),
    "address": gettext_lazy("Link"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "as_of_at_the_beginning": gettext_lazy("Beginning: status as of"),
    "written_at": gettext_lazy("Written (UTC)"),
    "as_of": pgettext_lazy("in a file", "As of"),
    "known_at": gettext_lazy("Published until (UTC)"),
    "withdrawn_events": gettext_lazy("Events that counted then and were withdrawn since"),
    "methodology": gettext_lazy("Methodology"),
    "licence": gettext_lazy("Licence"),
    "notice": gettext_lazy("Notice"),
}


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its heading, and a function for the cell of a row. With `is_link`, cells
    hold addresses and become links. `needed` says whether a selection has anything for a column
    that may be empty; `precision` returns the `DatePrecision` of a row's date, if not all dates are
    days."""

    heading: StrOrPromise
    value: Callable[[Any], Cell]
    width: int = NARROW
    is_link: bool = False
    needed: Callable[[Any], bool] = lambda selection: True
    precision: Callable[[Any], Any] | None = None

    def columns(self, languages: Sequence[str]) -> list[SheetColumn]:
        return [self]


@dataclass(frozen=True)
class SheetText:
    """A column for each language of the plans, with a text in that language."""

    heading: StrOrPromise
    text: Callable[[Any], Text | None]
    width: int = WIDE

    def columns(self, languages: Sequence[str]) -> list[SheetColumn]:
        return [
            SheetColumn(
                self._heading_in(tag, languages), partial(words_in, self.text, tag), self.width
            )
            for tag in languages
        ]

    def _heading_in(self, tag: str, languages: Sequence[str]) -> StrOrPromise:
        if len(languages) == 1:
            return self.heading
        names = {"heading": self.heading, "language": language_name_for_reader(tag)}
        return _("%(heading)s (%(language)s)") % names


@dataclass(frozen=True)
class LanguageCells:
    """A column for each language of the file, given by the interface's codes. `value` is called
    while that language is active, so it may return a label or a text."""

    heading: StrOrPromise
    value: Callable[[Any], object]
    width: int = MEDIUM

    def columns(self, languages: Sequence[str]) -> list[SheetColumn]:
        return [
            SheetColumn(self._heading_in(code, languages), partial(self._cell, code), self.width)
            for code in languages
        ]

    def _cell(self, code: str, row: object) -> Cell:
        with translation.override(code):
            value = self.value(row)
            return None if value is None else str(value)

    def _heading_in(self, code: str, languages: Sequence[str]) -> StrOrPromise:
        if len(languages) == 1:
            return self.heading
        names = {
            "heading": self.heading,
            "language": language_name_for_reader(interface_tag(code)),
        }
        return _("%(heading)s (%(language)s)") % names


def sheet_column(
    heading: StrOrPromise, path: str, width: int = NARROW, *, is_link: bool = False
) -> SheetColumn:
    return SheetColumn(heading, attribute_getter(path), width, is_link)


def sheet_date(heading: StrOrPromise, path: str, precision: str) -> SheetColumn:
    """Return a column of dates; `precision` is the path to the precision of each date."""
    return SheetColumn(heading, attribute_getter(path), precision=attribute_getter(precision))


def sheet_text(heading: StrOrPromise, path: str, width: int = WIDE) -> SheetText:
    return SheetText(heading, attribute_getter(path), width)


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its columns, and a function that reads its rows for a selection."""

    title: StrOrPromise
    columns: Sequence[SheetColumn | SheetText | LanguageCells]
    rows: Callable[[Any], Iterable[Any]]


def write_workbook(
    sheets: Iterable[Sheet],
    selection: object,
    languages: Sequence[str],
    about: Mapping[str, Cell],
    texts: Mapping[PlanTerm, Text],
    file: IO[bytes],
) -> None:
    """Write the sheets of a selection and a last sheet about their origin, with the entries of
    `about` and the terms of the plans. Only one row at a time is in memory."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        listed = (column for group in sheet.columns for column in group.columns(languages))
        columns = [column for column in listed if column.needed(selection)]
        _write_sheet(book, str(sheet.title), columns, sheet.rows(selection))
    named = [
        SheetColumn("", lambda row: row[0], WIDE // 2),
        SheetColumn("", lambda row: row[1], 2 * WIDE),
    ]
    rows: list[tuple[str, Cell]] = [
        (str(ABOUT_HEADINGS[name]), value) for name, value in about.items() if value is not None
    ]
    rows += [
        (f"{term.plan} {ABOUT_HEADINGS[term.name]}", str(text))
        for term, text in texts.items()
        if text
    ]
    _write_sheet(book, _("About"), named, rows)
    book.save(file)


def _write_sheet(
    book: Workbook, title: str, columns: Sequence[SheetColumn], rows: Iterable[object]
) -> None:
    headings = [(str(column.heading), column.width) for column in columns]
    sheet = add_sheet(book, title, headings, TOP)
    sheet.print_title_rows = "1:1"
    last = 1
    for row in rows:
        sheet.append([_cell(sheet, column, row) for column in columns])
        last += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"


def _cell(sheet: WriteOnlyWorksheet, column: SheetColumn, row: object) -> XlsxCell:
    given = column.value(row)
    precision = column.precision(row) if column.precision and given else None
    if precision and isinstance(given, date) and given.year < MIN_EXCEL_YEAR:
        given = iso_date(given, precision)
    value: Any = xlsx_cell(sheet, given)
    cell: Any = value if isinstance(value, XlsxCell) else WriteOnlyCell(sheet, value)
    cell.alignment = TOP
    if isinstance(cell.value, date):
        cell.number_format = SHOWN_DATES.get(precision or "", cell.number_format)
    if column.is_link and isinstance(cell.value, str) and cell.value:
        cell.hyperlink, cell.font = cell.value, LINK_FONT
    styled: XlsxCell = cell
    return styled
