"""Which files are accepted as evidence, and which are refused for which reason."""

import copy
import io
import struct
import zipfile
from contextlib import suppress

import openpyxl
import pytest
from django.utils import translation
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commitments.exceptions import FileRefused
from commitments.files.file_types import TYPES, allowed_types, recognise
from tests.examples import examples
from tests.files import sample_files as files
from tests.files.sample_files import CONTENT_TYPES, MANIFEST, ODF, OPEN, SAMPLES

pytestmark = pytest.mark.alike

OFFICE = [name for name, data in SAMPLES.items() if data.startswith(b"PK")]
HTML = "<!DOCTYPE html><html><script>alert(1)</script></html>"
MACROS = "contains macros"
ENCRYPTED = "is encrypted"
TOO_LARGE = "too large when unpacked"
DAMAGED = "damaged or incomplete"
ARCHIVE = "Archives are not accepted"
OTHER_OFFICE = "a template or another type of office file"
UNKNOWN = "of an unknown type"


def type_name(data, name):
    return recognise(io.BytesIO(data), name).name


def assert_refused(data, name, reason):
    with pytest.raises(FileRefused, match=reason):
        recognise(io.BytesIO(data), name)


# Accepted types and their names


def test_there_is_a_sample_of_every_accepted_type():
    types = [recognise(io.BytesIO(data), name) for name, data in SAMPLES.items()]
    assert types == list(TYPES)
    assert allowed_types() == "PDF, PNG, JPEG, WebP, TXT, CSV, DOCX, XLSX, PPTX, ODT, ODS"


def test_a_file_is_read_from_its_beginning():
    file = io.BytesIO(SAMPLES["minutes.pdf"])
    file.seek(7)
    assert recognise(file, "minutes.pdf").media_type == "application/pdf"


@pytest.mark.parametrize("name", ["PHOTO.JPG", "照片（2017）.jpeg", "a.exe.jpg", " a b .Jpg"])
def test_only_the_extension_of_a_name_counts_in_any_case(name):
    assert type_name(files.JPEG, name) == "JPEG"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_under_an_extension_of_another_type_is_refused(name):
    own = recognise(io.BytesIO(SAMPLES[name]), name)
    # By its content alone, a CSV file is plain text.
    named = "TXT" if own.name == "CSV" else own.name
    others = [file_type for file_type in TYPES if {own.name, file_type.name} != {"TXT", "CSV"}]
    extensions = [extension for other in others if other != own for extension in other.extensions]
    for wrong in (*extensions, "", ".", ".exe", ".html", ".svg", ".zip", ".pdf/a", ".txt.js"):
        assert_refused(SAMPLES[name], f"a{wrong}", f"is a {named} file")


def test_the_extension_distinguishes_csv_from_text():
    assert type_name(SAMPLES["drains.csv"], "drains.txt") == "TXT"
    assert type_name(SAMPLES["note.txt"], "note.CSV") == "CSV"


@pytest.mark.parametrize(
    ("language", "name", "data", "reason"),
    [
        ("en", "a.docx", files.pdf(), "“a.docx” is a PDF file, so its name must end in .pdf."),
        ("zh-hans", "a.docx", files.pdf(), "“a.docx”是PDF文件，此类文件的扩展名应为.pdf。"),
        ("en", "a.zip", files.zipped({"a": ""}), f"{ARCHIVE}. Upload the files one by one."),
        ("zh-hans", "a.zip", files.zipped({"a": ""}), "不接受压缩文件，请逐个上传其中的文件。"),
    ],
)
def test_the_reason_is_in_the_language_of_the_reader(language, name, data, reason):
    with translation.override(language), pytest.raises(FileRefused) as refusal:
        recognise(io.BytesIO(data), name)
    assert str(refusal.value) == reason


