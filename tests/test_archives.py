"""Archives, and office files that are bombs: refused."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zlib
from contextlib import contextmanager

import pytest

from tests import files
from tests.files import (
    CONTENT_TYPES,
    DAMAGED,
    SAMPLES,
    TOO_LARGE,
    of,
    refused,
)

pytestmark = pytest.mark.alike


# Archives


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.odt", "a.txt"])
@pytest.mark.parametrize(
    "members",
    [
        {"minutes.txt": "x"},
        {"minutes.docx": SAMPLES["minutes.docx"]},
        {"word/document.xml": "<w:document/>"},
        {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "Run.class": b"\xca\xfe\xba\xbe"},
        {"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"},
        {"AndroidManifest.xml": "x", "classes.dex": "dex\n035"},
    ],
    ids=["zip", "zipped docx", "half a docx", "jar", "epub", "apk"],
)
def test_a_zip_that_is_no_office_file_is_refused(members, name):
    refused(files.zipped(members), name, "archive")


def tar(form):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo("note.txt"))
    return data.getvalue()


@pytest.mark.parametrize("name", ["a.gz", "a.txt", "a.csv", "a.pdf", "a.docx"])
@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"note"),
        bz2.compress(b"note"),
        lzma.compress(b"note"),
        b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24),
        b"Rar!\x1a\7\1\0" + bytes(24),
        b"Rar!\x1a\7\0" + bytes(24),
        b"\x28\xb5\x2f\xfd\x04\x00\x21\x00\x00note",
        tar(tarfile.USTAR_FORMAT),
        tar(tarfile.GNU_FORMAT),
    ],
    ids=["gz", "bz2", "xz", "7z", "rar", "old rar", "zstd", "tar", "gnu tar"],
)
def test_an_archive_is_refused(data, name):
    refused(data, name, "an archive")


# Bombs


def with_directory(data, place, value, form="<I"):
    """With another value at this place of the directory's entry of the last member."""
    data = bytearray(data)
    struct.pack_into(form, data, data.rindex(b"PK\1\2") + place, value)
    return bytes(data)


CHECKSUM, UNPACKED, PLACE = 16, 24, 42


def test_a_member_that_packs_too_well_is_refused():
    members = files.word() | {"word/media/a.bmp": bytes(20_000_000)}
    refused(files.zipped(members, compression=files.zipfile.ZIP_DEFLATED), "a.docx", TOO_LARGE)


def test_many_members_that_pack_too_well_are_refused():
    members = files.word() | {f"word/media/{number}.bmp": bytes(9_900_000) for number in range(4)}
    refused(files.zipped(members, compression=files.zipfile.ZIP_DEFLATED), "a.docx", TOO_LARGE)


def test_a_member_that_says_it_is_vast_is_refused():
    refused(with_directory(SAMPLES["minutes.docx"], UNPACKED, 2**32 - 2), "a.docx", TOO_LARGE)


@pytest.mark.parametrize("said", [0, 100])
def test_a_member_longer_than_it_says_is_refused(said):
    """Its checksum is right for what it says, which is where a careless reader stops."""
    members = files.word() | {"word/media/a.bmp": bytes(1_000_000)}
    data = files.zipped(members, compression=files.zipfile.ZIP_DEFLATED)
    data = with_directory(data, UNPACKED, said)
    refused(data, "a.docx", DAMAGED)
    refused(with_directory(data, CHECKSUM, zlib.crc32(bytes(said))), "a.docx")


def test_a_member_shorter_than_it_says_is_refused():
    refused(with_directory(SAMPLES["minutes.docx"], UNPACKED, 5_000), "a.docx", DAMAGED)


def test_too_many_members_are_refused():
    members = files.word() | {f"word/{number}": "" for number in range(5_001)}
    refused(files.zipped(members), "a.docx", TOO_LARGE)


def test_members_that_overlap_are_refused():
    """Two entries of the directory share one content."""
    members = files.word() | {"word/media/a.bmp": "x" * 5_000, "word/media/b.bmp": "x" * 5_000}
    data = files.zipped(members)
    directory = data.index(b"PK\1\2")
    first = data.index(b"word/media/a.bmp") - 30
    refused(with_directory(data, PLACE, first), "a.docx")
    # The same name, so that the entry and what it points to agree.
    data = data[:directory] + data[directory:].replace(b"b.bmp", b"a.bmp")
    refused(with_directory(data, PLACE, first), "a.docx")


def test_members_within_one_another_are_refused():
    """The content of one begins with the header of the next, so both are right by themselves."""
    inner = files.zipped({"word/media/b.bmp": "x" * 5_000})
    inner = inner[: inner.index(b"PK\1\2")]
    members = files.word() | {"word/media/a.bmp": inner, "word/media/b.bmp": "x" * 5_000}
    data = files.zipped(members)
    refused(with_directory(data, PLACE, data.index(inner)), "a.docx")


@pytest.mark.parametrize("packing", [files.zipfile.ZIP_BZIP2, files.zipfile.ZIP_LZMA])
@pytest.mark.parametrize("broken", [False, True])
def test_members_packed_as_no_office_program_packs_are_refused(packing, broken):
    data = bytearray(files.zipped(files.word(), compression=packing))
    if broken:
        data[65] ^= 0xFF
    refused(bytes(data), "a.docx")


@contextmanager
def soon():
    """What is written to keep the reader busy is done with before long."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 0.5


def test_content_types_that_never_end_are_refused_soon():
    members = files.word() | {CONTENT_TYPES: "<Override " * 12_000}
    data = files.zipped(members, compression=files.zipfile.ZIP_DEFLATED)
    with soon():
        refused(data, "a.docx")


def test_a_pdf_that_begins_with_a_long_number_is_read_soon():
    data = b"%PDF-1.7\n" + b"1" * 15_000 + files.pdf()[8:]
    with soon():
        assert of(data, "a.pdf") == "application/pdf"
