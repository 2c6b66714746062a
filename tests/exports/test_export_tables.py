"""CSV and XLSX keep every value, run no formula, and are written in constant memory."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from operator import itemgetter

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commitments.choices import Status
from commitments.exports.columns import Column, join_sorted
from commitments.exports.tables import MAX_CELL_LENGTH, PlanTerm, Table, write_csv, write_xlsx
from commitments.texts.spreadsheets import escape_formula, unescape_formula
from commitments.texts.text import Text

pytestmark = pytest.mark.alike

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
formulas = st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@", " =", "\t", "＝", "'="]), texts
)


def columns(*names):
    return tuple(
        Column(name, itemgetter(place), Status.COMPLETED.label) for place, name in enumerate(names)
    )


def as_csv(*rows, names=("a", "b")):
    file = io.BytesIO()
    write_csv(Table(columns(*names), rows, {}, {}), file)
    return file.getvalue()


def as_xlsx(*rows, names=("a", "b"), texts=None, **about):
    file = io.BytesIO()
    write_xlsx(Table(columns(*names), rows, about, texts or {}), file)
    return openpyxl.load_workbook(io.BytesIO(file.getvalue()))


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@given(texts | formulas)
@example("=HYPERLINK(1)")
@example("＝1+1")
@example("\r\n=1")
def test_a_text_is_harmless_in_csv_and_comes_back_by_taking_one_apostrophe_away(text):
    [_header, [cell, _]] = read(as_csv((text, "")))
    assert cell[:1] not in list("=+-@\t\r\n＝＋－＠")
    assert cell.lstrip()[:1] not in list("=+-@＝＋－＠")
    assert text == unescape_formula(cell)


def test_a_text_that_begins_like_no_formula_is_written_as_it_is():
    for text in ("A meeting (2026)", "1 = 1", "“一带一路”倡议", "'quoted'", ""):
        assert escape_formula(text) == text


def test_csv_begins_with_a_byte_order_mark_and_ends_lines_as_the_standard_says():
    content = as_csv(("说", 'x,"y"\nz'))
    assert content == '\ufeff"a","b"\r\n"说","x,""y""\nz"\r\n'.encode()


def test_a_text_stays_one_cell_where_a_semicolon_parts_cells():
    content = as_csv(("Title;=1+1", 3)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content), delimiter=";"))[1] == ["Title;=1+1,3"]


def test_csv_has_dates_and_times_as_the_api_writes_them_and_nothing_for_what_is_missing():
    time = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    rows = read(as_csv((date(2026, 7, 1), time), (None, 3)))
    assert rows[1:] == [["2026-07-01", "2026-07-01T04:00:00.000000Z"], ["", "3"]]


@given(texts | formulas)
@example("#N/A")
@example("\x00\x1f\ufffe")
def test_a_text_in_a_workbook_is_a_text_whatever_it_begins_with(text):
    cell = as_xlsx((text, ""))["data"]["A2"]
    assert cell.data_type in ("s", "inlineStr", "n")
    if text.isprintable():
        assert (cell.value or "") == text


def test_cells_of_a_workbook_have_the_type_of_their_value():
    time = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    sheet = as_xlsx((date(2026, 7, 1), time), (3, None), (date(1850, 1, 1), "x"))["data"]
    assert sheet["A2"].is_date
    assert sheet["A2"].value == datetime(2026, 7, 1)
    assert sheet["B2"].is_date
    assert sheet["B2"].value == datetime(2026, 7, 1, 4, 0)
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["B3"].value) == (3, "n", None)
    # Before the calendar of spreadsheets begins.
    assert sheet["A4"].value == "1850-01-01"


def test_a_workbook_has_a_frozen_header_and_says_what_it_holds():
    notice = {
        PlanTerm("PLAN", "notice"): Text({"es": "Ensayo.", "zh": "试用。", "zh-Hans": "试运行。"})
    }
    book = as_xlsx((1, 2), texts=notice, as_of=date(2026, 7, 1))
    assert [cell.value for cell in book["data"][1]] == ["a", "b"]
    assert book["data"].freeze_panes == "A2"
    assert book["about"].freeze_panes == "A2"
    header, *about = book["about"].values
    # The languages of the interface, then those that only the terms are in.
    assert header == (None, "en", "zh-Hans", "es", "zh")
    assert about == [
        ("as_of", datetime(2026, 7, 1), None, None, None),
        ("PLAN notice", None, "试运行。", "Ensayo.", "试用。"),
        ("a", "Completed", "已完成", None, None),
        ("b", "Completed", "已完成", None, None),
    ]


def test_a_text_that_is_too_long_for_a_cell_shows_that_it_was_cut():
    sheet = as_xlsx(("x" * MAX_CELL_LENGTH, "x" * (MAX_CELL_LENGTH + 1)))["data"]
    assert sheet["A2"].value == "x" * MAX_CELL_LENGTH
    assert sheet["B2"].value == "x" * (MAX_CELL_LENGTH - 1) + "…"


@pytest.mark.long
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_memory_does_not_grow_with_the_number_of_rows(write, tmp_path):
    def peak(rows):
        texts = (
            (f"{number} " + "x" * 1000, datetime(2026, 7, 1, tzinfo=UTC)) for number in range(rows)
        )
        with (tmp_path / "file").open("wb") as file:
            tracemalloc.start()
            write(Table(columns("a", "b"), texts, {}, {}), file)
            _current, maximum = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return maximum

    peak(10)  # creates what is created only once
    assert peak(3000) < peak(300) + 300_000


def test_several_codes_are_one_cell_in_order():
    assert join_sorted([10, 2]) == "2; 10"
    assert join_sorted([]) == ""
