"""Whom stored files name as their authors, where programs write it."""

import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.files import authors
from commitments.files.authors import named_in
from commitments.files.file_types import recognise
from tests.examples import examples
from tests.files import sample_files as files
from tests.files.sample_files import SAMPLES, XML

pytestmark = pytest.mark.alike

PDF = "application/pdf"
DOCX = f"{files.OPEN}wordprocessingml.document"
ODT = f"{files.ODF}text"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
OFFICE = "http://schemas.openxmlformats.org"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/extendedProperties"


def names(content, media_type=PDF):
    return named_in(io.BytesIO(content), media_type)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_without_names_has_none(name):
    assert names(SAMPLES[name], recognise(io.BytesIO(SAMPLES[name]), name).media_type) == []


def test_a_file_is_read_from_its_beginning():
    file = io.BytesIO(files.pdf("<</Author(Wang Li)>>"))
    file.seek(40)
    assert named_in(file, PDF) == ["Wang Li"]


# Office files


def core(creator="王丽", changed="Li Na"):
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{OFFICE}/package/2006/metadata/core-properties" {DC}>'
        f"<dc:title>Minutes</dc:title><dc:creator>{creator}</dc:creator>"
        f"<cp:lastModifiedBy>{changed}</cp:lastModifiedBy></cp:coreProperties>"
    )


def app(company="Office of Water", namespace=f"{OFFICE}/officeDocument/2006/extended-properties"):
    return (
        f'{XML}<Properties xmlns="{namespace}"><Application>Writer</Application>'
        f"<Manager>Zhao Min</Manager><Company>{company}</Company></Properties>"
    )


def word(**members):
    """A DOCX with these members of `docProps`."""
    parts = {f"docProps/{name}.xml": content for name, content in members.items()}
    return files.zipped(files.word() | parts, zipfile.ZIP_DEFLATED)


def odt(meta):
    return files.zipped(files.open_document("text") | {"meta.xml": meta})


@pytest.mark.parametrize("namespace", [f"{OFFICE}/officeDocument/2006/extended-properties", STRICT])
def test_an_open_xml_file_names_author_editor_manager_and_company(namespace):
    content = word(core=core(), app=app(namespace=namespace))
    assert names(content, DOCX) == ["王丽", "Li Na", "Zhao Min", "Office of Water"]


def test_a_workbook_of_another_program_names_its_author():
    workbook, data = openpyxl.Workbook(), io.BytesIO()
    workbook.properties.creator = "Wang Li"
    workbook.properties.lastModifiedBy = "Li Na"
    workbook.save(data)
    assert names(data.getvalue(), f"{files.OPEN}spreadsheetml.sheet") == ["Wang Li", "Li Na"]


def test_an_open_document_names_its_first_and_last_author():
    about = "urn:oasis:names:tc:opendocument:xmlns:"
    meta = (
        f'{XML}<office:document-meta xmlns:office="{about}office:1.0" '
        f'xmlns:meta="{about}meta:1.0" {DC}><office:meta>'
        "<meta:initial-creator>王丽</meta:initial-creator><dc:creator>Li Na</dc:creator>"
        "<meta:generator>Writer</meta:generator></office:meta></office:document-meta>"
    )
    assert names(odt(meta), ODT) == ["王丽", "Li Na"]
    assert names(odt(meta.replace("UTF-8", "UTF-16").encode("utf-16")), ODT) == ["王丽", "Li Na"]


def test_a_name_is_given_once_without_blanks_and_invisible_characters_around_and_in_it():
    content = word(core=core(" Wang\n \tLi ", "Wang\u202e Li"), app=app(" \u2066 "))
    assert names(content, DOCX) == ["Wang Li", "Zhao Min"]


def test_names_are_few_and_short():
    creators = "".join(f"</dc:creator><dc:creator>{number}" for number in range(100))
    assert names(word(core=core(creators)), DOCX) == [str(number) for number in range(20)]
    [name, _editor] = names(word(core=core("长" * 1000)), DOCX)
    assert name == "长" * 200


@pytest.mark.parametrize(
    "hostile",
    [
        core()[:-5],
        f'<!DOCTYPE a [<!ENTITY b "c">]>{core("&b;").removeprefix(XML)}',
        f"<!DOCTYPE a>{core().removeprefix(XML)}".encode("utf-16"),
        core().replace("UTF-8", "no-such-encoding"),
        core() + " " * 1_000_000,
        b"\xff\xfe\0",
        b"",
    ],
)
def test_a_hostile_part_names_nobody_and_does_not_hide_the_others(hostile):
    assert names(word(core=hostile, app=app()), DOCX) == ["Zhao Min", "Office of Water"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4",
        word(core=core())[:-30],
        word(core=core(), **{"a": bytes(20_000_000)}),
        files.zipped([("docProps/core.xml", core()), ("docProps/core.xml", core("Li Na"))]),
        files.zipped({"docProps/core.xml": core()}, zipfile.ZIP_LZMA),
    ],
    ids=["empty", "head", "cut", "bomb", "twice", "unusual compression"],
)
def test_a_hostile_container_names_nobody(content):
    assert names(content, DOCX) == []


