"""The people whom a stored file names as authors: metadata of office files and PDFs name those who
wrote and changed them, even if the document does not. The file is not changed, since it may be
signed, but the person who publishes it should know.

Names are found where programs usually write them. That none is found does not mean that there is
none: in a PDF they may be compressed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import IO

from commitments.exceptions import FileRefused
from commitments.files.file_types import (
    MAX_MEMBER_BYTES,
    OPEN_DOCUMENT,
    OPEN_XML,
    PDF,
    XML_ERRORS,
    ZIP_ERRORS,
    check_members,
    parse_xml,
    read_member,
)
from commitments.files.storage import INVISIBLE

# The rest of a larger file is not searched.
MAX_SEARCHED_BYTES = 50_000_000
MAX_NAMES = 20
MAX_NAME_LENGTH = 200
# Authors in a PDF, and XMP packets. Includes the metadata of pictures embedded in a PDF.
MAX_VALUES = 200
HOSTILE_INPUT_ERRORS = (FileRefused, *ZIP_ERRORS, *XML_ERRORS)

CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
OFFICE = "http://schemas.openxmlformats.org/{}"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/{}"
# The members of office files that contain names, by the beginning of the media type, each with the
# elements that hold them.
NAMING_MEMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    OPEN_XML: {
        "docProps/core.xml": (
            CREATOR,
            f"{{{OFFICE.format('package/2006/metadata/core-properties')}}}lastModifiedBy",
        ),
        "docProps/app.xml": tuple(
            f"{{{namespace}}}{name}"
            for namespace in (
                OFFICE.format("officeDocument/2006/extended-properties"),
                STRICT_OFFICE.format("officeDocument/extendedProperties"),
            )
            for name in ("Manager", "Company")
        ),
    },
    OPEN_DOCUMENT: {
        "meta.xml": (
            "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}initial-creator",
            CREATOR,
        ),
    },
}

# Strings of PDF are in parentheses or in hexadecimal; a value may be a reference to another object.
PDF_AUTHOR = re.compile(
    rb"/Author[\0\s]{0,9}(?:(\(|<(?!<))|(\d{1,9})[\0\s]{1,9}(\d{1,5})[\0\s]{1,9}R)"
)
PDF_STRING_OBJECT = re.compile(rb" obj[\0\s]{0,9}(\(|<(?!<))")
PDF_OBJECT_NUMBER = re.compile(rb"(?<!\d)(\d{1,9}) (\d{1,5})\Z")
# More than any document that was not crafted to waste time.
MAX_PDF_STRING_OBJECTS = 10_000
MAX_PDF_STRING_BYTES = 2_000
PDF_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f\0\s]{0,%d}" % MAX_PDF_STRING_BYTES)
PDF_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
PDF_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
PDF_LINE_ENDS = {b"\n", b"\r", b"\r\n"}
XMP_BEGIN, XMP_END = b"<?xpacket begin=", b"<?xpacket end="

# PDFDocEncoding where it differs from Latin-1 (ISO 32000-1, table D.2).
PDF_CHARACTERS = dict(
    zip(
        (*range(0x18, 0x20), *range(0x80, 0x9F), 0xA0),
        "˘ˇˆ˙˝˛˚˜•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž€",
        strict=True,
    )
)


def named_in(file: IO[bytes], media_type: str) -> list[str]:
    """Return the names of people and organisations that a stored file carries beside its content,
    each once, at most MAX_NAMES. Return none for malformed or hostile input."""
    names: dict[str, None] = {}
    with suppress(*HOSTILE_INPUT_ERRORS):
        file.seek(0)
        content = file.read(MAX_SEARCHED_BYTES)
        for found in _names(content, media_type):
            name = INVISIBLE.sub("", " ".join(found.split()))[:MAX_NAME_LENGTH].strip()
            names |= {name: None} if name else {}
            if len(names) == MAX_NAMES:
                break
    return list(names)


def _names(content: bytes, media_type: str) -> Iterator[str]:
    if media_type == PDF.media_type:
        yield from _names_in_pdf(content)
        yield from _names_in_xmp(content)
    for beginning, members in NAMING_MEMBERS.items():
        if media_type.startswith(beginning):
            yield from _names_in_office(content, members)


def _names_in_office(content: bytes, members: dict[str, tuple[str, ...]]) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        check_members(container.infolist(), len(content))
        present = set(container.namelist())
        for member, tags in members.items():
            if member in present:
                with suppress(*HOSTILE_INPUT_ERRORS):
                    yield from _names_in_xml(read_member(container, member), tags)


def _names_in_xml(xml: bytes, tags: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of these elements, or of the items of a list in them."""
    for element in parse_xml(xml).iter():
        if element.tag in tags:
            texts = (item.text for item in (element, *element.iterfind("*/*")))
            yield from (text for text in texts if text)


