"""Tables that cannot be read as they are meant are refused, not read in part."""

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest

from commitments.exceptions import PlanFileError
from commitments.importing.table_file import read_rows

pytestmark = pytest.mark.alike


def workbook(*rows):
    book, file = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file


def with_cell(xml):
    """Return a workbook with this XML in place of the cell B2."""
    source, file = workbook(["number", "due_on"], ["1", 7]), BytesIO()
    with ZipFile(source) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                cell = b'<c r="B2" t="n"><v>7</v></c>'
                assert cell in content
                content = content.replace(cell, xml)
            new.writestr(name, content)
    return file


def refusal(name, file):
    with pytest.raises(PlanFileError) as refused:
        read_rows(name, file)
    return str(refused.value)


def test_a_formula_without_a_stored_value_is_refused_with_its_cell():
    file = workbook(["number", "due_on"], ["1", "=DATE(2027,6,30)"])
    assert "cell B2 has a formula without a value" in refusal("a.xlsx", file)


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        (b'<c r="B2"><f>3+4</f><v>7</v></c>', "7"),
        (b'<c r="B2" t="str"><f>IF(A2="","x","")</f><v></v></c>', ""),
    ],
)
def test_the_stored_value_of_a_formula_is_read_even_if_it_is_an_empty_text(xml, word):
    assert read_rows("a.xlsx", with_cell(xml)) == [{"number": "1", "due_on": word}]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.csv", BytesIO(b"number,due_on,due_on\n1,2027-01-31,\n")),
        ("a.xlsx", workbook(["number", "due_on", "due_on"], ["1", "2027-01-31"])),
    ],
)
def test_a_column_that_occurs_twice_is_refused_by_name(name, file):
    assert "there is more than one column “due_on”" in refusal(name, file)


def test_columns_without_a_name_may_occur_twice():
    rows = read_rows("a.csv", BytesIO(b"number,,\n1,,\n"))
    assert [row["number"] for row in rows] == ["1"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.csv", BytesIO(b"number,due_on\n1,2027-01-31,,x\n")),
        ("a.xlsx", workbook(["number", "due_on"], ["1", "2027-01-31", None, "x"])),
    ],
)
def test_a_cell_behind_the_last_column_is_refused_with_its_row(name, file):
    assert "row 2 has more cells than there are columns" in refusal(name, file)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.csv", BytesIO(b"number,,due_on\n1,,2027-01-31\n2,x,\n")),
        ("a.xlsx", workbook(["number", "", "due_on"], ["1"], ["2", "x"])),
    ],
)
def test_a_cell_in_a_column_without_a_name_is_refused_with_its_row(name, file):
    assert "row 3 has a cell in a column without a name" in refusal(name, file)


def test_an_error_of_a_spreadsheet_is_refused_with_its_cell():
    file = with_cell(b'<c r="B2" t="e"><v>#REF!</v></c>')
    assert "cell B2 has the error #REF!; enter the value itself" in refusal("a.xlsx", file)


def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_row():
    file = BytesIO(b'number,title_en\n1,Build\n2,"Open\n3,Close\n')
    assert "row 3 cannot be read; check its quotation marks" in refusal("a.csv", file)


def test_an_empty_workbook_has_no_rows():
    assert read_rows("a.xlsx", workbook()) == []


def test_a_workbook_names_its_columns_in_the_first_row_or_is_refused():
    file = workbook(["", ""], ["number", "due_on"])
    assert "the first row is empty; it has to name the columns" in refusal("a.xlsx", file)


def merged(*ranges, sheet=0):
    book, file = (
        openpyxl.load_workbook(workbook(["number", "area", ""], ["1", "2"], ["2"])),
        BytesIO(),
    )
    book.create_sheet("notes")
    for cells in ranges:
        book.worksheets[sheet].merge_cells(cells)
    book.save(file)
    return file


def test_merged_cells_below_the_headings_are_refused_by_their_names():
    words = "cells B2:B3 are merged; unmerge all cells and write the value into each"
    assert words in refusal("a.xlsx", merged("B1:C1", "B2:B3"))
    assert "cells A1:A3 are merged" in refusal("a.xlsx", merged("A1:A3"))


@pytest.mark.parametrize(("cells", "sheet"), [("B1:C1", 0), ("A1:B9", 1)])
def test_merged_headings_and_merged_cells_of_other_sheets_are_read(cells, sheet):
    rows = read_rows("a.xlsx", merged(cells, sheet=sheet))
    assert [(row["number"], row["area"]) for row in rows] == [("1", "2"), ("2", "")]


def test_sheets_before_the_first_visible_one_are_skipped():
    book = openpyxl.load_workbook(workbook(["number", "area"], ["1", "2"]))
    lists, file = book.create_sheet("lists", 0), BytesIO()
    lists.append(["roads", "schools"])
    lists.sheet_state = "hidden"
    book.save(file)
    assert read_rows("a.xlsx", file) == [{"number": "1", "area": "2"}]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.csv", BytesIO(b'number,text\r\n1,"one\r\ntwo"\r\n')),
        ("a.xlsx", workbook(["number", "text"], ["1", "one_x000D_\ntwo"])),
        ("a.xlsx", workbook(["number", "text"], ["1", "one_x000d__x000a_two"])),
    ],
)
def test_line_breaks_in_cells_are_plain(name, file):
    assert read_rows(name, file) == [{"number": "1", "text": "one\ntwo"}]


def test_an_escape_that_a_workbook_shows_as_it_is_stays_so():
    file = workbook(["number"], ["a_x005F_x000D_"])
    assert read_rows("a.xlsx", file) == [{"number": "a_x000D_"}]


@pytest.mark.parametrize("word", ["'- roads", "'=1+1", "'＋"])
def test_the_apostrophe_before_a_formula_is_removed_even_if_a_csv_file_became_a_workbook(word):
    (row,) = read_rows("a.xlsx", workbook(["number"], [word]))
    assert row == {"number": word[1:]}
    assert read_rows("a.csv", BytesIO(f"number\n{word}\n".encode())) == [row]


def test_an_apostrophe_before_other_words_stays():
    file = workbook(["number"], ["'tis"])
    assert read_rows("a.xlsx", file) == [{"number": "'tis"}]
