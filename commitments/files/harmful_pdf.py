"""PDFs that act when they are opened, or contain files. Names can be written with character codes,
comments count as white space, and objects can be compressed. A PDF is refused if it hides anything
from this module in a way that ordinary programs do not use."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext_lazy

ACTS = gettext_lazy(
    "The PDF has scripts, forms that send themselves, or other files inside. Print it into a new "
    "PDF and upload that."
)
OPENS = gettext_lazy(
    "The PDF opens an address or another file. Print it into a new PDF and upload that."
)
HIDES = gettext_lazy(
    "The PDF is packed in a way that cannot be checked. Print it into a new PDF and upload that."
)


def _name(*names: str) -> bytes:
    """Return a pattern for one of these names, in which any character may be written as its
    code."""
    # Looking at the first character alone rules most names out, which saves time.
    first = "".join({name[0] for name in names}).encode()
    spelled = (
        b"".join(b"(?:%c|#(?i:%02x))" % (character, character) for character in name.encode())
        for name in names
    )
    return b"/(?=[%b#])(?:%b)(?![A-Za-z0-9])" % (first, b"|".join(spelled))


PDF_BLANK = rb"[\0\t\n\f\r ]"
PDF_REFERENCE = rb"\d+%b+\d+%b+R(?![A-Za-z0-9])" % (PDF_BLANK, PDF_BLANK)

# Names too long to occur in compressed data by chance.
PDF_ACTIONS = re.compile(
    _name(
        "JavaScript",
        "Launch",
        "SubmitForm",
        "ImportData",
        "RichMedia",
        "EmbeddedFile",
        "EmbeddedFiles",
    )
)
OTHER_FILES = re.compile(_name("GoToR", "GoToE"))

# Shorter names count only with a value.
BLANKS = re.compile(rb"(?:[\0\t\n\f\r ]+|%[^\r\n]*+)*+")
PDF_FORMS, ENCRYPTION = re.compile(_name("XFA")), re.compile(_name("Encrypt"))
ON_OPENING, ON_EVENTS = re.compile(_name("OpenAction")), re.compile(_name("AA"))
# An array, a dictionary, or a reference, whose numbers may be separated by a comment.
COMPOUND = re.compile(rb"\[|<<|\d+%b*(?:%%|\d+%b*(?:%%|R))" % (PDF_BLANK, PDF_BLANK))
# A dictionary that is not empty, or a reference.
EVENTS = re.compile(rb"<<(?!%b*>>)|\d+%b*(?:%%|\d+%b*(?:%%|R))" % (PDF_BLANK, PDF_BLANK, PDF_BLANK))
# The most keys and object streams: more than any document that was not crafted to waste time.
MAX_KEYS = 10_000
# Digits of an object's number.
MAX_DIGITS = 12
MAX_REVISIONS = 10
MAX_BLANK_BYTES = 10_000_000

# Allowed on opening: going to a place in the document, or a named action such as NextPage.
DESTINATION = re.compile(rb"\[|null")
TARGET = re.compile(rb"(\d{1,9})%b+(\d{1,5})%b+R(?![A-Za-z0-9])" % (PDF_BLANK, PDF_BLANK))
HARMLESS_ACTION = re.compile(
    rb"<<(?:%(blank)b+|/Type%(blank)b*/Action\b|/S%(blank)b*/(?:GoTo|Named)\b|/N%(blank)b*/\w+"
    rb"|/S?D%(blank)b*(?:\[[^][()<>%%]*\]|\((?:[^()\\%%]|\\[^\r\n])*+\)|<[0-9A-Fa-f\s]*>|/[\w.+-]+"
    rb"|%(reference)b)"
    rb")*+>>" % {b"blank": PDF_BLANK, b"reference": PDF_REFERENCE}
)

# The type of a stream of objects may be missing, but not where the first object is; in an outline,
# the first entry is a reference.
OBJECT_STREAM = re.compile(
    rb"%b|%b%b*(?:%%|\d++(?!%b+\d+%b+R))"
    % (_name("ObjStm"), _name("First"), PDF_BLANK, PDF_BLANK, PDF_BLANK)
)
OBJECT_STREAM_HEAD = re.compile(
    rb"obj%(blank)b*<<(?:%(blank)b+|/Type%(blank)b*%(type)b|/First%(blank)b+(?P<first>\d+)"
    rb"|/(?:N|Length|Extends)%(blank)b+(?:%(reference)b|\d+)|/DecodeParms%(blank)b+null\b"
    rb"|(?P<filter>/Filter)%(blank)b*(?:/FlateDecode|\[%(blank)b*/FlateDecode%(blank)b*\])"
    rb"(?![A-Za-z0-9])"
    rb")*+>>%(blank)b*stream(?:\r\n|\n|\r)"
    % {b"blank": PDF_BLANK, b"reference": PDF_REFERENCE, b"type": _name("ObjStm")}
)
MAX_HEAD_BYTES = 1_000
# All object streams of a PDF together, packed and unpacked.
MAX_BYTES_OF_OBJECT_STREAMS = 50_000_000
PACKED_CHUNK_BYTES = 16_384
# The list of the objects in a stream comes before the first one.
MAX_LIST_BYTES = 1_000_000


class _Part(NamedTuple):
    """A part of a PDF that contains objects: the whole file, or an unpacked object stream, whose
    first object begins at `first`; -1 if the stream does not state it."""

    content: bytes
    first: int = -1


class _Hidden(Exception):
    """It cannot be found out what the PDF does."""


def is_encrypted(content: bytes) -> bool:
    """Return whether a PDF is encrypted, or hides whether it is."""
    try:
        return any(COMPOUND.match(content, value) for value in _values(content, ENCRYPTION))
    except _Hidden:
        return True


def harm_of_pdf(content: bytes) -> object:
    """Return why a PDF that is not encrypted is refused, "" if it is not."""
    parts = [_Part(content)]
    try:
        reason = _harm_of_part(content)
        for part in () if reason else _object_streams(content):
            reason = reason or _harm_of_part(part.content)
            parts.append(part)
        return reason or ("" if _opens_harmlessly(parts) else OPENS)
    except _Hidden:
        return HIDES


def _harm_of_part(content: bytes) -> object:
    if PDF_ACTIONS.search(content):
        return ACTS
    if any(COMPOUND.match(content, value) for value in _values(content, PDF_FORMS)):
        return ACTS
    if OTHER_FILES.search(content):
        return OPENS
    # Without scripts, events of pages and forms serve only to lure or to track readers.
    on_events = _values(content, ON_EVENTS)
    return OPENS if any(EVENTS.match(content, value) for value in on_events) else ""


def _values(content: bytes, key: re.Pattern[bytes]) -> Iterator[int]:
    """Yield where the values of a key begin. Raise _Hidden if there are too many, or if finding
    them takes too long."""
    left = MAX_BLANK_BYTES
    for number, name in enumerate(key.finditer(content)):
        blanks = BLANKS.match(content, name.end())
        begin = blanks.end() if blanks else name.end()
        left -= begin - name.end()
        if number == MAX_KEYS or left < 0:
            raise _Hidden
        yield begin


# What happens on opening


def _opens_harmlessly(parts: list[_Part]) -> bool:
    """Return whether, on opening, the PDF only shows a place in itself."""
    references = set[tuple[int, int]]()
    for content, _first in parts:
        for value in _values(content, ON_OPENING):
            reference = TARGET.match(content, value)
            if reference:
                references.add((int(reference[1]), int(reference[2])))
            elif not _is_harmless(content, value):
                return False
    # Each revision of a document may have one.
    if len(references) > MAX_REVISIONS:
        raise _Hidden
    for number, generation in references:
        objects = list(_objects(parts, number, generation))
        if not objects or not all(_is_harmless(*found) for found in objects):
            return False
    return True


def _is_harmless(content: bytes, begin: int) -> bool:
    return bool(DESTINATION.match(content, begin) or HARMLESS_ACTION.match(content, begin))


def _objects(parts: list[_Part], number: int, generation: int) -> Iterator[tuple[bytes, int]]:
    """Yield the parts that have an object of this number, and where its value begins there."""
    content = parts[0].content
    numbers = (number, PDF_BLANK, generation, PDF_BLANK)
    head = re.compile(rb"(?<!\d)0*%d%b+0*%d%b+obj" % numbers)
    for place in _values(content, head):
        yield content, place
    for packed, first in parts[1:]:
        if not 0 <= first <= MAX_LIST_BYTES:
            raise _Hidden
        places = packed[:first].split()
        for listed, offset in zip(places[::2], places[1::2], strict=False):
            if listed.isdigit() and int(listed[:MAX_DIGITS]) == number and offset.isdigit():
                value = BLANKS.match(packed, first + int(offset[:9]))
                yield packed, value.end() if value else first


# Objects that are packed together


def _object_streams(content: bytes) -> Iterator[_Part]:
    """Yield what is in the object streams. Raise _Hidden if one is written or packed in a way that
    programs do not use, or if they are too large to be searched."""
    budget, end = MAX_BYTES_OF_OBJECT_STREAMS, 0
    for number, name in enumerate(OBJECT_STREAM.finditer(content)):
        if number == 2 * MAX_KEYS:
            raise _Hidden
        if name.start() < end:
            # A second `/ObjStm` within the header that was just read.
            continue
        begin = content.rfind(b"obj", max(0, name.start() - MAX_HEAD_BYTES), name.start())
        head = OBJECT_STREAM_HEAD.match(content, begin) if begin >= 0 else None
        if head is None or head.end() < name.end():
            raise _Hidden
        end = head.end()
        try:
            unpacked, read = _unpacked(content, end, budget)
        except zlib.error:
            if head["filter"]:
                raise _Hidden from None
            # The stream is not compressed, so its content has been searched with the rest of the
            # file. If it contains a false `endstream`, an opening action behind it is not found,
            # and the file is refused for that.
            stop = content.find(b"endstream", end, end + budget)
            unpacked, read = content[end : stop if stop >= 0 else end + budget], 0
        budget -= len(unpacked) + read
        if budget < 0:
            raise _Hidden
        yield _Part(unpacked, int(head["first"] or -1))


def _unpacked(content: bytes, begin: int, limit: int) -> tuple[bytes, int]:
    """Return the compressed data that begin here, unpacked up to their own end, and how many bytes
    were read for that. Raise _Hidden if both together exceed `limit`, give or take a chunk."""
    unpacker, parts, size, place = zlib.decompressobj(), list[bytes](), 0, begin
    while not unpacker.eof and place < len(content):
        parts.append(unpacker.decompress(content[place : place + PACKED_CHUNK_BYTES]))
        place += PACKED_CHUNK_BYTES
        size += len(parts[-1])
        if size + place - begin > limit + PACKED_CHUNK_BYTES:
            raise _Hidden
    return b"".join(parts), place - begin
