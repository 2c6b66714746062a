"""CSV is read as the spreadsheet programs of all countries save it, or refused; never misread."""

import csv
import re
from io import BytesIO, StringIO

import pytest

from commitments.exceptions import PlanFileError
from commitments.importing.table_file import read_rows

pytestmark = pytest.mark.alike

ROWS = [["number", "title_zh"], ["1", "建设，数字学校"], ["2", "王镕；李喆"]]
NO_KNOWN_TEXT = "a.csv is not a table: its text is neither in UTF-8 nor in GB18030; save it"
# Words of each language whose bytes mean something in GB18030 too.
MISREADABLE = [
    ("cp1252", "Étendre les écoles numérisées à l’été"),
    ("cp1252", "Müller"),
    ("cp1252", "Ação, Educação, acción, año"),
    ("cp1250", "Rozšírené školy, Česká republika"),
    ("cp1254", "Eğitim, Gündem, Çevre, okullarını"),
    ("cp1251", "Цифровые школы и открытые данные"),
    ("mac_roman", "Étendre les écoles numérisées"),
    ("cp850", "Änderung der Pläne"),
    ("shift_jis", "学校のデジタル化を進める"),
    ("big5", "擴大數位學校的計畫"),
]


def saved(encoding, separator=",", rows=ROWS):
    file = StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return BytesIO(file.getvalue().encode(encoding))


def read(file):
    rows = read_rows("a.csv", file)
    return [[*rows[0]], *([*row.values()] for row in rows)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_each_encoding_and_with_each_separator_of_excel(encoding, separator):
    assert read(saved(encoding, separator)) == ROWS


@pytest.mark.parametrize(
    "title",
    ["Build “open” schools – at once", "王鎔負責數位學校，由教育部支持", "喆：一个名字", "1·2—3…"],
)
def test_rare_and_traditional_characters_and_lone_punctuation_are_read_in_gb18030(title):
    rows = [["number", "title"], ["1", title]]
    assert read(saved("gb18030", rows=rows)) == rows


@pytest.mark.parametrize(("encoding", "title"), MISREADABLE)
def test_text_of_another_encoding_does_not_pass_for_chinese(encoding, title):
    file = saved(encoding, rows=[["number", "title"], ["1", title]])
    with pytest.raises(PlanFileError, match=re.escape(NO_KNOWN_TEXT)):
        read_rows("a.csv", file)


def test_unicode_text_of_excel_is_read_under_the_name_that_excel_gives_it():
    assert read_rows("A.TXT", saved("utf-16", "\t")) == read_rows("a.csv", saved("utf-8"))


def test_half_a_character_of_utf_16_is_refused_in_words():
    file = BytesIO(saved("utf-16").getvalue()[:-1])
    with pytest.raises(PlanFileError, match=re.escape(NO_KNOWN_TEXT)):
        read_rows("a.csv", file)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("number,title; or name\n1,x\n", {"number": "1", "title; or name": "x"}),
        ('number;"title, name, words"\n1;x\n', {"number": "1", "title, name, words": "x"}),
        ("number,offices\n1,A; B; C\n", {"number": "1", "offices": "A; B; C"}),
        ("number;title\n1;a, b, c\n", {"number": "1", "title": "a, b, c"}),
        ("number\ttitle, name; words\n1\ta\n", {"number": "1", "title, name; words": "a"}),
        ("number\n1\n", {"number": "1"}),
    ],
)
def test_the_first_row_alone_decides_what_separates_cells(content, row):
    assert read_rows("a.csv", BytesIO(content.encode())) == [row]


def test_a_first_row_of_more_columns_than_a_sheet_can_have_is_refused_for_them():
    head = ",".join(f"c{number}" for number in range(16_385))
    with pytest.raises(PlanFileError, match="more than 16384 columns"):
        read_rows("a.csv", BytesIO(f"{head}\n1\n".encode()))
    assert len(read_rows("a.csv", BytesIO(f"{head.rpartition(',')[0]}\n1\n".encode()))) == 1
