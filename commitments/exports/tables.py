"""Writes rows into a file: CSV and XLSX. No more than one row is kept in memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import TextIOWrapper
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from commitments.exports.columns import Cell, Columns
from commitments.ledger import instant
from commitments.officefiles import OPEN_XML
from commitments.xml import readable

# What a spreadsheet would take for a formula, also after blanks and in full width. An apostrophe
# before it is ours: whoever takes away one has the text again.
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r\n]")
# Characters in a cell of a spreadsheet.
LONGEST = 32_767
# Its calendar begins here.
FIRST_YEAR = 1900
WIDTH = 24


@dataclass(frozen=True)
class Table:
    """Rows, and the columns that make cells of them. `about` says where they are from, in English
    and Chinese, in a format that has a place for it."""

    columns: Columns
    rows: Iterable[Any]
    about: Mapping[str, tuple[Cell, Cell]]


def safe(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if FORMULA.match(text) else text


def write_csv(table: Table, file: IO[bytes]) -> None:
    """RFC 4180 in UTF-8 with a byte-order mark, which Excel needs to read Chinese."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow(column.name for column in table.columns)
    for row in table.rows:
        lines.writerow(_in_csv(column.value(row)) for column in table.columns)
    text.flush()
    text.detach()


def _in_csv(value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return safe(value) if isinstance(value, str) else value


def write_xlsx(table: Table, file: IO[bytes]) -> None:
    """A workbook: the rows under a frozen header, and a second sheet that says where they are from
    (`about`) and what each column means."""
    book = Workbook(write_only=True)
    sheet = _sheet(book, "data", [column.name for column in table.columns])
    for row in table.rows:
        sheet.append([_in_xlsx(sheet, column.value(row)) for column in table.columns])
    notes = _sheet(book, "about", ["", "en", "zh"])
    for name, values in table.about.items():
        notes.append([_in_xlsx(notes, cell) for cell in (name, *values)])
    for column in table.columns:
        cells = (column.name, column.meaning.en, column.meaning.zh)
        notes.append([_in_xlsx(notes, cell) for cell in cells])
    book.save(file)


def _sheet(book: Workbook, title: str, header: list[str]) -> Any:
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    cells = [WriteOnlyCell(sheet, name) for name in header]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    return sheet


def _in_xlsx(sheet: Any, value: Cell) -> Any:
    """A cell of the value's own type; text stays text, whatever it begins with."""
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value.astimezone(UTC).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    if isinstance(value, date) and value.year < FIRST_YEAR:
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    text = readable(value)
    cell = WriteOnlyCell(sheet, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
    cell.data_type = "s"
    return cell


@dataclass(frozen=True)
class Format:
    """How a table goes out."""

    media_type: str
    ending: str
    write: Callable[[Table, IO[bytes]], None]


CSV = Format("text/csv; charset=utf-8", "csv", write_csv)
XLSX = Format(f"{OPEN_XML}spreadsheetml.sheet", "xlsx", write_xlsx)