# PDF


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"(Wang Li)", "Wang Li"),
        (b"\n ( Wang (Water) Li)", "Wang (Water) Li"),
        (rb"(Wang \(Water\) \\ Li)", "Wang (Water) \\ Li"),
        (rb"(Wang\040Li\53\0601)", "Wang Li+01"),
        (rb"(Wang\tLi\q\9)", "Wang Liq9"),
        (b"(Wang \\\r\nLi\\\n)", "Wang Li"),
        (b"(\xc9mile \x84 \xa0 \x8a)", "Émile — € −"),
        (b"(" + "王丽".encode("utf-16") + b")", "王丽"),
        (b"(\xfe\xff" + "王丽".encode("utf-16-be") + b")", "王丽"),
        (rb"(\376\377\0W\0\(\0\\)", "W(\\"),
        (b"(\xef\xbb\xbf" + "王丽".encode() + b")", "王丽"),
        (b"<FEFF738B 4e3D>", "王丽"),
        (b"<57616E67204C6>", "Wang L`"),
    ],
)
def test_the_author_of_a_pdf_may_be_written_in_many_ways(value, name):
    content = files.pdf().replace(b"/Size", b"/Info<</Title(Minutes)/Author" + value + b">>/Size")
    assert names(content) == [name]


def test_the_author_of_a_pdf_may_be_an_object_of_its_own():
    content = files.pdf("<</Author 2 0 R>>", "(Wang Li)", "(Li Na)", "<</Author  4\n0  R>>", "<<>>")
    assert names(content) == ["Wang Li"]
    assert names(content.replace(b"2 0 obj", b"12 0 obj")) == []


def test_all_revisions_of_a_pdf_count():
    content = files.pdf("<</Author(Wang Li)>>") + files.pdf("<</Author(Li Na)>>")
    assert names(content) == ["Wang Li", "Li Na"]


@pytest.mark.parametrize(
    "content",
    [
        "<</Authors(Wang Li)>>",
        "<</Author<</Name(Wang Li)>>>>",
        "<</Author()>>",
        "<</Author(\n)>>",
        "<</Author(Wang (Li)>>",
        "<</Author<5761",
        "<</Author<Wang>>>",
        "<</Author/Wang>>",
        "<</Creator(Word)/Producer(Word)>>",
    ],
)
def test_what_is_no_author_of_a_pdf_is_not_taken_for_one(content):
    assert names(files.pdf(content)) == []


def xmp(content, begin='<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'):
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    return (
        f'{begin}\n<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {rdf} {DC}><rdf:Description>'
        f"{content}</rdf:Description></rdf:RDF></x:xmpmeta>\n   <?xpacket end='w'?>"
    )


LIST = (
    "<dc:title><rdf:Alt><rdf:li>Minutes</rdf:li></rdf:Alt></dc:title>"
    "<dc:creator><rdf:Seq><rdf:li>王丽</rdf:li><rdf:li>Li Na</rdf:li></rdf:Seq></dc:creator>"
)


def test_the_xmp_of_a_pdf_names_its_creators():
    assert names(files.pdf(xmp(LIST))) == ["王丽", "Li Na"]
    assert names(files.pdf(xmp("<dc:creator>Wang Li</dc:creator>"))) == ["Wang Li"]


def test_a_hostile_packet_does_not_hide_the_others():
    hostile = [xmp("<"), xmp(LIST, '<!DOCTYPE a [<!ENTITY b "c">]>'), xmp(" " * 1_000_001), "]]>"]
    begun = '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"'
    assert names(files.pdf(*hostile, xmp(LIST), begun)) == ["王丽", "Li Na"]


# Bounds

MANY = 3_000_000


@pytest.mark.long
@pytest.mark.parametrize(
    "content",
    [
        b"/Author(" * MANY,
        b"/Author<" * MANY,
        b"/Author    " * MANY,
        b"/Author(\\)" * MANY,
        b"/Author 1 0 R" + b"\n1 0 obj(" * MANY,
        b"/Author 1 0 R" + b" obj" * MANY,
        b"<?xpacket begin=" * MANY,
        b"<?xpacket end=" * MANY,
        xmp("<dc:creator>" * 30_000 + "</dc:creator>" * 30_000).encode() * 10,
        xmp("<a>" * 120_000).encode() * 10,
    ],
    ids=lambda content: content[:20].decode(),
)
def test_a_large_hostile_pdf_takes_little_time(content):
    begin = time.process_time()
    assert names(b"%PDF-1.7\n" + content[:25_000_000]) == []
    assert time.process_time() - begin < 5


def test_what_is_beyond_the_bound_is_not_read(monkeypatch):
    monkeypatch.setattr(authors, "MAX_SEARCHED_BYTES", 1000)
    author = files.pdf("<</Author(Wang Li)>>")
    assert names(author + bytes(1000)) == ["Wang Li"]
    assert names(bytes(1000) + author) == []


# Any bytes

NAMING = [
    (files.pdf("<</Author(Wang Li)>>", xmp(LIST)), PDF),
    (files.pdf("<</Author 2 0 R>>", "<FEFF738B4E3D>"), PDF),
    (word(core=core(), app=app()), DOCX),
    (odt(core()), ODT),
]


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(NAMING), st.data())
def test_any_bytes_name_somebody_or_nobody_and_raise_nothing(sample, data):
    content, media_type = sample
    cut = content[: data.draw(st.integers(0, len(content)))] + data.draw(st.binary(max_size=200))
    changed = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        changed[place] = data.draw(st.integers(0, 255))
    for hostile in (cut, bytes(changed)):
        found = names(hostile, media_type)
        assert len(found) <= 20
        assert all(0 < len(name) <= 200 for name in found)
