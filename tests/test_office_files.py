"""Office files, which are archives too: those that are taken, and what hides among them."""

import io

import pytest

from commitments.filetypes import recognise
from tests import files
from tests.files import (
    CONTENT_TYPES,
    ENCRYPTED,
    MACROS,
    OFFICE,
    OPEN,
    SAMPLES,
    TEMPLATE,
    of,
    refused,
)

pytestmark = pytest.mark.alike


# Encrypted


@pytest.mark.parametrize(
    "trailer", ["/Encrypt 9 0 R", "/Encrypt\n9 0 R", "/Encrypt<</Filter/Standard>>"]
)
def test_an_encrypted_pdf_is_refused(trailer):
    refused(files.pdf(trailer=trailer), "a.pdf", ENCRYPTED)


def test_a_pdf_encrypted_in_a_cross_reference_stream_is_refused():
    data = files.pdf("<</Type/Catalog>>", "<</Type/XRef/Root 1 0 R/Encrypt 3 0 R/Length 0>>stream")
    refused(data, "a.pdf", ENCRYPTED)


def test_a_long_pdf_is_searched_for_encryption_to_its_end():
    for padding in range(65_300, 65_560, 7):
        data = files.pdf("<</Type/Catalog>>", "%" + "x" * padding, trailer="/Encrypt 9 0 R")
        refused(data, "a.pdf", ENCRYPTED)


def test_a_pdf_that_speaks_of_encryption_is_still_taken():
    assert of(files.pdf("<</Type/Catalog/Title(/EncryptMetadata)>>"), "a.pdf") == "application/pdf"


@pytest.mark.parametrize("name", OFFICE)
@pytest.mark.parametrize("flag", [0x1, 0x41])
def test_an_encrypted_zip_member_is_refused(name, flag):
    data = bytearray(SAMPLES[name])
    data[data.index(b"PK\1\2") + 8] |= flag
    refused(bytes(data), name, ENCRYPTED)


@pytest.mark.parametrize("kind", ["text", "spreadsheet"])
@pytest.mark.parametrize("padding", ["", " " * 1_100_000])
def test_an_encrypted_open_document_is_refused(kind, padding):
    members = files.open_document(kind, f"{padding}<manifest:encryption-data/>")
    refused(files.zipped(members), "a.od" + kind[0])


def test_an_open_document_encrypted_as_a_whole_is_refused():
    members = files.open_document("text", "<manifest:encryption-data/>")
    members["encrypted-package"] = members.pop("content.xml")
    refused(files.zipped(members), "a.odt", ENCRYPTED)


# Macros, and office files of other kinds


@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.ppt", "a.docx", "a.txt"])
def test_an_old_binary_office_file_is_refused(name):
    refused(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), name, "old binary or encrypted office")


@pytest.mark.parametrize(
    ("members", "ending"),
    [
        (files.word("application/vnd.ms-word.document.macroEnabled.main+xml"), "docm"),
        (files.word("application/vnd.ms-word.template.macroEnabledTemplate.main+xml"), "dotm"),
        (files.word("application/vnd.ms-word.document.MACROENABLED.main+xml"), "docm"),
        (files.excel("application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "xlsm"),
        (files.excel("application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsb"),
        (files.excel("application/vnd.ms-excel.addin.macroEnabled.main+xml"), "xlam"),
        (
            files.powerpoint("application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
            "pptm",
        ),
    ],
)
def test_a_macro_enabled_office_file_is_refused(members, ending):
    for name in (f"a.{ending}", f"a.{ending[:-1]}x"):
        refused(files.zipped(members), name, f"{MACROS}|{TEMPLATE}")


@pytest.mark.parametrize(
    ("members", "part"),
    [
        (files.word(), "word/vbaProject.bin"),
        (files.word(), "word/VBAPROJECT.BIN"),
        (files.word(), "word\\vbaProject.bin"),
        (files.word(), "word/vbaData.xml"),
        (files.word(), "vbaProject.bin"),
        (files.excel(), "xl/vbaProject.bin"),
        (files.excel(), "xl/vbaProjectSignature.bin"),
        (files.excel(), "xl/macrosheets/sheet1.xml"),
        (files.excel(), "xl\\macrosheets\\sheet1.xml"),
        (files.powerpoint(), "ppt/vbaProject.bin"),
        (files.open_document("text"), "Basic/script-lc.xml"),
        (files.open_document("text"), "Basic/Standard/Module1.xml"),
        (files.open_document("text"), "Scripts/python/run.py"),
        (files.open_document("spreadsheet"), "Basic/script-lc.xml"),
        (files.open_document("spreadsheet"), "Scripts/javascript/run.js"),
    ],
)
def test_an_office_file_with_a_part_for_macros_is_refused(members, part):
    name = "a.docx" if CONTENT_TYPES in members else "a.odt"
    refused(files.zipped(members | {part: "x"}), name, MACROS)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/vnd.ms-office.vbaProject",
        "application/vnd.ms-word.vbaData+xml",
        "application/vnd.ms-excel.macrosheet+xml",
        "application/vnd.ms-excel.intlmacrosheet+xml",
        "application/vnd.ms-excel.sheet.macro&#69;nabled.main+xml",
    ],
)
def test_macros_are_found_by_their_content_type_whatever_the_part_is_called(content_type):
    part = "xl/theme/theme9.bin"
    more = f'<Override PartName="/{part}" ContentType="{content_type}"/>'
    said = files.content_types(f"{OPEN}spreadsheetml.sheet.main+xml", "xl/workbook.xml", more)
    refused(files.zipped(files.excel() | {CONTENT_TYPES: said, part: "x"}), "a.xlsx", MACROS)


MACRO_PART = '<Override PartName="/xl/w.xml" ContentType="application/vnd.ms-excel.{}.main+xml"/>'


def test_a_main_part_in_a_comment_of_the_content_types_is_none():
    said = files.content_types(f"{OPEN}spreadsheetml.sheet.main+xml", "xl/workbook.xml")
    start, override = said.index("<Override"), said[said.index("<Override") : -len("</Types>")]
    said = said[:start] + f"<!-- {override} -->" + MACRO_PART.format("template") + "</Types>"
    refused(files.zipped(files.excel() | {CONTENT_TYPES: said, "xl/w.xml": "x"}), "a.xlsx")


def test_content_types_are_read_to_their_end():
    more = " " * 1_100_000 + MACRO_PART.format("sheet.macroEnabled")
    said = files.content_types(f"{OPEN}spreadsheetml.sheet.main+xml", "xl/workbook.xml", more)
    refused(files.zipped(files.excel() | {CONTENT_TYPES: said, "xl/w.xml": "x"}), "a.xlsx")


@pytest.mark.parametrize("part", [CONTENT_TYPES, "word/document.xml"])
def test_an_office_file_with_a_member_twice_is_refused(part):
    """Programs differ in which of the two they read."""
    first = (part, files.word("application/vnd.ms-word.template.main+xml")[part])
    refused(files.zipped([first, *files.word().items()]), "a.docx")


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (files.word(f"{OPEN}wordprocessingml.template.main+xml"), "a.dotx"),
        (files.excel(f"{OPEN}spreadsheetml.template.main+xml"), "a.xltx"),
        (files.powerpoint(f"{OPEN}presentationml.template.main+xml"), "a.potx"),
        (files.powerpoint(f"{OPEN}presentationml.slideshow.main+xml"), "a.ppsx"),
        (files.word("application/vnd.ms-visio.drawing.main+xml"), "a.vsdx"),
        (files.open_document("text-template"), "a.ott"),
        (files.open_document("text-master"), "a.odm"),
        (files.open_document("spreadsheet-template"), "a.ots"),
        (files.open_document("presentation"), "a.odp"),
        (files.open_document("graphics"), "a.odg"),
        (files.open_document("formula"), "a.odf"),
        (files.open_document("base"), "a.odb"),
    ],
)
def test_templates_and_office_files_of_other_kinds_are_refused(members, name):
    for given_name in (name, "a.docx", "a.odt", "a.zip"):
        refused(files.zipped(members), given_name, TEMPLATE)


