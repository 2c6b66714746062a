"""What is taken as a file of evidence, and what is refused, each with its reason.

What "is still taken" is odd but written so by programs in use.
"""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.filetypes import recognise
from tests import files
from tests.files import (
    BINARIES,
    CONTENT_TYPES,
    DAMAGED,
    EXPECTED,
    ODF,
    OFFICE,
    SAMPLES,
    TEXTS,
    of,
    refused,
    refused_or,
)

pytestmark = pytest.mark.alike

each_sample = pytest.mark.parametrize("name", SAMPLES)
each_binary = pytest.mark.parametrize("name", BINARIES)


# What is taken


def test_there_is_a_sample_of_every_type():
    assert sorted(SAMPLES) == sorted(EXPECTED)


@each_sample
def test_a_file_of_each_type_is_recognised(name):
    kind = recognise(io.BytesIO(SAMPLES[name]), name)
    assert (kind.name, kind.media_type) == EXPECTED[name][:2]


@each_sample
def test_a_file_is_read_from_its_beginning_wherever_its_reader_stands(name):
    file = io.BytesIO(SAMPLES[name])
    file.seek(7)
    assert recognise(file, name).media_type == EXPECTED[name][1]


@each_sample
@pytest.mark.parametrize("stem", ["MINUTES", "会议纪要（2017）", "a.b", "a.exe", " a b "])
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_only_the_ending_of_a_name_counts_in_any_case(name, stem, case):
    assert of(SAMPLES[name], stem + case(name[name.index(".") :])) == EXPECTED[name][1]


def test_a_jpeg_may_be_called_jpeg():
    assert of(SAMPLES["photo.jpg"], "photo.jpeg") == "image/jpeg"


@each_sample
@pytest.mark.parametrize("stem", ["minutes", "会议纪要"])
def test_a_wrong_ending_is_refused_and_the_right_type_named(name, stem):
    kind, _media_type, wrong = EXPECTED[name]
    # Without its ending, a table is only text.
    refused(SAMPLES[name], stem + wrong, "TXT" if name in TEXTS else rf"\b{kind}\b")


@each_sample
@pytest.mark.parametrize(
    "given_name", ["minutes", "", ".", "minutes.", ".pdf", "pdf", "a.pdf/b", "a.exe"]
)
def test_a_name_that_ends_like_no_type_is_refused(name, given_name):
    refused(SAMPLES[name], given_name)


# Cut short


@each_binary
@pytest.mark.parametrize("part", [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
def test_a_file_cut_short_is_refused(name, part):
    data = SAMPLES[name]
    refused(data[: max(1, int(len(data) * part))], name)


@settings(deadline=None)
@given(st.data())
def test_a_file_cut_anywhere_is_refused(drawn):
    name = drawn.draw(st.sampled_from(BINARIES))
    data = SAMPLES[name]
    # Without the line feed at its end a PDF is whole.
    refused(data[: drawn.draw(st.integers(0, len(data.rstrip(b"\n")) - 1))], name)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.integers(0, 100))
def test_text_cut_anywhere_is_text_or_refused(name, length):
    refused_or([EXPECTED[name][1]], SAMPLES[name][:length], name)


@each_sample
def test_an_empty_file_is_refused(name):
    refused(b"", name, "empty")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n", "a.pdf"),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF\n", "a.pdf"),
        (b"%PDF-1.7\n1 0 obj\nendobj\nstartxref\n0\n%%EOF\n", "a.pdf"),
        (b"\x89PNG\r\n\x1a\n", "a.png"),
        (files.PNG_START, "a.png"),
        (files.PNG_START + files.PNG_PIXELS, "a.png"),
        (files.PNG_START + files.png_chunk(b"IEND"), "a.png"),
        (files.PNG_START + files.png_chunk(b"IDAT") + files.png_chunk(b"IEND"), "a.png"),
        (b"\xff\xd8\xff", "a.jpg"),
        (b"\xff\xd8\xff\xd9", "a.jpg"),
        (files.JPEG[:20] + b"\xff\xd9", "a.jpg"),
        (files.JPEG.partition(b"\xff\xda")[0] + b"\xff\xd9", "a.jpg"),
        (files.JPEG[:-3] + b"\xff\xd9", "a.jpg"),
        (b"RIFF\4\0\0\0WEBP", "a.webp"),
        (files.webp(), "a.webp"),
        (files.webp((b"VP8X", bytes(10))), "a.webp"),
        (files.webp((b"VP8 ", b"")), "a.webp"),
        (files.webp((b"VP8L", b"")), "a.webp"),
        (files.webp((b"VP8X", b"\2" + bytes(9)), (b"ANIM", bytes(6)), (b"ANMF", b"")), "a.webp"),
        (b"PK", "a.docx"),
        (b"PK\3\4", "a.docx"),
        (files.zipped({}), "a.docx"),
        (files.zipped({CONTENT_TYPES: files.word()[CONTENT_TYPES]}), "a.docx"),
        (files.zipped(files.word() | {"word/document.xml": ""}), "a.docx"),
        (files.zipped({"mimetype": f"{ODF}text"}), "a.odt"),
        (files.zipped(files.open_document("text") | {"content.xml": ""}), "a.odt"),
        (b"\xef\xbb\xbf", "a.txt"),
        (b" \r\n\t\n", "a.txt"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_a_file_of_only_a_header_is_refused(data, name):
    refused(data, name)


def test_every_change_of_a_bit_of_a_png_is_refused():
    for place in range(len(files.PNG)):
        for bit in range(8):
            data = bytearray(files.PNG)
            data[place] ^= 1 << bit
            refused(bytes(data), "picture.png")


@pytest.mark.parametrize("name", OFFICE)
def test_an_office_file_with_a_changed_byte_of_content_is_refused(name):
    data = bytearray(SAMPLES[name])
    data[data.index(b"<", 60) + 9] ^= 1
    refused(bytes(data), name, DAMAGED)


def test_an_update_of_a_pdf_that_is_cut_short_is_refused():
    """A PDF may be changed by what is written after its end."""
    update = files.pdf()[9:]
    assert of(files.pdf() + update, "a.pdf") == "application/pdf"
    for end in range(20, len(update) - 8, 20):
        refused(files.pdf() + update[:end], "a.pdf", DAMAGED)


# Images and PDFs as programs write them


def after_start(segment):
    """The JPEG with this segment right after its beginning."""
    return files.JPEG[:2] + segment + files.JPEG[2:]


def segment(code, data):
    return b"\xff" + bytes([code]) + struct.pack(">H", len(data) + 2) + data


SCAN = files.JPEG[files.JPEG.index(b"\xff\xda") : -2]


@pytest.mark.parametrize(
    "data",
    [
        after_start(segment(0xE1, b"Exif\0\0" + files.JPEG)),
        after_start(segment(0xFE, "备注".encode())),
        after_start(segment(0xE2, b"ICC_PROFILE\0" + bytes(65_000)) * 3),
        files.JPEG.replace(b"\xff\xc0", b"\xff\xc2"),
        files.JPEG[:-2] + SCAN + b"\xff\xd9",
        files.JPEG[:-2] + b"\xff\xff\xff\xd9",
        files.JPEG + b"\r\n",
        files.JPEG + bytes(5_000),
        files.JPEG + files.JPEG,
        files.JPEG[:-2] + bytes(65_536 - len(files.JPEG)) + b"\xff\xd9",
    ],
    ids=range(10),
)
def test_a_jpeg_is_still_taken(data):
    assert of(data, "a.jpg") == "image/jpeg"


def test_a_jpeg_with_a_whole_thumbnail_that_is_cut_short_is_refused():
    data = after_start(segment(0xE1, b"Exif\0\0" + files.JPEG))
    for end in range(2, len(data) - 1):
        refused(data[:end], "a.jpg")


def test_a_png_is_still_taken_interlaced_animated_or_with_bytes_after_its_end():
    more = files.png_chunk(b"acTL", bytes(8)) + files.png_chunk(b"fcTL", bytes(26))
    half = len(files.PNG_PIXELS[8:-4]) // 2
    parts = files.PNG_PIXELS[8:-4][:half], files.PNG_PIXELS[8:-4][half:]
    interlaced = files.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 1))
    for data in (
        files.PNG_START + more + files.PNG_PIXELS + files.png_chunk(b"IEND"),
        files.PNG_START
        + b"".join(files.png_chunk(b"IDAT", part) for part in parts)
        + files.png_chunk(b"IEND"),
        files.PNG[:8] + interlaced + files.PNG_PIXELS + files.png_chunk(b"IEND"),
        files.PNG_START
        + files.png_chunk(b"iTXt", bytes(200_000))
        + files.PNG[len(files.PNG_START) :],
        files.PNG + bytes(100),
    ):
        assert of(data, "a.png") == "image/png"