# Other types


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "a legacy or encrypted office file"),
        (b"\x1f\x8b\x08\0", "an archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "an archive"),
        (b"Rar!\x1a\7\1\0", "an archive"),
        (b"\xef\xbb\xbf#!/bin/sh\n", "a script"),
        (b"%!PS-Adobe-3.0\n", "a PostScript file"),
        (b"{\\rtf1\\ansi a}", "an RTF file"),
        (b"MZ\x90\0\3\0\0\0", UNKNOWN),
        (b"RIFF\4\0\0\0WAVE", UNKNOWN),
        (b"PK\5\6" + bytes(18), UNKNOWN),
        (b"note\n" * 20_000 + b"\0", UNKNOWN),
        (b"\x1b[31mnote", UNKNOWN),
        ("canal émaillé".encode("latin-1"), UNKNOWN),
        ("note".encode("utf-16-le"), UNKNOWN),
    ],
)
@pytest.mark.parametrize("extension", ["txt", "csv", "pdf", "docx", "exe"])
def test_a_file_of_another_type_is_refused_under_any_name(data, reason, extension):
    assert_refused(data, f"a.{extension}", reason)


@pytest.mark.parametrize(
    "text",
    [
        HTML,
        f"\n\r\n\t\f\u3000 {HTML}",
        f"\ufeff\n{HTML}",
        "</p><script>alert(1)</script>",
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "<?php system($_GET['a']); ?>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.txt", "a.csv"])
def test_markup_is_refused_under_any_name_and_in_any_encoding(text, encoding, name):
    assert_refused(text.encode(encoding), name, "HTML, SVG or other markup")


@pytest.mark.parametrize("text", ["关闭了四条水渠。\r\n", "émaillé 𠀀\t\f", "<5 drains"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_accepted_in_the_encodings_that_offices_use(text, encoding):
    assert type_name(text.encode(encoding), "a.txt") == "TXT"


@pytest.mark.parametrize(
    ("data", "name", "other_name"),
    [
        (files.pdf() + files.zipped(files.word()), "a.pdf", "a.docx"),
        (files.PNG + HTML.encode(), "a.png", "a.html"),
        (files.JPEG + files.zipped({"Run.class": "x"}), "a.jpg", "a.jar"),
        (files.zipped(files.word()) + files.pdf(), "a.docx", "a.pdf"),
    ],
)
def test_a_file_of_two_types_is_only_of_the_one_that_it_begins_with(data, name, other_name):
    assert type_name(data, name).lower() in name.replace("jpg", "jpeg")
    assert_refused(data, other_name, "so its name must end in")


@pytest.mark.parametrize("trailer", ["/Encrypt 9 0 R", "/Encrypt\n9 0 R", "/Encrypt<</V 4>>"])
def test_an_encrypted_pdf_is_refused(trailer):
    assert_refused(files.pdf(trailer=trailer), "a.pdf", ENCRYPTED)


# Office files


def word_with(more="", **members):
    """A DOCX whose content types contain `more`, with these further members."""
    main = f"{OPEN}wordprocessingml.document.main+xml"
    types = files.content_types(main, "word/document.xml", more)
    return files.zipped(files.word() | {CONTENT_TYPES: types} | members)


def override(content_type):
    return f'<Override PartName="/word/x.bin" ContentType="{content_type}"/>'


MACRO_MAIN = "application/vnd.ms-{}.macroEnabled.main+xml"


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (files.word(MACRO_MAIN.format("word.document")), "a.docm"),
        (files.excel(MACRO_MAIN.format("excel.sheet")), "a.xlsx"),
        (files.powerpoint(MACRO_MAIN.format("powerpoint.presentation")), "a.pptx"),
        (files.word() | {"word/vbaProject.bin": "x"}, "a.docx"),
        (files.word() | {"word\\VBAPROJECT.BIN": "x"}, "a.docx"),
        (files.word() | {"word/activeX/activeX1.xml": "x"}, "a.docx"),
        (files.excel() | {"xl/macrosheets/sheet1.xml": "x"}, "a.xlsx"),
        (files.open_document("text") | {"Basic/Standard/Module1.xml": "x"}, "a.odt"),
        (files.open_document("spreadsheet") | {"Scripts/python/run.py": "x"}, "a.ods"),
    ],
)
def test_an_office_file_with_macros_is_refused(members, name):
    assert_refused(files.zipped(members), name, MACROS)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/vnd.ms-office.vbaProject",
        "application/vnd.ms-excel.intlmacrosheet+xml",
        "application/vnd.ms-office.activeX+xml",
        "application/vnd.ms-excel.sheet.macro&#69;nabled.main+xml",
    ],
)
def test_macros_are_found_by_content_type_whatever_the_part_is_called(content_type):
    nested = f'<Default Extension="bin">{override(content_type)}</Default>'
    for more in (override(content_type), nested):
        assert_refused(word_with(more), "a.docx", MACROS)


