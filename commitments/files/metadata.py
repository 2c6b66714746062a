"""The metadata of images: where, when, with which camera and by whom a picture was taken. It is
removed from uploads before they are hashed and stored, since whoever downloads evidence could read
it. The picture data stay as they are, byte for byte.

Only listed parts, those that are needed to show the picture, are kept, and everything else is left
out: comments, EXIF, XMP and IPTC, thumbnails of what was cropped, and whatever future cameras add.
What follows the end of the image is removed too, such as the video of a moving photo, which has a
position of its own. Of EXIF only the orientation is kept: without it, a photo taken upright would
lie on its side.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from commitments.exceptions import FileRefused
from commitments.files.file_types import DAMAGED

_Part = TypeVar("_Part")
# More than any real image. Walking through millions of empty parts would block a worker.
MAX_PARTS = 50_000

ORIENTATION_TAG, SHORT = 0x0112, 3
# As entry 1 of 1, after the head of a big-endian TIFF file; no further entries follow.
UPRIGHT, ORIENTATIONS = 1, range(1, 9)
ONLY_ORIENTATION = struct.Struct(">4sIHHHIHHI")

JPEG_START, JPEG_END, START_OF_SCAN = 0xD8, 0xD9, 0xDA
JFIF, EXIF_SEGMENT = 0xE0, 0xE1
# Frames, tables and scans, as the standard numbers them (ITU-T T.81, table B.1).
PICTURE_SEGMENTS = {*range(0xC0, 0xC8), *range(0xC9, 0xD0), *range(START_OF_SCAN, 0xE0)}
# The application segments that say how to read the colours, each with its first bytes.
COLOUR_SEGMENTS = {JFIF: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
OTHER_SEGMENTS = {*range(0xE0, 0xF0), 0xFE}
EXIF_HEAD = b"Exif\0\0"
LENGTH_BYTES = 2
# The length of a JFIF segment before the size of its thumbnail.
JFIF_BYTES = 12
MARKER = re.compile(rb"\xff+([^\x00\xff])")
# Within a scan, 0xFF is followed by zero, and restart markers belong to the data.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

PNG_HEAD_BYTES = 8
# Apart from the pixels: transparency, colours, size of a pixel and animation.
PNG_CHUNKS = set(
    b"IHDR PLTE IDAT IEND tRNS bKGD gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI pHYs "
    b"acTL fcTL fdAT".split()
)
WEBP_PICTURES = {b"VP8 ", b"VP8L", b"ANMF"}
WEBP_CHUNKS = WEBP_PICTURES | {b"VP8X", b"ALPH", b"ANIM", b"ICCP"}
# A VP8X chunk has flags, then the size of the picture.
WEBP_HEAD = struct.Struct("<I6s")
EXIF_FLAG, XMP_FLAG = 0x08, 0x04


def without_metadata(content: bytes, media_type: str) -> bytes:
    """Return an image without its metadata, any other file unchanged. Raise FileRefused if the
    image is malformed."""
    parts = KEPT_PARTS.get(media_type)
    if parts is None:
        return content
    try:
        return b"".join(parts(content))
    except struct.error as error:
        raise FileRefused(str(DAMAGED)) from error


def _require(condition: object) -> None:
    if not condition:
        raise FileRefused(str(DAMAGED))


def _limited(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Yield the parts of a picture; refuse it if there are more than `MAX_PARTS`."""
    for number, part in enumerate(parts):
        _require(number < MAX_PARTS)
        yield part


def _only_orientation(exif: bytes) -> bytes:
    """Return EXIF data with only the orientation of these; b"" if the picture is upright, or if no
    reader would find an orientation."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return b""
    try:
        (place,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, place)
        for number in range(count):
            entry = struct.unpack_from(f"{order}HHIH", exif, place + 2 + 12 * number)
            if entry[:3] == (ORIENTATION_TAG, SHORT, 1):
                orientation = entry[3] if entry[3] in ORIENTATIONS else UPRIGHT
                break
        else:
            return b""
    except struct.error:
        return b""
    if orientation == UPRIGHT:
        return b""
    return ONLY_ORIENTATION.pack(b"MM\0*", 8, 1, ORIENTATION_TAG, SHORT, 1, orientation, 0, 0)


# JPEG


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    yield bytes((0xFF, JPEG_START))
    has_scan = False
    for marker, segment, scan in _limited(jpeg_segments(content)):
        kept = _kept_segment(marker, segment)
        if kept:
            yield struct.pack(">BBH", 0xFF, marker, LENGTH_BYTES + len(kept)) + kept
            yield scan
            has_scan = has_scan or bool(scan)
    _require(has_scan)
    yield bytes((0xFF, JPEG_END))


def jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield of each segment, up to the end of the image, the marker, the content and, for a scan,
    the data that follow."""
    place = 2
    while match := MARKER.match(content, place):
        marker, place = match[1][0], match.end()
        if marker == JPEG_END:
            return
        (length,) = struct.unpack_from(">H", content, place)
        end = place + length
        _require(length >= LENGTH_BYTES and end <= len(content))
        segment, place = content[place + LENGTH_BYTES : end], end
        if marker == START_OF_SCAN:
            following = END_OF_SCAN.search(content, end)
            place = following.start() if following else len(content)
        yield marker, segment, content[end:place]
    raise FileRefused(str(DAMAGED))


def _kept_segment(marker: int, segment: bytes) -> bytes:
    """Return what is kept of a segment, b"" if it is left out."""
    if marker in PICTURE_SEGMENTS:
        return segment
    _require(marker in OTHER_SEGMENTS)
    if marker == EXIF_SEGMENT and segment.startswith(EXIF_HEAD):
        only = _only_orientation(segment.removeprefix(EXIF_HEAD))
        return only and EXIF_HEAD + only
    beginning = COLOUR_SEGMENTS.get(marker)
    if beginning is None or not segment.startswith(beginning):
        return b""
    return segment[:JFIF_BYTES] + bytes(2) if marker == JFIF else segment


# PNG


def _png_parts(content: bytes) -> Iterator[bytes]:
    yield content[:PNG_HEAD_BYTES]
    names = set[bytes]()
    for name, data, chunk in _limited(png_chunks(content)):
        _require(names or name == b"IHDR")
        # A capital first letter says that the picture cannot be shown without the chunk.
        _require(name in PNG_CHUNKS or name[:1].islower())
        if name in PNG_CHUNKS:
            yield chunk
        elif name == b"eXIf" and (only := _only_orientation(data)):
            yield struct.pack(">I4s", len(only), name) + only
            yield struct.pack(">I", zlib.crc32(name + only))
        names.add(name)
    _require(b"IDAT" in names)


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the name, the data and the whole of each chunk, up to the end of the image."""
    place, name = PNG_HEAD_BYTES, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        _require(end <= len(content) and name.isalpha() and (name != b"IEND" or not length))
        yield name, content[place + 8 : place + 8 + length], content[place:end]
        place = end


# WebP


def _webp_parts(content: bytes) -> Iterator[bytes]:
    chunks = [(name, data) for name, data in _limited(webp_chunks(content)) if data]
    names = {name for name, _data in chunks}
    _require(names & WEBP_PICTURES)
    parts = [b"WEBP"]
    for name, data in chunks:
        kept = _with_flags(data, b"EXIF" in names) if name == b"VP8X" else data
        parts += [struct.pack("<4sI", name, len(kept)), kept, bytes(len(kept) % 2)]
    yield struct.pack("<4sI", b"RIFF", sum(map(len, parts)))
    yield from parts


def _with_flags(data: bytes, has_exif: bool) -> bytes:
    """Return the data of a VP8X chunk with flags that say what is left of the metadata."""
    flags, size = WEBP_HEAD.unpack(data)
    return WEBP_HEAD.pack(flags & ~(EXIF_FLAG | XMP_FLAG) | EXIF_FLAG * has_exif, size)


def webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the data of each chunk; the data are b"" if the chunk is left out."""
    (length,) = struct.unpack_from("<I", content, 4)
    place, last = 12, 8 + length
    _require(last <= len(content))
    while place < last:
        name, size = struct.unpack_from("<4sI", content, place)
        data = content[place + 8 : place + 8 + size]
        _require(place + 8 + size <= last)
        if name == b"EXIF":
            # Some programs begin the EXIF data as in a JPEG.
            yield name, _only_orientation(data.removeprefix(EXIF_HEAD))
        else:
            yield name, data if name in WEBP_CHUNKS else b""
        # Some programs leave out the byte that makes the last length even.
        place += 8 + size + size % 2


KEPT_PARTS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "image/jpeg": _jpeg_parts,
    "image/png": _png_parts,
    "image/webp": _webp_parts,
}
