"""Office files that act when they are opened or hold programs are refused; what looks like them is
not."""

import io
import random
import time
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from commitments.exceptions import FileRefused
from commitments.files.file_types import recognise
from tests.files import sample_files as files

pytestmark = pytest.mark.alike

FETCHES, EMBEDDED, DDE = (
    "fetches something from elsewhere",
    "files or programs inside",
    "from other programs",
)
MACROS = "contains macros"
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{}</w:document>'
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="https://example.org/x" TargetMode="{mode}"/></Relationships>'
)


def word_with(name, text):
    return files.zipped(files.word() | {name: text})


def refusal(data, name):
    """Return why a file is refused, "" if it is accepted."""
    try:
        recognise(io.BytesIO(data), name)
    except FileRefused as error:
        return str(error)
    return ""


def field(*instructions):
    """Return a Word field whose instruction is in several runs."""
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in instructions)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return WORD.format(f"<w:p>{mark.format('begin')}{runs}{mark.format('end')}</w:p>")


# Office files


@pytest.mark.parametrize(
    ("kind", "mode", "reason"),
    [
        ("attachedTemplate", "External", FETCHES),
        ("attachedTemplate", "external", FETCHES),
        ("frame", "External", FETCHES),
        ("subDocument", "External", FETCHES),
        ("oleObject", "External", EMBEDDED),
        ("oleObject", "Internal", EMBEDDED),
        ("control", "Internal", EMBEDDED),
        ("image", "External", FETCHES),
        ("package", "External", FETCHES),
        ("recipientData", "External", FETCHES),
        ("externalLinkPath", "External", FETCHES),
        ("attachedTemplate/", "External", FETCHES),
        ("", "External", FETCHES),
        ("hyperlink", "External", ""),
        ("image", "Internal", ""),
        ("package", "Internal", ""),
    ],
)
@pytest.mark.parametrize("part", ["word/_rels/document.xml.rels", "WORD/_RELS/settings.xml.RELS"])
def test_a_relation_to_what_acts_is_refused_and_a_link_is_not(kind, mode, reason, part):
    told = refusal(word_with(part, RELATIONS.format(kind=kind, mode=mode)), "a.docx")
    assert reason in told
    assert bool(told) is bool(reason)


@pytest.mark.parametrize(
    "part",
    [
        "word/embeddings/oleObject1.bin",
        "word/embeddings/setup.exe",
        "word/embeddings/run.LNK",
        "word/embeddings/x.hta",
        "word/embeddings/x.docm",
        "embeddings/sub/x.exe",
        "embeddings\\sub\\x.bin",
        "word/media/x.exe",
        "x.scr. ",
    ],
)
def test_a_program_inside_is_refused_wherever_it_is(part):
    assert EMBEDDED in refusal(word_with(part, b"MZ"), "a.docx")