# Office files as programs write them


def packed_as_a_stream(members):
    """As by a program that writes as it goes: sizes follow the content, names are UTF-8."""

    class Stream(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise io.UnsupportedOperation

        def seek(self, *_place):
            raise io.UnsupportedOperation

    data = Stream()
    with files.zipfile.ZipFile(data, "w", files.zipfile.ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("a.docx", files.word()),
        ("a.xlsx", files.excel()),
        ("a.pptx", files.powerpoint()),
        ("a.odt", files.open_document("text")),
        ("a.ods", files.open_document("spreadsheet")),
    ],
)
def test_an_office_file_is_still_taken_however_it_is_packed(name, members):
    more = {
        "media/图片.png": files.PNG,
        "customXml/item1.xml": "<a/>",
        "docProps/thumbnail.jpeg": "",
    }
    members |= more
    for data in (
        files.zipped(members, compression=files.zipfile.ZIP_DEFLATED),
        files.zipped(dict(reversed(members.items()))),
        files.zipped(
            members | {"Configurations2/images/Bitmaps/": "", "xl/printerSettings/p.bin": "x"}
        ),
        packed_as_a_stream(members),
    ):
        assert recognise(io.BytesIO(data), name).endings == (name[1:],)


MAIN = f"{OPEN}wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    "said",
    [
        # The main part's type is that of all XML.
        f'<Types xmlns="{files.TYPES_OF}"><Default Extension="xml" ContentType="{MAIN}"/></Types>',
        f"<Types xmlns='{files.TYPES_OF}'><Override ContentType='{MAIN}'"
        " PartName='/word/document.xml'></Override></Types>",
        f'<t:Types xmlns:t="{files.TYPES_OF}"><t:Override PartName="/word/document.xml"'
        f' ContentType="{MAIN}"/></t:Types>',
        files.content_types(MAIN, "word/document.xml").replace("UTF-8", "UTF-16").encode("utf-16"),
        files.content_types(MAIN, "word/document.xml").encode("utf-8-sig"),
    ],
    ids=["default", "quotes", "prefix", "utf-16", "utf-8-sig"],
)
def test_content_types_are_still_taken_however_they_are_written(said):
    data = files.zipped(files.word() | {CONTENT_TYPES: said})
    assert of(data, "a.docx") == f"{OPEN}wordprocessingml.document"


def test_a_main_part_of_another_name_is_still_taken():
    members = files.word() | {CONTENT_TYPES: files.content_types(MAIN, "word/document2.xml")}
    members["word/document2.xml"] = members.pop("word/document.xml")
    members["_rels/.rels"] = members["_rels/.rels"].replace("document.xml", "document2.xml")
    assert of(files.zipped(members), "a.docx") == f"{OPEN}wordprocessingml.document"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Target="word', 'Target="/word'),
        (files.MAIN_OF, "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"),
        (
            "<Relationship ",
            '<Relationship Id="r0" Type="urn:x" Target="docProps/app.xml"/><Relationship ',
        ),
    ],
    ids=["absolute", "strict", "second"],
)
def test_relations_are_still_taken_however_they_are_written(before, after):
    members = files.word()
    assert before in members["_rels/.rels"]
    members["_rels/.rels"] = members["_rels/.rels"].replace(before, after)
    assert of(files.zipped(members), "a.docx") == f"{OPEN}wordprocessingml.document"
