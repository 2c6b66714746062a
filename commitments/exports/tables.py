"""Write tables as CSV and XLSX, with only one row at a time in memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from commitments.exports.columns import Cell, Columns
from commitments.files.file_types import OPEN_XML
from commitments.ledger import format_utc
from commitments.texts.languages import interface_tags
from commitments.texts.spreadsheets import escape_formula
from commitments.texts.text import Text, in_interface_languages
from commitments.texts.xml_safe import strip_invalid_xml

# The most characters that Excel accepts in a cell.
MAX_CELL_LENGTH = 32_767
# Excel has no dates before this year.
MIN_EXCEL_YEAR = 1900
# In characters.
COLUMN_WIDTH = 24


class PlanTerm(NamedTuple):
    """A text that belongs to the data of a plan: the plan's code and the name of the field."""

    plan: str
    name: str


@dataclass(frozen=True)
class Table:
    """Rows and the columns of their cells.

    `about` describes the origin of the rows as names and values; `texts` has the terms of the
    plans. CSV has no place for either.
    """

    columns: Columns
    rows: Iterable[Any]
    about: Mapping[str, Cell]
    texts: Mapping[PlanTerm, Text]


def write_csv(table: Table, file: IO[bytes], encoding: str = "utf-8-sig") -> None:
    """Write CSV (RFC 4180) in UTF-8, with the byte-order mark by which Excel recognises it. All
    text is quoted: otherwise, in a program that separates cells at semicolons, text could begin a
    cell with a formula."""
    lines = csv.writer(codecs.getwriter(encoding)(file), quoting=csv.QUOTE_NONNUMERIC)
    lines.writerow(column.name for column in table.columns)
    values = [column.value for column in table.columns]
    for row in table.rows:
        lines.writerow([_csv_cell(value(row)) for value in values])


def _csv_cell(value: Cell) -> str | int:
    # Most cells are text.
    if isinstance(value, str):
        return escape_formula(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return format_utc(value)
    return value.isoformat() if isinstance(value, date) else value


def write_xlsx(table: Table, file: IO[bytes]) -> None:
    """Write a workbook of two sheets: the rows, and their origin with the meanings of the
    columns."""
    book = Workbook(write_only=True)
    sheet = add_sheet(book, "data", [(column.name, COLUMN_WIDTH) for column in table.columns])
    for row in table.rows:
        sheet.append([xlsx_cell(sheet, column.value(row)) for column in table.columns])
    _add_about(book, table)
    book.save(file)


def _add_about(book: Workbook, table: Table) -> None:
    """Add the sheet with origin, terms and meanings. It has a column for each language of the
    interface, then for each other language of the terms."""
    tags = list(
        dict.fromkeys([*interface_tags(), *(tag for text in table.texts.values() for tag in text)])
    )
    sheet = add_sheet(book, "about", [(name, COLUMN_WIDTH) for name in ("", *tags)])
    rows: list[tuple[Cell, ...]] = [(name, value) for name, value in table.about.items()]
    rows += [
        (f"{term.plan} {term.name}", *(text.get(tag, "") for tag in tags))
        for term, text in table.texts.items()
    ]
    for column in table.columns:
        meaning = in_interface_languages(column.meaning)
        rows.append((column.name, *(meaning.get(tag, "") for tag in tags)))
    for row in rows:
        sheet.append([xlsx_cell(sheet, cell) for cell in row])


def add_sheet(
    book: Workbook,
    title: str,
    headings: Sequence[tuple[str, int]],
    alignment: Alignment | None = None,
) -> Any:
    """Add a sheet with a row of headings, given as (heading, column width), and return the
    sheet."""
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    cells = [WriteOnlyCell(sheet, name) for name, _width in headings]
    for number, (cell, (_name, width)) in enumerate(zip(cells, headings, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        cell.font, cell.alignment = Font(bold=True), alignment or Alignment()
    sheet.append(cells)
    return sheet


def xlsx_cell(sheet: WriteOnlyWorksheet, value: Cell) -> Cell | XlsxCell:
    """Return a cell of the value's own type. Text is never treated as a formula, whatever it begins
    with."""
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value.astimezone(UTC).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    if isinstance(value, date) and value.year < MIN_EXCEL_YEAR:
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    text = strip_invalid_xml(value)
    cell = WriteOnlyCell(
        sheet, text if len(text) <= MAX_CELL_LENGTH else text[: MAX_CELL_LENGTH - 1] + "…"
    )
    cell.data_type = "s"
    return cell


@dataclass(frozen=True)
class FileFormat:
    media_type: str
    extension: str
    write: Callable[[Table, IO[bytes]], None]


CSV_FORMAT = FileFormat("text/csv; charset=utf-8", "csv", write_csv)
XLSX_FORMAT = FileFormat(f"{OPEN_XML}spreadsheetml.sheet", "xlsx", write_xlsx)
