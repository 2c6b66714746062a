"""Read a table, CSV or the first visible sheet of a workbook, as rows of text.

Staff upload tables, but the files may come from anybody, so the cost of reading is limited,
whatever a file claims to contain.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from commitments.exceptions import FileRefused, PlanFileError
from commitments.files.file_types import check_unpacking
from commitments.importing.csv_file import csv_lines
from commitments.texts.spreadsheets import unescape_formula
from commitments.texts.visible import with_plain_line_breaks

# Excel saves “Unicode text” under the second name.
CSV_SUFFIXES = (".csv", ".txt")
# No plan and no secretariat has so many rows, nor so many cells with its columns.
MAX_ROWS = 50_000
MAX_CELLS = 500_000
# As many as a sheet of Excel can have.
MAX_SHEET_COLUMNS = 16_384
# The size of a CSV file, or of all unpacked parts of a workbook.
MAX_TABLE_BYTES = 20_000_000
# Limits of the XML in all parts of a workbook, of which openpyxl builds trees: elements and
# attributes, attributes of one element, levels of nesting, and roughly the length of a tag.
MAX_NODES = 1_000_000
MAX_ATTRIBUTES = 200
MAX_LEVELS = 100
MAX_TAG_BYTES = 2**17
# How many columns after the last one with a name are checked for cells that have none.
MAX_UNNAMED_COLUMNS = 20
# What `csv` and openpyxl raise for files that are no tables, or damaged.
TABLE_ERRORS = (
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    SyntaxError,
    EOFError,
    OSError,
    RuntimeError,
    ArithmeticError,
    zlib.error,
    csv.Error,
)
MERGED = re.compile(r"[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}(?P<last_row>[0-9]{1,7})")
UNKNOWN_ENCODING = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
FIRST_ROW_EMPTY = gettext_noop("the first row is empty; it has to name the columns")
SheetRow = Mapping[str, str]


def read_rows(name: str, file: IO[bytes]) -> list[dict[str, str]]:
    """Return the rows of a table as dicts by the names of its columns, with all values as text. The
    name of the file says whether it is CSV. Cells have plain line breaks, and no apostrophe that a
    CSV file of ours puts before text that would be a formula. Raise PlanFileError if the file is
    not a table, or too large."""
    try:
        return _csv_rows(file) if name.lower().endswith(CSV_SUFFIXES) else _xlsx_rows(file)
    except (BadZipFile, InvalidFileException) as error:
        message = _("%(path)s is not a table; choose a CSV or XLSX file.")
        raise PlanFileError(message % {"path": name}) from error
    except (FileRefused, *TABLE_ERRORS) as error:
        # Rows longer than the first, or a damaged file.
        message = _("%(path)s is not a table: %(error)s")
        raise PlanFileError(message % {"path": name, "error": error}) from error


def _csv_rows(file: IO[bytes]) -> list[dict[str, str]]:
    content = file.read(MAX_TABLE_BYTES + 1)
    if len(content) > MAX_TABLE_BYTES:
        raise ValueError(_("more than %(n)s MB") % {"n": MAX_TABLE_BYTES // 1_000_000})
    lines = csv_lines(content)
    columns = next(lines, None)
    if columns is None:
        return []
    if not any(columns):
        raise ValueError(_(FIRST_ROW_EMPTY))
    return [*_rows(columns, _of_one_length(columns, lines))]


def _of_one_length(
    columns: Sequence[str], lines: Iterable[Sequence[str]]
) -> Iterator[Sequence[str]]:
    """Yield the lines, each filled up with empty cells to the number of columns. Raise ValueError
    for a line that is longer."""
    for number, line in enumerate(lines, start=2):
        if len(line) > len(columns):
            message = _("row %(row)s has more cells than there are columns")
            raise ValueError(message % {"row": number})
        yield [*line, *[""] * (len(columns) - len(line))]


def _xlsx_rows(file: IO[bytes]) -> list[dict[str, str]]:
    merged: dict[str, str] = {}
    with ZipFile(file) as container:
        check_unpacking(container.infolist(), MAX_TABLE_BYTES)
        nodes = _NodeCount()
        for member in container.infolist():
            with container.open(member) as part:
                nodes.read(part)
            merged[member.filename] = nodes.merged
    values, formulas = (
        _first_sheet(load_workbook(file, read_only=True, data_only=data_only, keep_links=False))
        for data_only in (True, False)
    )
    # A sheet that openpyxl reads row by row does not know its merged cells.
    if cells := merged[values._worksheet_path]:
        message = _("cells %(cells)s are merged; unmerge all cells and write the value into each")
        raise ValueError(message % {"cells": cells})
    header = next(values.iter_rows(max_row=1, values_only=True), ())
    columns = _without_blank_end(map(_word, header))
    if header and not columns:
        raise ValueError(_(FIRST_ROW_EMPTY))
    # A small file can claim a million rows of sixteen thousand cells, which take minutes to read.
    last = len(columns) + MAX_UNNAMED_COLUMNS
    pairs = (sheet.iter_rows(min_row=2, max_col=last) for sheet in (values, formulas))
    lines = (_without_blank_end(map(_cell_word, *row)) for row in zip(*pairs, strict=True))
    return list(_rows(columns, _of_one_length(columns, lines)))


def _first_sheet(book: Workbook) -> Any:
    """Return the first sheet that a person sees who opens the workbook; those before it may be
    hidden, with lists for its cells."""
    return next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def _without_blank_end(cells: Iterable[str]) -> list[str]:
    words = [*cells]
    while words and not words[-1]:
        words.pop()
    return words


def _cell_word(value: Any, formula: Any) -> str:
    """Return the value of a cell as text, given the cell with its value and the same cell with its
    formula. Raise ValueError for a formula whose value was not stored: it must not pass for an
    empty cell."""
    # The value of a formula may be an empty text, of the type "str".
    if formula.data_type == "f" and value.value is None and value.data_type != "str":
        message = _("cell %(cell)s has a formula without a value; enter the value itself")
        raise ValueError(message % {"cell": formula.coordinate})
    if value.data_type == "e":
        message = _("cell %(cell)s has the error %(error)s; enter the value itself")
        raise ValueError(message % {"cell": value.coordinate, "error": value.value})
    return _word(value.value)


class _NodeCount:
    """Counts the nodes of XML parts. Raises ValueError for too many nodes, or nodes nested too
    deep, before any tree of them is built. `merged` are the first merged cells of the part read
    last, such as `B2:B4`, that reach below the row of headings, "" if there are none."""

    def __init__(self) -> None:
        self.nodes = self.level = 0
        self.merged = ""

    def read(self, part: IO[bytes]) -> None:
        """Count the nodes of a part; malformed XML ends the count, since no parser would get
        further."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.StartDoctypeDeclHandler = self._refuse
        self.level = 0
        self.merged = ""
        fed = 0
        try:
            while chunk := part.read(MAX_TAG_BYTES):
                parser.Parse(chunk)
                fed += len(chunk)
                # The parser stays at the beginning of a tag until it has all of the tag.
                if fed - parser.CurrentByteIndex > 2 * MAX_TAG_BYTES:
                    self._refuse()
        except expat.ExpatError as error:
            # Other parsers may know the encoding.
            if error.code == UNKNOWN_ENCODING:
                raise ValueError(str(error)) from error

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self.nodes += 1 + len(attributes)
        self.level += 1
        too_deep = self.level > MAX_LEVELS or len(attributes) > MAX_ATTRIBUTES
        if too_deep or self.nodes > MAX_NODES:
            self._refuse()
        if not self.merged and name.rpartition(":")[2] == "mergeCell":
            cells = MERGED.fullmatch(attributes.get("ref", ""))
            self.merged = cells[0] if cells and int(cells["last_row"]) > 1 else ""

    def _end(self, _name: str) -> None:
        self.level -= 1

    def _refuse(self, *_declared: object) -> None:
        raise ValueError(_("it holds more than a table"))