@pytest.mark.parametrize("name", OFFICE)
def test_an_encrypted_zip_member_is_refused(name):
    data = bytearray(SAMPLES[name])
    data[data.index(b"PK\1\2") + 8] |= 1
    assert_refused(bytes(data), name, ENCRYPTED)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_encrypted_open_document_is_refused(encoding):
    members = files.open_document("text", "<manifest:encryption-data/>")
    members[MANIFEST] = members[MANIFEST].encode(encoding)
    assert_refused(files.zipped(members), "a.odt", ENCRYPTED)


def with_last_directory_entry(data, offset, value):
    """The ZIP file with another 32-bit value in the directory's entry of its last member."""
    data = bytearray(data)
    struct.pack_into("<I", data, data.rindex(b"PK\1\2") + offset, value)
    return bytes(data)


UNPACKED_SIZE, MEMBER_OFFSET = 24, 42
TWO_MAIN_PARTS = files.content_types(
    f"{OPEN}wordprocessingml.document.main+xml",
    "word/document.xml",
    override(f"{OPEN}spreadsheetml.sheet.main+xml"),
)


@pytest.mark.parametrize(
    "members",
    [
        {"word/media/a.bmp": bytes(20_000_000)},
        {f"word/media/{number}.bmp": bytes(5_000_000) for number in range(4)},
        {f"word/{number}": "" for number in range(5_001)},
        {CONTENT_TYPES: files.word()[CONTENT_TYPES] + " " * 1_000_000},
    ],
    ids=["one member", "many members", "too many members", "content types"],
)
def test_a_zip_bomb_is_refused(members):
    data = files.zipped(files.word() | members, zipfile.ZIP_DEFLATED)
    assert_refused(data, "a.docx", TOO_LARGE)


def test_a_zip_that_declares_an_enormous_size_is_refused_whatever_its_ratio():
    data = word_with(**{"word/media/a.bmp": bytes(3_000_000)})
    data = with_last_directory_entry(data, UNPACKED_SIZE, 350_000_000)
    assert_refused(data, "a.docx", TOO_LARGE)