@pytest.mark.parametrize(
    "text",
    [
        field("DDEAUTO c:\\\\windows cmd"),
        field(" dde ", "excel"),
        field("D", "DE", "AUTO x"),
        WORD.format('<w:fldSimple w:instr=" DDEAUTO x "/>'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_field_that_asks_another_program_is_refused(text, encoding):
    for part in ("word/document.xml", "word/header1.xml"):
        assert DDE in refusal(word_with(part, text.encode(encoding)), "a.docx")


@pytest.mark.parametrize(
    "text",
    [
        field('HYPERLINK "https://example.org/dde"'),
        field("PAGE"),
        field("DDELTA"),
        field("LINKS"),
        WORD.format("<w:p><w:r><w:t>DDEAUTO is a field.</w:t></w:r></w:p>"),
    ],
)
def test_other_fields_and_words_about_them_are_accepted(text):
    assert refusal(word_with("word/document.xml", text), "a.docx") == ""


@pytest.mark.parametrize("part", ["doc/main.xml", "word/x/document.xml", "word/document.bin"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_document_is_looked_at_whatever_its_part_is_called(part, encoding):
    main = f"{files.OPEN}wordprocessingml.document.main+xml"
    document = files.open_xml(main, part, "")
    document[part] = f"\ufeff{field('DDEAUTO x')}".encode(encoding)
    assert DDE in refusal(files.zipped(document), "a.docx")


def test_a_part_that_begins_with_much_white_space_is_looked_at():
    text = " " * 1_500_000 + field("DDEAUTO x")
    assert DDE in refusal(word_with("word/document.bin", text), "a.docx")


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1252", "cp037"])
def test_a_part_in_another_encoding_is_looked_at_or_refused(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = field("DDEAUTO x").encode(encoding.replace("cp037", "utf-8"))
    data = text.encode("utf-16" if encoding == "utf-16" else "utf-8")
    assert refusal(word_with("word/document.xml", data + body.removeprefix(b"\xff\xfe")), "a.docx")


@pytest.mark.parametrize("end", ["<br>", ""])
def test_a_drawing_need_not_be_xml_but_is_looked_at_up_to_there(end):
    harmless = word_with("word/drawings/a.vml", f"<xml><fld/>{end}</xml>")
    assert refusal(harmless, "a.docx") == ""
    text = f"<xml>{field('DDEAUTO x')}{end}</xml>"
    assert DDE in refusal(word_with("word/drawings/a.vml", text), "a.docx")
    declared = word_with("word/drawings/a.vml", f'<!DOCTYPE a [<!ENTITY b "c">]><a>{end}</a>')
    assert "damaged" in refusal(declared, "a.docx")


@pytest.mark.parametrize(
    "instruction",
    [
        'INCLUDEPICTURE "https://example.org/a.png" \\d',
        "includetext \\\\\\\\host\\\\a.docx",
        "LINK Excel.Sheet.8 a.xlsx",
    ],
)
def test_a_field_that_fetches_a_file_is_refused(instruction):
    assert FETCHES in refusal(word_with("word/document.xml", field(instruction)), "a.docx")


def test_links_of_a_workbook_to_other_programs_are_refused():
    link = (
        '<externalLink xmlns="urn:x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    )
    for part in ("xl/externalLinks/externalLink1.xml", "xl/ext/e.xml"):
        assert DDE in refusal(files.zipped(files.excel() | {part: link}), "a.xlsx")


@pytest.mark.parametrize(
    ("value", "reason"), [("1", FETCHES), ("true", FETCHES), ("0", ""), ("false", "")]
)
def test_a_workbook_that_asks_a_connection_when_it_is_opened_is_refused(value, reason):
    connection = f'<connections><connection id="1" refreshOnLoad="{value}"/></connections>'
    told = refusal(files.zipped(files.excel() | {"xl/connections.xml": connection}), "a.xlsx")
    assert reason in told
    assert bool(told) is bool(reason)


def test_a_document_type_in_a_part_is_refused():
    bomb = '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    assert "damaged" in refusal(word_with("word/document.xml", bomb), "a.docx")


@pytest.mark.parametrize("part", ["content.xml", "Object 1/content.xml"])
def test_a_document_type_that_declares_nothing_is_accepted(part):
    """OpenOffice writes one into formulas."""
    named = '"-//OpenOffice.org//DTD Modified W3C MathML 1.01//EN" "math.dtd"'
    formula = f"<!DOCTYPE math:math PUBLIC {named}><math:math xmlns:math='m' math:href=''/>"
    document = files.open_document("text") | {part: formula}
    assert refusal(files.zipped(document), "a.odt") == ""


@pytest.mark.long
def test_a_large_sheet_with_hidden_rows_is_accepted():
    """The word for them has the letters of DDE in it."""
    rows = '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>' * 700_000
    rules = '<conditionalFormatting sqref="A1"/>'
    sheet = f"<worksheet><sheetData>{rows}</sheetData>{rules}</worksheet>"
    assert (
        refusal(files.zipped(files.excel() | {"xl/worksheets/sheet1.xml": sheet}), "a.xlsx") == ""
    )


def test_a_part_that_only_begins_like_xml_is_not_read_as_such():
    fonts = {"word/fonts/font1.odttf": b"<\x01\x02fld", "word/fonts/font2.odttf": b"<9fld"}
    assert refusal(files.zipped(files.word() | fonts), "a.docx") == ""


OPEN_DOCUMENT = (
    '<office:x xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:xlink="l" xmlns:script="s" '
    'xmlns:draw="d" xmlns:form="f" xmlns:meta="m">{}</office:x>'
)


def open_document_with(text, part="content.xml", kind="text"):
    document = files.open_document(kind) | {part: OPEN_DOCUMENT.format(text)}
    return refusal(files.zipped(document), {"text": "a.odt", "spreadsheet": "a.ods"}[kind])


@pytest.mark.parametrize("part", ["content.xml", "styles.xml", "Object 1/content.xml"])
def test_an_open_document_that_asks_another_program_is_refused(part):
    assert DDE in open_document_with("<office:dde-source/>", part)


@pytest.mark.parametrize(
    "formula", ["of:=DDE(&quot;a&quot;)", "of:=1+dde (x)", "of:=&#68;&#x44;E(x)"]
)
def test_a_formula_that_asks_another_program_is_refused(formula):
    cell = f'<table:table-cell table:formula="{formula}"/>'
    assert DDE in open_document_with(cell, kind="spreadsheet")


def test_an_open_document_that_calls_a_script_is_refused():
    listener = '<script:event-listener xlink:href="vnd.sun.star.script:a.py$f?language=Python"/>'
    assert MACROS in open_document_with(listener)


@pytest.mark.parametrize("element", ["text:section-source", "draw:image", "table:table-source"])
@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a",
        "file://10.0.0.1/a",
        "\\\\host\\a",
        "//host/a",
        "&#104;ttp://a",
        "C:\\a",
    ],
)
def test_an_open_document_that_fetches_something_is_refused(element, address):
    assert FETCHES in open_document_with(f'<{element} xlink:href="{address}"/>')


@pytest.mark.parametrize(
    "text",
    [
        '<text:a xlink:href="https://example.org/a">DDE(a)</text:a>',
        '<draw:image xlink:href="Pictures/a.png"/>',
        '<draw:object xlink:href="./Object 1"/>',
        '<form:form xlink:href=""/>',
        '<meta:template xlink:href="file:///C:/a.ott"/>',
        '<table:table-cell table:formula="of:=ADDED([.A1])"/>',
    ],
)
def test_links_and_what_is_inside_an_open_document_are_accepted(text):
    assert open_document_with(text) == ""


# What programs write


def test_a_workbook_with_a_chart_and_a_link_is_accepted():
    book, data = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in ((1, 2), (3, 4)):
        sheet.append(row)
    sheet["A1"].hyperlink = "https://example.org/"
    sheet["B1"].comment = openpyxl.comments.Comment("DDE", "Wang Li")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, max_col=2, min_row=1, max_row=2))
    sheet.add_chart(chart, "D1")
    book.save(data)
    assert refusal(data.getvalue(), "a.xlsx") == ""


def test_pictures_fonts_and_workbooks_inside_are_accepted_whatever_their_bytes_say():
    vector = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg><image:href/></svg>'
    members = {
        "word/media/a.svg": vector,
        "word/media/a.png": files.PNG + b"instrText<!DOCTYPE",
        "word/fonts/a.odttf": b"instrText",
        "word/embeddings/a.xlsx": files.SAMPLES["drains.xlsx"],
        "word/printerSettings1.bin": b"fld",
    }
    assert refusal(files.zipped(files.word() | members), "a.docx") == ""


# Bounds


def test_an_instruction_of_any_length_takes_no_long_time():
    spaces = WORD.format(f"<w:fldChar w:fldCharType='begin'/><w:instrText>{' ' * 9_000_000}")
    text = spaces.removesuffix("</w:document>") + "DDE x</w:instrText></w:document>"
    assert DDE in refusal(word_with("word/document.xml", text), "a.docx")


@pytest.mark.long
@pytest.mark.parametrize(
    ("begin", "repeated", "accepted"),
    [
        ("", '<c r="A1" t="s"><v>17</v></c>', True),
        ("", "<a/>", True),
        ("<fld/>", "<a/>", False),
        ("<fld/>", "<!--                                          -->", False),
    ],
)
def test_a_large_part_takes_no_long_time(begin, repeated, accepted):
    text = f"<x>{begin}{repeated * (100_000_000 // len(repeated))}</x>"
    # Next to a picture, what a part unpacks to is not out of proportion.
    picture = random.Random(1).randbytes(1_000_000)
    book = files.excel() | {"xl/worksheets/sheet1.xml": text, "xl/media/a.png": picture}
    data = files.zipped(book, zipfile.ZIP_DEFLATED)
    began = time.process_time()
    told = refusal(data, "a.xlsx")
    assert time.process_time() - began < 8
    assert ("too large" in told) is not accepted
