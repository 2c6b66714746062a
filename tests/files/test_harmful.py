"""Files that act when they are opened, hold programs or exhaust memory are refused; what looks like
them is not."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.exceptions import FileRefused
from commitments.files.file_types import recognise
from commitments.files.harmful import harm_of_pdf, harm_of_picture
from tests.examples import examples
from tests.files import sample_files as files

pytestmark = pytest.mark.alike

FETCHES, EMBEDDED, DDE = "fetches a template", "files or programs inside", "from other programs"
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


@pytest.mark.parametrize("name", ["oleObject1.bin", "setup.exe", "run.LNK"])
def test_a_program_inside_is_refused(name):
    assert EMBEDDED in refusal(word_with(f"word/embeddings/{name}", b"MZ"), "a.docx")


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
        WORD.format("<w:p><w:r><w:t>DDEAUTO is a field.</w:t></w:r></w:p>"),
    ],
)
def test_other_fields_and_words_about_them_are_accepted(text):
    assert refusal(word_with("word/document.xml", text), "a.docx") == ""


def test_links_of_a_workbook_to_other_programs_are_refused():
    link = (
        '<externalLink xmlns="urn:x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    )
    book = files.excel() | {"xl/externalLinks/externalLink1.xml": link}
    assert DDE in refusal(files.zipped(book), "a.xlsx")


def test_a_document_type_in_a_part_is_refused():
    bomb = '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    assert "damaged" in refusal(word_with("word/document.xml", bomb), "a.docx")


def test_an_open_document_that_asks_another_program_is_refused():
    content = '<office:x xmlns:office="urn:o"><office:dde-source/></office:x>'
    document = files.open_document("text") | {"content.xml": content}
    assert DDE in refusal(files.zipped(document), "a.odt")


def test_an_instruction_of_any_length_takes_no_long_time():
    spaces = WORD.format(f"<w:fldChar w:fldCharType='begin'/><w:instrText>{' ' * 9_000_000}")
    text = spaces.removesuffix("</w:document>") + "DDE x</w:instrText></w:document>"
    assert DDE in refusal(word_with("word/document.xml", text), "a.docx")


# PDF


@pytest.mark.parametrize(
    "action",
    [
        b"/S /JavaScript /JS (app.alert(1))",
        b"/S/J#61vaScript",
        b"/S/#4aavaScr#69p#74",
        b"/S /Launch /F (cmd.exe)",
        b"/S/SubmitForm",
        b"/Type /EmbeddedFile",
        b"/Names << /EmbeddedFiles 3 0 R >>",
        b"/RichMedia",
        b"/XFA [ (a) 1 0 R ]",
    ],
)
@pytest.mark.parametrize("packed", ["", "/ObjStm", "/Obj#53tm"])
def test_a_pdf_that_acts_is_refused(action, packed):
    part = b"1 0 obj << " + action + b" >> endobj"
    if packed:
        stream = zlib.compress(part)
        part = (
            b"2 0 obj << /Type "
            + packed.encode()
            + b" /N 1 >>\nstream\n"
            + stream
            + b"\nendstream endobj"
        )
    assert "The PDF has scripts" in refusal(b"%PDF-1.7\n" + part, "a.pdf")


def test_a_pdf_with_a_destination_links_and_words_is_accepted():
    part = b"<< /OpenAction [3 0 R /Fit] /A << /S /URI /URI (https://example.org) >> >> JavaScript"
    assert refusal(b"%PDF-1.7\n" + part, "a.pdf") == ""


def test_a_pdf_of_many_streams_without_an_end_takes_no_long_time():
    content = b"%PDF-1.7\n" + b"/ObjStm stream\n" * 200_000
    assert harm_of_pdf(content) == ""


# Pictures


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


def jpeg(width, height):
    frame = struct.pack(">BBHBHH", 0xFF, 0xC2, 11, 8, height, width)
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"ab" + frame + bytes(4)


def webp(width, height):
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + bytes(4) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size


def webp_lossless(width, height):
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return b"RIFF" + bytes(4) + b"WEBPVP8L" + bytes(4) + b"\x2f" + bits


@pytest.mark.parametrize("picture", [png, jpeg, webp])
def test_a_picture_that_would_exhaust_memory_is_refused(picture):
    assert "more than 250,000,000 pixels" in str(harm_of_picture(picture(65_535, 65_535)))
    assert harm_of_picture(picture(16_320, 12_240)) == ""


def test_the_size_of_each_kind_of_webp_is_read():
    assert "pixels" in str(harm_of_picture(webp_lossless(16_384, 16_384)))
    assert harm_of_picture(webp_lossless(100, 16_384)) == ""


@given(st.binary(max_size=60))
@settings(max_examples=examples(200))
def test_pictures_of_any_bytes_are_read_without_an_error(rest):
    for beginning in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF____WEBPVP8 "):
        harm_of_picture(beginning + rest)