def test_a_zip_bomb_of_overlapping_members_is_refused():
    """Many entries of the directory share the same packed bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as container:
        container.writestr("0", bytes(100_000))
        for number in range(1, 300):
            container.filelist.append(copy.copy(container.filelist[0]))
            container.filelist[-1].filename = str(number)
    assert_refused(data.getvalue(), "a.docx", TOO_LARGE)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"minutes.txt": "x"}, ARCHIVE),
        ({"minutes.docx": SAMPLES["minutes.docx"]}, ARCHIVE),
        ({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "Run.class": "x"}, ARCHIVE),
        ({"mimetype": "application/epub+zip", MANIFEST: ""}, OTHER_OFFICE),
        ({"mimetype": "application/pdf", MANIFEST: ""}, OTHER_OFFICE),
        ({"mimetype": f"{ODF}text"}, DAMAGED),
        (files.open_document("presentation"), OTHER_OFFICE),
        (files.open_document("text-template"), OTHER_OFFICE),
        (files.word(f"{OPEN}wordprocessingml.template.main+xml"), OTHER_OFFICE),
        (files.powerpoint(f"{OPEN}presentationml.slideshow.main+xml"), OTHER_OFFICE),
        (files.word("application/pdf.main+xml"), OTHER_OFFICE),
        (files.word() | {CONTENT_TYPES: TWO_MAIN_PARTS}, OTHER_OFFICE),
        (files.word() | {CONTENT_TYPES: "<Types"}, DAMAGED),
        (files.word() | {CONTENT_TYPES: '<?xml version="1.0" encoding="x"?><a/>'}, DAMAGED),
        (files.word() | {CONTENT_TYPES: "<!DOCTYPE a><a/>".encode("utf-16")}, DAMAGED),
        (files.open_document("text") | {CONTENT_TYPES.lower(): "<Types/>"}, DAMAGED),
        ([*files.word().items(), *files.word().items()], DAMAGED),
    ],
)
@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.odt", "a.pdf"])
def test_a_zip_that_is_no_accepted_office_file_is_refused(members, reason, name):
    assert_refused(files.zipped(members), name, reason)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(compression):
    assert_refused(files.zipped(files.word(), compression), "a.docx", DAMAGED)


def test_a_directory_that_points_beyond_any_file_is_refused():
    """In a ZIP64 file the offset of a member has 64 bits."""
    member = zipfile.ZipInfo(CONTENT_TYPES)
    member.extra = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as container:
        container.writestr(member, files.word()[CONTENT_TYPES])
    data = with_last_directory_entry(data.getvalue(), MEMBER_OFFSET, 2**32 - 1)
    assert_refused(data, "a.docx", DAMAGED)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_content_types_may_be_in_any_unicode_encoding(encoding):
    text = files.word()[CONTENT_TYPES].replace("UTF-8", encoding.removesuffix("-sig"))
    assert type_name(word_with(**{CONTENT_TYPES: text.encode(encoding)}), "a.docx") == "DOCX"


def test_an_office_file_may_embed_other_files():
    members = {"word/media/图.png": files.PNG, "word/embeddings/a.xlsx": SAMPLES["drains.xlsx"]}
    assert type_name(word_with(**members), "a.docx") == "DOCX"


def test_a_workbook_of_another_program_is_accepted():
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    assert type_name(data.getvalue(), "a.xlsx") == "XLSX"


# Any bytes

NAMES = st.sampled_from([*SAMPLES, "a", "a.html", ""])


@settings(max_examples=examples(300), deadline=None)
@given(st.data())
def test_any_bytes_are_recognised_or_refused_and_raise_nothing_else(data):
    """Random bytes after the beginning of a sample, or a sample with some of its bytes changed."""
    sample = data.draw(st.sampled_from(list(SAMPLES.values())))
    cut = sample[: data.draw(st.integers(0, 40))] + data.draw(st.binary(max_size=400))
    changed = bytearray(sample)
    for place in data.draw(st.lists(st.integers(0, len(sample) - 1), max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    for content in (cut, bytes(changed)):
        with suppress(FileRefused):
            assert recognise(io.BytesIO(content), data.draw(NAMES)) in TYPES


PRINTABLE = st.text(st.one_of(st.characters(exclude_categories=["C"]), st.sampled_from(" \n\r\t")))


@settings(deadline=None)
@given(PRINTABLE)
def test_printable_text_is_accepted_unless_it_begins_like_another_type(text):
    assume(text.strip() and not text.strip().startswith(("<", "#!", "%!PS", "%PDF-", "{\\rtf")))
    assert type_name(text.encode(), "a.txt") == "TXT"
    assert type_name(text.encode("utf-8-sig"), "a.csv") == "CSV"
