"""A picture that would exhaust memory is refused, as is one that does not say how large it is."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.exceptions import FileRefused
from commitments.files.storage import inspect_upload
from tests import steps
from tests.examples import examples
from tests.files import sample_files as files

pytestmark = pytest.mark.alike

HUGE, DAMAGED = "more than 250,000,000 pixels", "damaged or incomplete"
LARGEST, ALLOWED = (65_535, 65_535), (16_320, 12_240)
FILL = b"\xff"


def refusal(data, name):
    """Return why an upload is refused, "" if it is accepted."""
    try:
        inspect_upload(steps.upload(name, data))
    except FileRefused as error:
        return str(error)
    return ""


def png(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return files.PNG[:8] + files.png_chunk(b"IHDR", head) + files.PNG[8 + 12 + 13 :]


def jpeg(width, height, fill=b"", frame=0xC2):
    data = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    scan = files.jpeg_segment(0xDA, b"\1\1\0\0\0\0") + b"\0"
    return b"\xff\xd8" + fill + files.jpeg_segment(frame, data) + scan + b"\xff\xd9"


def riff(*chunks):
    content = b"WEBP" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(content)) + content


def less_one(width, height):
    return (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def canvas(width, height):
    return files.webp_chunk(b"VP8X", bytes(4) + less_one(width, height))


def simple(width, height):
    return files.webp_chunk(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width, height):
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return files.webp_chunk(b"VP8L", b"\x2f" + bits)


def frame(width, height):
    return files.webp_chunk(b"ANMF", bytes(6) + less_one(width, height) + bytes(4) + simple(9, 9))


def webp(width, height):
    return riff(canvas(width, height), simple(9, 9))


@pytest.mark.parametrize(("picture", "name"), [(png, "a.png"), (jpeg, "a.jpg"), (webp, "a.webp")])
def test_a_picture_that_would_exhaust_memory_is_refused(picture, name):
    assert HUGE in refusal(picture(*LARGEST), name)
    assert refusal(picture(*ALLOWED), name) == ""


@pytest.mark.parametrize("number", [1, 2, 7])
def test_fill_bytes_do_not_hide_the_size_of_a_jpeg(number):
    assert HUGE in refusal(jpeg(*LARGEST, fill=number * FILL), "a.jpg")
    assert refusal(jpeg(*ALLOWED, fill=number * FILL), "a.jpg") == ""


@pytest.mark.parametrize(
    "chunks",
    [
        (files.webp_chunk(b"VP8Z", bytes(20)), canvas(*LARGEST), simple(9, 9)),
        (simple(9, 9), canvas(*LARGEST)),
        (simple(16_383, 16_383),),
        (lossless(16_384, 16_384),),
        (canvas(9, 9), frame(*LARGEST)),
    ],
)
def test_the_largest_part_of_a_webp_counts_wherever_it_is(chunks):
    before = files.webp_chunk(b"VP8 ", simple(9, 9)[8:])
    assert HUGE in refusal(riff(*chunks), "a.webp")
    assert HUGE in refusal(riff(before, *chunks), "a.webp")


@pytest.mark.parametrize("chunk", [simple, lossless, canvas, frame])
def test_each_kind_of_webp_is_accepted(chunk):
    parts = (canvas(100, 16_383), chunk(100, 16_383), simple(100, 200))
    assert refusal(riff(*parts), "a.webp") == ""


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (jpeg(100, 0), "a.jpg"),
        (jpeg(100, 100, frame=0xDB), "a.jpg"),
        (png(0, 100), "a.png"),
        (files.PNG[:8] + files.png_chunk(b"IHDR", b"\0\0\0\1") + files.PNG[33:], "a.png"),
        (riff(files.webp_chunk(b"VP8 ", bytes(20))), "a.webp"),
        (riff(files.webp_chunk(b"VP8L", bytes(20))), "a.webp"),
        (riff(canvas(9, 9), files.webp_chunk(b"ANMF", b"short")), "a.webp"),
        (riff(files.webp_chunk(b"VP8Z", bytes(20)), files.webp_chunk(b"ANMF", b"")), "a.webp"),
    ],
)
def test_a_picture_that_does_not_say_its_size_is_refused(data, name):
    assert DAMAGED in refusal(data, name)


@given(st.binary(max_size=60))
@settings(max_examples=examples(200))
def test_pictures_of_any_bytes_are_read_without_an_error(rest):
    for beginning, name in (
        (b"\x89PNG\r\n\x1a\n", "a.png"),
        (b"\xff\xd8\xff", "a.jpg"),
        (b"RIFF____WEBPVP8 ", "a.webp"),
        (riff(canvas(9, 9)), "a.webp"),
    ):
        refusal(beginning + rest, name)