# PDF


def _names_in_pdf(content: bytes) -> Iterator[str]:
    for start in islice(_authors_in_pdf(content), MAX_VALUES):
        yield _pdf_text(_pdf_string(content, start))


def _authors_in_pdf(content: bytes) -> Iterator[int]:
    """Yield where the strings with the authors begin, in all revisions that the PDF contains."""
    references = set[tuple[int, int]]()
    for match in islice(PDF_AUTHOR.finditer(content), MAX_VALUES):
        if match[1]:
            yield match.start(1)
        else:
            references.add((int(match[2]), int(match[3])))
    strings = PDF_STRING_OBJECT.finditer(content) if references else iter(())
    for match in islice(strings, MAX_PDF_STRING_OBJECTS):
        number = PDF_OBJECT_NUMBER.search(content[max(0, match.start() - 16) : match.start()])
        if number and (int(number[1]), int(number[2])) in references:
            yield match.start(1)


def _pdf_string(content: bytes, start: int) -> bytes:
    """Return the bytes of the string that begins here; none if it has no end within
    MAX_PDF_STRING_BYTES."""
    if content[start : start + 1] == b"<":
        match = PDF_HEXADECIMAL.match(content, start + 1)
        digits = b"".join(match[0].replace(b"\0", b"").split()) if match else b""
        is_closed = match and content[match.end() : match.end() + 1] == b">"
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()) if is_closed else b""
    depth, place, last = 1, start + 1, start + MAX_PDF_STRING_BYTES
    while depth and place < min(last, len(content)):
        character = content[place : place + 1]
        depth += {b"(": 1, b")": -1}.get(character, 0)
        place += 2 if character == b"\\" else 1
    return PDF_ESCAPE.sub(_unescaped, content[start + 1 : place - 1]) if not depth else b""


def _unescaped(match: re.Match[bytes]) -> bytes:
    octal, escaped = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    return b"" if escaped in PDF_LINE_ENDS else PDF_ESCAPED.get(escaped, escaped)


def _pdf_text(string: bytes) -> str:
    """Return a text string, which is in UTF-16 or UTF-8 if it has a byte order mark."""
    if string.startswith((b"\xfe\xff", b"\xff\xfe")):
        return string.decode("utf-16", "ignore")
    if string.startswith(b"\xef\xbb\xbf"):
        return string.decode("utf-8-sig", "ignore")
    return string.decode("latin-1").translate(PDF_CHARACTERS)


def _names_in_xmp(content: bytes) -> Iterator[str]:
    for packet in islice(_xmp_packets(content), MAX_VALUES):
        with suppress(*HOSTILE_INPUT_ERRORS):
            yield from _names_in_xml(packet, (CREATOR,))


def _xmp_packets(content: bytes) -> Iterator[bytes]:
    """Yield the XMP packets that are not compressed, without their processing instructions."""
    begin = content.find(XMP_BEGIN)
    while begin >= 0 and (end := content.find(XMP_END, begin)) >= 0:
        if end - begin <= MAX_MEMBER_BYTES:
            yield content[begin:end].partition(b"?>")[2].strip()
        begin = content.find(XMP_BEGIN, end)
