"""Whether a picture has so many pixels that showing it exhausts memory. The picture is measured as
it will be stored, without metadata, so that no part can hide the size from this module alone."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from django.utils.translation import gettext_lazy

from commitments.files.file_types import DAMAGED
from commitments.files.metadata import jpeg_segments, png_chunks, webp_chunks

HUGE = gettext_lazy("The picture has more than %(most)s pixels. Make it smaller.")
# The best cameras take photos of 200 million pixels.
MAX_PICTURE_PIXELS = 250_000_000

# The segments of JPEG that state the size (ITU-T T.81, table B.1).
JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Depth in bits, height, width.
JPEG_FRAME = struct.Struct(">xHH")
PNG_HEAD = struct.Struct(">II5x")
# Width and height in WebP: of a lossy picture after its start code, of a lossless one after its
# signature; of the canvas after the flags, and of a frame after its offset on the canvas, each in
# three bytes and less one.
WEBP_SIMPLE = struct.Struct("<3x3sHH")
WEBP_LOSSLESS = struct.Struct("<BI")
WEBP_CANVAS = struct.Struct("<4x3s3s")
WEBP_FRAME = struct.Struct("<6x3s3s")
START_CODE, SIGNATURE = b"\x9d\x01\x2a", 0x2F
UNKNOWN_SIZE = (0, 0)


def harm_of_picture(content: bytes, media_type: str) -> object:
    """Return why a picture that `without_metadata` returned is refused; "" if it is not refused, or
    if this is no picture. A picture that does not state its size counts as damaged."""
    if media_type not in SIZES:
        return ""
    try:
        pixels = [width * height for width, height in SIZES[media_type](content)]
    except struct.error:
        return DAMAGED
    if not pixels or 0 in pixels:
        return DAMAGED
    is_huge = max(pixels) > MAX_PICTURE_PIXELS
    return str(HUGE) % {"most": f"{MAX_PICTURE_PIXELS:,}"} if is_huge else ""


def _sizes_of_jpeg(content: bytes) -> Iterator[tuple[int, int]]:
    for marker, segment, _scan in jpeg_segments(content):
        if marker in JPEG_FRAMES:
            height, width = JPEG_FRAME.unpack_from(segment)
            yield width, height


def _sizes_of_png(content: bytes) -> Iterator[tuple[int, int]]:
    for name, data, _chunk in png_chunks(content):
        if name == b"IHDR":
            yield PNG_HEAD.unpack(data)


def _sizes_of_webp(content: bytes) -> Iterator[tuple[int, int]]:
    for name, data in webp_chunks(content):
        if name == b"VP8X":
            yield _one_more(*WEBP_CANVAS.unpack_from(data))
        elif name == b"ANMF":
            yield _one_more(*WEBP_FRAME.unpack_from(data))
        elif name == b"VP8L":
            signature, bits = WEBP_LOSSLESS.unpack_from(data)
            is_known = signature == SIGNATURE
            yield ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if is_known else UNKNOWN_SIZE
        elif name == b"VP8 ":
            code, width, height = WEBP_SIMPLE.unpack_from(data)
            yield (width & 0x3FFF, height & 0x3FFF) if code == START_CODE else UNKNOWN_SIZE


def _one_more(width: bytes, height: bytes) -> tuple[int, int]:
    return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1


SIZES: dict[str, Callable[[bytes], Iterator[tuple[int, int]]]] = {
    "image/jpeg": _sizes_of_jpeg,
    "image/png": _sizes_of_png,
    "image/webp": _sizes_of_webp,
}
