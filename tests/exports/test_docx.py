"""Documents as DOCX, opened again."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from commitments.exports.documents.blocks import (
    BlockTable,
    Emphasis,
    Entry,
    EntryList,
    Paragraph,
    SectionHeading,
    TextDocument,
    TextRun,
)
from commitments.exports.documents.docx_file import write_docx
from tests.examples import examples
from tests.hostile.corpus import TEXTS

pytestmark = pytest.mark.alike

AT = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
SOURCE = EntryList([Entry([[TextRun("A source")]], "source-1", 1)])
NOTE = TextRun("[1]", mark=Emphasis.NOTE, link="#source-1")


def document(*blocks, language="en", **fields):
    defaults = {"title": "Report", "author": "The tracker", "at": AT}
    return TextDocument(language=language, blocks=blocks, **defaults | fields)


def written(*documents):
    file = BytesIO()
    write_docx(documents, file)
    return file.getvalue()


def opened(*documents):
    return docx.Document(BytesIO(written(*documents)))


def attribute(element, path, name):
    found = element.find(f".//{qn(path)}")
    return None if found is None else found.get(qn(name))


def test_headings_paragraphs_and_lists_have_the_styles_of_their_kind():
    file = opened(
        document(
            SectionHeading([TextRun("Title")], 0),
            SectionHeading([TextRun("Part")], 1),
            SectionHeading([TextRun("Section")], 2),
            Paragraph([TextRun("Plain "), TextRun("strong", mark=Emphasis.STRONG)]),
            EntryList([Entry([[TextRun("First")], [TextRun("More")]])]),
        )
    )
    assert [(row.style.name, row.text) for row in file.paragraphs] == [
        ("Title", "Title"),
        ("Heading 1", "Part"),
        ("Heading 2", "Section"),
        ("Normal", "Plain strong"),
        ("List Bullet", "First"),
        ("Normal", "More"),
    ]
    assert [run.bold for run in file.paragraphs[3].runs] == [None, True]


def test_a_table_repeats_its_headings_and_keeps_rows_in_one_piece():
    number = [TextRun("3", mark=Emphasis.NUMBER)]
    file = opened(
        document(BlockTable([], [[TextRun("What")], [TextRun("N")]], [[[TextRun("All")], number]]))
    )
    [table] = file.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["What", "N"],
        ["All", "3"],
    ]
    head, row = table.rows
    assert head._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert row._tr.find(f".//{qn('w:tblHeader')}") is None
    assert row._tr.find(f".//{qn('w:cantSplit')}") is not None


def test_the_number_of_a_source_leads_to_it():
    file = opened(document(Paragraph([TextRun("It met."), NOTE]), SOURCE))
    body = file.element.body
    anchor = attribute(body, "w:hyperlink", "w:anchor")
    assert anchor == attribute(body, "w:bookmarkStart", "w:name")
    assert file.paragraphs[1].text == "1. A source"


def test_links_lead_out_of_the_file():
    file = opened(document(Paragraph([TextRun("here", link="https://example.org/?a=1&b=2")])))
    [link] = file.paragraphs[0].hyperlinks
    assert (link.text, link.address) == ("here", "https://example.org/?a=1&b=2")


@pytest.mark.parametrize(
    ("tag", "marks"),
    [
        ("en", {"w:val": "en-US"}),
        ("zh-Hans", {"w:val": "zh-CN", "w:eastAsia": "zh-CN"}),
        ("ar", {"w:val": "ar-EG", "w:bidi": "ar-EG"}),
    ],
)
def test_every_run_says_its_language(tag, marks):
    file = opened(document(Paragraph([TextRun("words")]), language=tag))
    [run] = file.paragraphs[0].runs
    language = run._r.find(f".//{qn('w:lang')}")
    assert {name: language.get(qn(name)) for name in marks} == marks
    assert file.core_properties.language == tag
    defaults = file.styles.element.find(f".//{qn('w:rPrDefault')}")
    assert attribute(defaults, "w:lang", "w:val") == marks["w:val"]


def test_chinese_has_a_font_of_its_own():
    file = opened(document(Paragraph([TextRun("词语", language="zh")])))
    assert attribute(file.paragraphs[0]._p, "w:rFonts", "w:eastAsia") == "SimSun"


def test_what_runs_from_right_to_left_does_so_in_any_document():
    def bidi(paragraph):
        return paragraph._p.pPr is not None and paragraph._p.pPr.find(qn("w:bidi")) is not None

    arabic = opened(document(Paragraph([TextRun("كلمات")]), language="ar")).paragraphs[0]
    assert bidi(arabic)
    assert arabic.runs[0].font.rtl
    english = document(
        Paragraph([TextRun("كلمات", language="ar"), NOTE]),
        Paragraph([TextRun("TextRun "), TextRun("كلمات", language="ar")]),
    )
    foreign, mixed = opened(english).paragraphs[:2]
    assert (bidi(foreign), bidi(mixed)) == (True, False)
    assert [run.font.rtl for run in mixed.runs] == [None, True]


def test_languages_stand_side_by_side_and_what_is_the_same_once():
    english = [
        SectionHeading([TextRun("Part")]),
        Paragraph([TextRun("One"), NOTE]),
        Paragraph([TextRun("https://example.org/")]),
        BlockTable([], [[TextRun("All")]], [[[TextRun("3", mark=Emphasis.NUMBER)]]]),
        SOURCE,
    ]
    chinese = [
        SectionHeading([TextRun("部分")]),
        Paragraph([TextRun("一"), NOTE]),
        Paragraph([TextRun("https://example.org/")]),
        BlockTable([], [[TextRun("全部")]], [[[TextRun("3", mark=Emphasis.NUMBER)]]]),
        SOURCE,
    ]
    file = opened(document(*english), document(*chinese, language="zh-Hans"))
    assert file.paragraphs[0].text == "Part / 部分"
    flow, figures, sources = file.tables
    first, second = flow.rows
    assert [cell.text for cell in first.cells] == ["One[1]", "一[1]"]
    assert second.cells[0]._tc is second.cells[1]._tc
    assert [[cell.text for cell in row.cells] for row in figures.rows] == [["All\n全部"], ["3"]]
    assert len(sources._tbl.findall(f".//{qn('w:bookmarkStart')}")) == 1
    section = file.sections[0]
    assert section.page_width > section.page_height


def test_documents_that_differ_in_their_parts_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        written(document(SOURCE), document(language="ar"))


def test_the_properties_are_those_of_the_record_and_name_nobody():
    properties = opened(document(title="Report 1", author="The tracker")).core_properties
    assert (properties.title, properties.author) == ("Report 1", "The tracker")
    assert properties.created == properties.modified == AT
    assert (properties.last_modified_by, properties.comments) == ("", "")


def test_pages_are_numbered():
    footer = opened(document(footer="PLAN")).sections[0].footer
    fields = [field.text.strip() for field in footer._element.iter(qn("w:instrText"))]
    assert (fields, footer.paragraphs[0].text) == (["PAGE", "NUMPAGES"], "PLAN · 1 / 1")


@pytest.mark.long
def test_the_same_document_gives_the_same_bytes():
    made = document(
        SectionHeading([TextRun("Part")]), Paragraph([TextRun("One", link="https://a.example/")])
    )
    assert written(made) == written(made)
    other = document(*made.blocks, at=AT + timedelta(seconds=1))
    assert written(made) != written(other)
    with ZipFile(BytesIO(written(made))) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in package.namelist() if "thumbnail" in name]


@pytest.mark.long
@pytest.mark.parametrize("text", TEXTS)
def test_hostile_words_are_words(text):
    made = document(Paragraph([TextRun(text, link=f"https://example.org/{text}")]), title=text)
    with ZipFile(BytesIO(written(made))) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))


@pytest.mark.long
@settings(max_examples=examples(60), deadline=None)
@given(st.text())
def test_any_text_is_read_again_as_it_was_but_for_what_xml_forbids(text):
    shown = opened(document(Paragraph([TextRun(text)]))).paragraphs[0].text
    allowed = "".join(each for each in shown if each != "\ufffd")
    assert set(allowed) <= set(text.replace("\r", "\n")) | {"\n"}