VP8X = (b"VP8X", bytes(10))
FRAME = bytes(16) + files.webp((b"VP8L", files.VP8L))[12:]


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"VP8 ", files.VP8)],
        [VP8X, (b"ICCP", b"abc"), (b"VP8 ", files.VP8), (b"EXIF", b"abc"), (b"XMP ", b"<x/>")],
        [VP8X, (b"ALPH", bytes(3)), (b"VP8 ", files.VP8)],
        [VP8X, (b"ANIM", bytes(6)), (b"ANMF", FRAME), (b"ANMF", FRAME)],
    ],
    ids=["lossy", "profile", "alpha", "animated"],
)
def test_a_webp_is_still_taken(chunks):
    assert of(files.webp(*chunks), "a.webp") == "image/webp"


@pytest.mark.parametrize(
    "data",
    [
        files.pdf().rstrip(),
        files.pdf() + b"\r\n\0\0",
        files.pdf().replace(b"\n%%EOF\n", b"\r\n%%EOF\r\n"),
        files.pdf().replace(b"\n", b"\n%\xe2\xe3\xcf\xd3\n", 1),
        files.pdf("<</Type/Catalog>>", "<</Type/XRef/Root 1 0 R/Length 0>>stream\nendstream"),
        files.pdf("<</Type/Catalog>>", f"<</Length 99999>>stream{'x' * 99_999}endstream"),
    ],
    ids=["no newline", "bytes after", "windows", "binary mark", "stream", "long"],
)
def test_a_pdf_is_still_taken(data):
    assert of(data, "a.pdf") == "application/pdf"


# Anything

STARTS = [
    b"",
    *(data[:length] for data in SAMPLES.values() for length in (4, 12, 40)),
    b"\xff\xd8\xff\xe0",
    b"PK\5\6",
]
NAMES = [*SAMPLES, "a", "a.html", ""]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=400), st.sampled_from(NAMES))
def test_any_bytes_are_taken_or_refused_and_nothing_else_is_raised(start, data, name):
    refused_or([expected[1] for expected in EXPECTED.values()], start + data, name)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_a_sample_is_taken_or_refused_and_nothing_else_is_raised(drawn):
    name = drawn.draw(st.sampled_from(BINARIES))
    data = bytearray(SAMPLES[name])
    for _change in range(drawn.draw(st.integers(1, 4))):
        place = drawn.draw(st.integers(0, len(data) - 1))
        data[place : place + drawn.draw(st.integers(0, 3))] = drawn.draw(st.binary(max_size=3))
    refused_or([EXPECTED[name][1]], bytes(data), name)
