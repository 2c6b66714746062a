"""Sheets that are small, or no larger than a file may be, and cost much to read, by name. Each is
a function that makes the name and content of the file."""

import zipfile
from io import BytesIO

from commitments.importing.people_sheet import MAX_PEOPLE
from commitments.importing.table_file import (
    MAX_ATTRIBUTES,
    MAX_CELLS,
    MAX_NODES,
    MAX_ROWS,
    MAX_TABLE_BYTES,
)
from tests.hostile.sheets import COLUMNS, MAIN, SHEET, book_with, row_xml, sheet_xml

# A little less than the accepted size when unpacked, so that the parser gets the sheet.
JUST = MAX_TABLE_BYTES - 100_000
# Less than a file of evidence may have.
MANY_BYTES = 24_000_000
STRINGS, TYPES = "xl/sharedStrings.xml", "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/content-types"
HEAD = row_xml(COLUMNS)


def junk(times, element="<a/>"):
    """A workbook whose sheet begins with elements of no meaning."""
    return book_with({SHEET: sheet_xml(HEAD, element * times)})


def strings(times):
    """A workbook with this many shared strings, declared in its list of content types."""
    parts = {"xl/workbook.xml": "sheet.main", STRINGS: "sharedStrings"}
    types = "".join(
        f'<Override PartName="/{part}" ContentType="{OFFICE}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    table = f'<sst xmlns="{MAIN}">{"<si><t>x</t></si>" * times}</sst>'
    return book_with({STRINGS: table, TYPES: f'<Types xmlns="{PACKAGE}">{types}</Types>'})


def styles(times):
    sheet = f'<styleSheet xmlns="{MAIN}">{"<xf/>" * times}</styleSheet>'
    return book_with({"xl/styles.xml": sheet})


def attributes(count, times=1):
    names = (f'a{number:07}=""' for number in range(count))
    return junk(times, f"<a {' '.join(names)}/>")


def wide(rows, columns):
    """A workbook with many cells in its head row and a last row with a high number, all cheap to
    write."""
    heads = "".join(f"<c><v>{number}</v></c>" for number in range(columns))
    last = f'<row r="{rows}"><c><v>1</v></c></row>'
    return book_with({SHEET: sheet_xml(f'<row r="1">{heads}</row>{last}')})


def parts(count):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"")
    return "sheet.xlsx", file.getvalue()


def lines(head, line, size):
    return "sheet.csv", head + b"\n" + line * ((size - len(head)) // len(line))


def rows(count, people=True):
    """A sheet of commitments that no plan has and, in the same rows, new people or offices."""
    names = "u" if people else ""
    made = (f"{n},X,X{n},{names and f'{names}{n}'},Name {n}\n" for n in range(count))
    head = "number,lead_office,offices,username,office_name_en\n"
    return "sheet.csv", (head + "".join(made)).encode()


BOMBS = {
    "a vast text in one cell": lambda: book_with({SHEET: sheet_xml(row_xml(["x" * 400_000_000]))}),
    "as vast a text as is read": lambda: book_with({SHEET: sheet_xml(row_xml(["x" * JUST]))}),
    "elements of no meaning": lambda: junk(50_000_000),
    "many elements in few bytes": lambda: junk(JUST // 4),
    "as many as are read": lambda: junk(MAX_NODES - 1000),
    "nested elements": lambda: junk(1, "<a>" * (JUST // 3)),
    "attributes of no meaning": lambda: attributes(JUST // 13),
    "a text of as many bytes as are read, without attributes": lambda: junk(
        1, f"<a>{'x' * JUST}</a>"
    ),
    "a vast comment": lambda: junk(1, f"<!--{'x' * JUST}-->"),
    "as many attributes as are read": lambda: attributes(MAX_ATTRIBUTES, 4500),
    "shared strings": lambda: strings(12_000_000),
    "as many strings as are read": lambda: strings((MAX_NODES - 1000) // 2),
    "styles": lambda: styles(30_000_000),
    "as many styles as are read": lambda: styles(MAX_NODES - 1000),
    "a vast theme": lambda: book_with({"xl/theme/theme1.xml": b" " * 900_000_000}),
    "many parts": lambda: parts(120_000),
    "many rows of many columns": lambda: wide(MAX_ROWS, 16_384),
    "as many cells as are read": lambda: wide(MAX_ROWS, MAX_CELLS // MAX_ROWS),
    "rows of no cells": lambda: book_with({SHEET: sheet_xml(HEAD + "<row/>" * 10**7)}),
    "a cell in the last place": lambda: book_with(
        {SHEET: sheet_xml(f'{HEAD}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}
    ),
    "many lines": lambda: lines(b"number,offices", b"1\n", MANY_BYTES),
    "as many lines as are read": lambda: lines(b"number,offices", b"1\n", JUST),
    "lines of many columns": lambda: lines(b"number" + b",offices" * 100_000, b"1\n", 10**6),
    "one line of many cells": lambda: lines(b"number", b",", JUST),
    "a head of many cells": lambda: ("sheet.csv", b"number" + b"," * JUST),
    "a head of many names": lambda: (
        "sheet.csv",
        b"number," + ",".join(map(str, range(2_500_000))).encode() + b"\n1\n",
    ),
    "wide characters": lambda: lines("number,offices\n1,😀".encode(), b"1.1,xxxx\n", JUST),
    "as many rows as are read": lambda: rows(MAX_ROWS),
    "as many people as are read": lambda: rows(MAX_PEOPLE),
    "as many offices as are read": lambda: rows(MAX_PEOPLE, people=False),
}
