"""Workbooks for people: several sheets with readable headings, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from commitments.exports.columns import Cell
from commitments.exports.tables import xlsx_cell
from commitments.texts.languages import language_name_for_reader
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Rows fetched at once, with their related rows.
ROWS_PER_QUERY = 200
# In characters.
NARROW, WIDE = 14, 48
LINK_FONT = Font(color="0563C1", underline="single")
TOP = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its heading, and the cell of a row. A link leads where it says."""

    heading: StrOrPromise
    value: Callable[[Any], Cell]
    width: int = NARROW
    is_link: bool = False


@dataclass(frozen=True)
class SheetText:
    """A column of a text for each language of the plans."""

    heading: StrOrPromise
    text: Callable[[Any], Text | None]
    width: int = WIDE

    def fields(self, languages: Sequence[str]) -> list[SheetColumn]:
        if len(languages) == 1:
            return [SheetColumn(self.heading, self._words_in(languages[0]), self.width)]
        return [
            SheetColumn(self._heading_in(tag), self._words_in(tag), self.width) for tag in languages
        ]

    def _heading_in(self, tag: str) -> str:
        names = {"heading": self.heading, "language": language_name_for_reader(tag)}
        return _("%(heading)s (%(language)s)") % names

    def _words_in(self, tag: str) -> Callable[[object], Cell]:
        def words(row: object) -> Cell:
            text = self.text(row)
            return None if text is None else text.get(tag, "")

        return words


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its columns, and a function that reads its rows from a selection."""

    title: StrOrPromise
    fields: Sequence[SheetColumn | SheetText]
    rows: Callable[[Any], Iterable[Any]]


def write_workbook(
    sheets: Iterable[Sheet],
    selection: object,
    languages: Sequence[str],
    about: Mapping[str, Cell],
    texts: Mapping[str, Text],
    file: IO[bytes],
) -> None:
    """Write the sheets of a selection, and one that says where they come from: names and values,
    and the plans' terms. Only one row at a time is in memory."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        fields = [
            field
            for listed in sheet.fields
            for field in ([listed] if isinstance(listed, SheetColumn) else listed.fields(languages))
        ]
        _write_sheet(book, str(sheet.title), fields, sheet.rows(selection))
    named = [
        SheetColumn("", lambda row: row[0], WIDE // 2),
        SheetColumn("", lambda row: row[1], 2 * WIDE),
    ]
    rows: list[tuple[str, Cell]] = [*about.items()]
    rows += [(name, str(text)) for name, text in texts.items() if text]
    _write_sheet(book, _("About"), named, rows)
    book.save(file)


def _write_sheet(
    book: Workbook, title: str, fields: Sequence[SheetColumn], rows: Iterable[object]
) -> None:
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    for number, field in enumerate(fields, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = field.width
    headings = [WriteOnlyCell(sheet, str(field.heading)) for field in fields]
    for cell in headings:
        cell.font, cell.alignment = Font(bold=True), TOP
    sheet.append(headings)
    last = 1
    for row in rows:
        sheet.append([_cell(sheet, field, row) for field in fields])
        last += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(fields))}{last}"


def _cell(sheet: WriteOnlyWorksheet, field: SheetColumn, row: object) -> XlsxCell:
    value: Any = xlsx_cell(sheet, field.value(row))
    cell: Any = value if isinstance(value, XlsxCell) else WriteOnlyCell(sheet, value)
    cell.alignment = TOP
    if field.is_link and isinstance(cell.value, str) and cell.value:
        cell.hyperlink, cell.font = cell.value, LINK_FONT
    styled: XlsxCell = cell
    return styled