def _rows(columns: Sequence[str], lines: Iterable[Iterable[str]]) -> Iterator[dict[str, str]]:
    """Yield the rows by the names of their columns. Raise ValueError if the table is too large, or
    two columns have one name."""
    if len(columns) > MAX_SHEET_COLUMNS:
        raise ValueError(_("more than %(n)s columns") % {"n": MAX_SHEET_COLUMNS})
    repeated = [name for name, count in Counter(filter(None, columns)).items() if count > 1]
    if repeated:
        message = _("there is more than one column “%(name)s”")
        raise ValueError(message % {"name": repeated[0]})
    max_rows = min(MAX_ROWS, MAX_CELLS // max(1, len(columns)))
    for number, line in enumerate(lines, start=1):
        if number > max_rows:
            raise ValueError(_("more than %(n)s rows") % {"n": max_rows})
        row = [*zip(columns, line, strict=False)]
        if any(value and not column for column, value in row):
            message = _("row %(row)s has a cell in a column without a name")
            raise ValueError(message % {"row": number + 1})
        yield {column: _cell_text(value) for column, value in row}


def _cell_text(value: str) -> str:
    """Return the words of a cell. A workbook may have been a CSV file of ours."""
    return unescape_formula(with_plain_line_breaks(value)).strip()


def _word(cell: object) -> str:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    # Workbooks have signs that XML cannot have, such as returns, as “_x000D_”.
    return "" if cell is None else unescape(str(cell)).strip()
