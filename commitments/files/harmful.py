"""What harms whoever opens a file, though its type is accepted: it runs or fetches something, holds
programs, or is a picture of a size that exhausts memory.

The ways of office files and PDF that are known to be used for this are refused; it is no scan for
viruses. Each function returns the reason, "" if there is none.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext_lazy

EMBEDDED = gettext_lazy(
    "The file has other files or programs inside (OLE). Remove them or save it as PDF, and upload "
    "it again."
)
FETCHES = gettext_lazy(
    "The file fetches a template or an object from elsewhere when it is opened. Save it as PDF and "
    "upload that."
)
DDE = gettext_lazy(
    "The file takes data from other programs when it is opened (DDE). Remove these fields or save "
    "it as PDF, and upload it again."
)
PDF_ACTS = gettext_lazy(
    "The PDF has scripts, forms that send themselves, or other files inside. Print it into a new "
    "PDF and upload that."
)
HUGE = gettext_lazy("The picture has more than %(most)s pixels. Make it smaller.")

# Office files

PROGRAM_MEMBER = re.compile(r"(?:^|[/\\])embeddings[/\\][^/\\]*\.(?:bin|exe|js|vbs|lnk)$", re.I)
# The last part of the type of a relation in Office Open XML, which says what it leads to.
OLE_RELATIONS = ("oleObject", "control")
FETCHED_RELATIONS = ("attachedTemplate", "frame", "subDocument", "aFChunk")
# Members with relations, and those with fields and links: the texts of a document, the links of a
# workbook, the content of an OpenDocument file.
RELATION_MEMBER = re.compile(r"\.rels$", re.I)
WITH_FIELDS = re.compile(r"^(?:word/[^/]+\.xml|xl/externalLinks/[^/]+\.xml|content\.xml)$", re.I)
DDE_ELEMENTS = ("ddeLink", "oleLink", "dde-source", "dde-connection-decl")
EMBEDDING_ELEMENTS = ("applet", "plugin", "object-ole")
DDE_FIELD = re.compile(r"\s*DDE(?:AUTO)?\b", re.I)
FIELD_NAME_LENGTH = 32

# PDF


def _pdf_name(name: str) -> bytes:
    """Return a pattern for a name of PDF, in which any character may be written as its code."""
    return b"/" + b"".join(
        b"(?:%c|#(?i:%02x))" % (character, character) for character in name.encode()
    )


# Names so long that compressed data do not have them by chance.
PDF_ACTION_NAMES = (
    "JavaScript",
    "Launch",
    "SubmitForm",
    "ImportData",
    "RichMedia",
    "EmbeddedFile",
    "EmbeddedFiles",
)
PDF_ACTIONS = re.compile(
    b"(?:%b)(?![A-Za-z0-9])|%b\\s*(?:\\[|\\d+\\s+\\d+\\s+R)"
    % (b"|".join(map(_pdf_name, PDF_ACTION_NAMES)), _pdf_name("XFA"))
)
PDF_OBJECT_STREAM = re.compile(_pdf_name("ObjStm"))
PDF_STREAM = re.compile(rb"stream\r?\n")
# Between the type of a stream, in the dictionary before it, and its beginning.
MAX_DICTIONARY_BYTES = 500
# All object streams of a PDF together; the rest is not searched.
MAX_UNPACKED_BYTES_OF_PDF = 50_000_000

# Pictures

JPEG_MARK, LENGTH_BYTES = 0xFF, 2
# The segments of JPEG that state the size (ITU-T T.81, table B.1).
JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# A photo of the best cameras has 200 million.
MAX_PICTURE_PIXELS = 250_000_000


def harm_of_office(container: zipfile.ZipFile) -> object:
    """Raise expat.ExpatError if a member that is looked at is no XML."""
    for member in container.infolist():
        if PROGRAM_MEMBER.search(member.filename):
            return EMBEDDED
        if RELATION_MEMBER.search(member.filename) or WITH_FIELDS.search(member.filename):
            with container.open(member) as stream:
                reason = _Elements().harm_in(stream)
            if reason:
                return reason
    return ""


class _Elements:
    """Reads XML without keeping it, since a document may have hundreds of megabytes."""

    def __init__(self) -> None:
        self.reason: object = ""
        # The instructions of the fields that are open, since fields may be within one another.
        self.fields: list[str] = []
        self.is_instruction = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take_text
        self.parser.StartDoctypeDeclHandler = self._refuse_entities

    def harm_in(self, stream: IO[bytes]) -> object:
        while not self.reason and (part := stream.read(65_536)):
            self.parser.Parse(part, False)
        if not self.reason:
            self.parser.Parse(b"", True)
        return self.reason

    def _refuse_entities(self, *declaration: object) -> None:
        raise expat.ExpatError("A document type is declared.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        values = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if local in DDE_ELEMENTS:
            self.reason = DDE
        elif local in EMBEDDING_ELEMENTS:
            self.reason = EMBEDDED
        elif local == "Relationship":
            self.reason = self.reason or _harm_of_relation(values)
        elif local == "fldSimple":
            self._check_field(values.get("instr", ""))
        elif local == "fldChar":
            self._follow_field(values.get("fldCharType", ""))
        self.is_instruction = local == "instrText"

    def _end(self, name: str) -> None:
        self.is_instruction = False

    def _take_text(self, text: str) -> None:
        if self.is_instruction and self.fields:
            # An instruction begins with the name of its field, which is short.
            self.fields[-1] = (self.fields[-1] + text).lstrip()[:FIELD_NAME_LENGTH]
            self._check_field(self.fields[-1])

    def _follow_field(self, change: str) -> None:
        if change == "begin":
            self.fields.append("")
        elif change == "end" and self.fields:
            self.fields.pop()

    def _check_field(self, instruction: str) -> None:
        if DDE_FIELD.match(instruction):
            self.reason = DDE


def _harm_of_relation(values: dict[str, str]) -> object:
    kind = values.get("Type", "").rpartition("/")[2]
    if kind in OLE_RELATIONS:
        return EMBEDDED
    is_elsewhere = values.get("TargetMode", "").lower() == "external"
    return FETCHES if is_elsewhere and kind in FETCHED_RELATIONS else ""


def harm_of_pdf(content: bytes) -> object:
    parts = (content, *_object_streams(content))
    return PDF_ACTS if any(map(PDF_ACTIONS.search, parts)) else ""


def _object_streams(content: bytes) -> Iterator[bytes]:
    """Yield what is in the compressed streams of objects."""
    left, place = MAX_UNPACKED_BYTES_OF_PDF, 0
    while left > 0 and (name := PDF_OBJECT_STREAM.search(content, place)):
        place = name.end()
        begin = PDF_STREAM.search(content, place, place + MAX_DICTIONARY_BYTES)
        if begin is None:
            continue
        place = content.find(b"endstream", begin.end())
        place = len(content) if place < 0 else place
        with suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(content[begin.end() : place], left)
            left -= len(unpacked)
            yield unpacked


def harm_of_picture(content: bytes) -> object:
    width, height = _size_of_picture(content)
    return (
        str(HUGE) % {"most": f"{MAX_PICTURE_PIXELS:,}"}
        if width * height > MAX_PICTURE_PIXELS
        else ""
    )


def _size_of_picture(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels, zeros if the file does not say."""
    try:
        if content.startswith(b"\x89PNG"):
            return struct.unpack_from(">II", content, 16)
        if content.startswith(b"RIFF"):
            return _size_of_webp(content)
        return _size_of_jpeg(content)
    except struct.error:
        return 0, 0


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    place = 2
    while True:
        mark, marker, length = struct.unpack_from(">BBH", content, place)
        if mark != JPEG_MARK or length < LENGTH_BYTES:
            return 0, 0
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        place += 2 + length


def _size_of_webp(content: bytes) -> tuple[int, int]:
    if content[12:16] == b"VP8X":
        low, high = content[24:27], content[27:30]
        return int.from_bytes(low, "little") + 1, int.from_bytes(high, "little") + 1
    if content[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF
