"""What a file is, by its leading bytes and its inner structure. What is not on the list is refused
with the reason: a name or a browser's word for a file's type is never believed.

A file that is several things at once passes as one of them, so files are served as attachments
that a browser must not open (`api.views_evidence`).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.exceptions import FileRefused
from commitments.officefiles import CHUNK, OPEN_DOCUMENT, OPEN_XML, office_type

START = 4096
# Where a PDF's end stands, after which some programs leave a few bytes.
END = 2048


@dataclass(frozen=True)
class FileType:
    """A type that is taken, its media type, and how the names of such files end."""

    name: str
    media_type: str
    endings: tuple[str, ...]


TYPES = (
    FileType("PDF", "application/pdf", (".pdf",)),
    FileType("PNG", "image/png", (".png",)),
    FileType("JPEG", "image/jpeg", (".jpg", ".jpeg")),
    FileType("WebP", "image/webp", (".webp",)),
    FileType("TXT", "text/plain", (".txt",)),
    FileType("CSV", "text/csv", (".csv",)),
    FileType("DOCX", f"{OPEN_XML}wordprocessingml.document", (".docx",)),
    FileType("XLSX", f"{OPEN_XML}spreadsheetml.sheet", (".xlsx",)),
    FileType("PPTX", f"{OPEN_XML}presentationml.presentation", (".pptx",)),
    FileType("ODT", f"{OPEN_DOCUMENT}text", (".odt",)),
    FileType("ODS", f"{OPEN_DOCUMENT}spreadsheet", (".ods",)),
)
BY_MEDIA_TYPE = {kind.media_type: kind for kind in TYPES}
ALLOWED = ", ".join(kind.name for kind in TYPES)

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# Leading bytes of what is not taken, and what to call it.
REFUSED: tuple[tuple[bytes, object], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", gettext_lazy("an old binary or encrypted office file")),
    (b"\x1f\x8b", gettext_lazy("an archive")),
    *((b"BZh%d1AY&SY" % level, gettext_lazy("an archive")) for level in range(1, 10)),
    (b"\xfd7zXZ", gettext_lazy("an archive")),
    (b"7z\xbc\xaf\x27\x1c", gettext_lazy("an archive")),
    (b"Rar!", gettext_lazy("an archive")),
    (b"\x28\xb5\x2f\xfd", gettext_lazy("an archive")),
    (b"MZ\x90\x00", gettext_lazy("a program")),
    (b"\x7fELF", gettext_lazy("a program")),
    (b"#!", gettext_lazy("a script")),
    (b"%!PS", gettext_lazy("a PostScript file")),
    (b"{\\rtf", gettext_lazy("an RTF file")),
    (b"GIF87a", gettext_lazy("a GIF image")),
    (b"GIF89a", gettext_lazy("a GIF image")),
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def recognise(file: IO[bytes], name: str) -> FileType:
    """The type of a file that can be sought in. Raises FileRefused with the reason."""
    file.seek(0)
    start = file.read(START)
    kind = BY_MEDIA_TYPE[_media_type(file, start, name)]
    ending = PurePosixPath(name).suffix.lower()
    if ending not in kind.endings:
        said = {"name": name, "type": kind.name, "endings": ", ".join(kind.endings)}
        sentence = _("“%(name)s” is a %(type)s file; the names of those end in %(endings)s.")
        raise FileRefused(sentence % said)
    return kind


def _media_type(file: IO[bytes], start: bytes, name: str) -> str:
    if not start:
        raise FileRefused(_("The file is empty."))
    for leading, media_type, whole in STRUCTURES:
        if start.startswith(leading) and (leading != b"RIFF" or start[8:12] == b"WEBP"):
            if _holds(whole, file):
                return media_type
            sentence = _("The %(type)s file is damaged or cut short.")
            raise FileRefused(sentence % {"type": BY_MEDIA_TYPE[media_type].name})
    if start.startswith(ZIP):
        return office_type(file)
    for leading, what in REFUSED:
        if start.removeprefix(_BYTE_ORDER_MARK).startswith(leading):
            _refuse(what)
    if start[257:262] == b"ustar":
        _refuse(_("an archive"))
    return _text_type(file, name)


def _holds(whole: Callable[[IO[bytes]], bool], file: IO[bytes]) -> bool:
    try:
        return whole(file)
    except struct.error:
        # A length or a name ends before it is complete.
        return False


def _refuse(what: object) -> None:
    raise FileRefused(
        _("This is %(what)s, which is not taken. Taken are: %(allowed)s.")
        % {"what": what, "allowed": ALLOWED}
    )


# PDF and images


def _pdf_is_whole(file: IO[bytes]) -> bool:
    """It has objects, a root among them, and ends as a PDF does. An encrypted one is refused."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END))
    end = file.read()
    if not _FINISHED.search(end):
        return False
    found = dict.fromkeys((_OBJECT, _ROOT, _ENCRYPTED), False)
    file.seek(0)
    for window in _windows(file):
        for pattern in found:
            found[pattern] = found[pattern] or pattern.search(window) is not None
    if found[_ENCRYPTED]:
        raise FileRefused(_("The PDF is encrypted: save it without a password."))
    return found[_OBJECT] and found[_ROOT]


# Bounded throughout: a file may be one long row of digits.
_OBJECT = re.compile(rb"\d\s{1,9}\d{1,9}\s{1,9}obj\b")
_ROOT = re.compile(rb"/Root\s{0,9}\d")
# No further revision begins after the last end.
_FINISHED = re.compile(rb"startxref\s+\d{1,15}\s+%%EOF(?!.*(?:\bobj\b|\bxref\b))", re.DOTALL)
_ENCRYPTED = re.compile(rb"/Encrypt\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,9}\s{1,9}R\b)")
OVERLAP = 64


def _windows(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of the file, in pieces that overlap: nothing short is cut in two."""
    before = b""
    while chunk := file.read(CHUNK):
        yield before + chunk
        before = chunk[-OVERLAP:]


def _png_is_whole(file: IO[bytes]) -> bool:
    """Chunks with right checksums, from IHDR over an IDAT with something in it to IEND."""
    file.seek(8)
    names = []
    while header := file.read(8):
        length, name = struct.unpack(">I4s", header)
        checksum = zlib.crc32(name)
        left = length
        while left:
            chunk = file.read(min(left, CHUNK))
            if not chunk:
                return False
            checksum, left = zlib.crc32(chunk, checksum), left - len(chunk)
        if file.read(4) != struct.pack(">I", checksum):
            return False
        if length or name != b"IDAT":
            names.append(name)
        if name == b"IEND":
            return names[0] == b"IHDR" and b"IDAT" in names
    return False


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _FINISH = 0xDA, b"\xff\xd9"


def _jpeg_is_whole(file: IO[bytes]) -> bool:
    """Segments with a frame and a scan, and the mark of the image's end after them."""
    file.seek(2)
    seen = set()
    while True:
        if file.read(1) != b"\xff":
            return False
        marker = b"\xff"
        while marker == b"\xff":
            marker = file.read(1)
        if not marker:
            return False
        code = marker[0]
        if code in _JPEG_ALONE:
            continue
        size = struct.unpack(">H", file.read(2))[0] - 2
        seen.add("frame" if code in _JPEG_FRAMES else code)
        if size < 0 or len(file.read(size)) < size:
            return False
        if code == _SCAN:
            data = file.tell()
            empty = file.read(2) == _FINISH
            file.seek(data)
            return "frame" in seen and not empty and any(_FINISH in part for part in _windows(file))


# Bytes that stand before an image in its chunk.
_WEBP_HEAD = 4


def _webp_is_whole(file: IO[bytes]) -> bool:
    """As long as it says, with an image in it."""
    size = file.seek(0, 2)
    file.seek(4)
    said = struct.unpack("<I", file.read(4))[0] + 8
    if size < said or size > said + 1:
        return False
    file.seek(12)
    names = set()
    while file.tell() + 8 <= said:
        name, length = struct.unpack("<4sI", file.read(8))
        if length > _WEBP_HEAD:
            names.add(name)
        if file.tell() + length > said:
            return False
        file.seek(length + length % 2, 1)
    return bool(names & {b"VP8 ", b"VP8L", b"ANMF"})


STRUCTURES: tuple[tuple[bytes, str, Callable[[IO[bytes]], bool]], ...] = (
    (b"%PDF-", "application/pdf", _pdf_is_whole),
    (b"\x89PNG\r\n\x1a\n", "image/png", _png_is_whole),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg_is_whole),
    (b"RIFF", "image/webp", _webp_is_whole),
)


# Text

# UTF-8, and what Chinese offices wrote before it; UTF-16 where it says so.
ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# How HTML, SVG, XML and PHP begin.
_MARKUP = re.compile(r"[\s\ufeff]*<[!?/%a-zA-Z]")


def _text_type(file: IO[bytes], name: str) -> str:
    """Plain text or CSV, which only their names tell apart."""
    file.seek(0)
    data = file.read()
    for encoding in ("utf-16",) if data.startswith(UTF_16) else ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise FileRefused(_("The file is empty."))
        if _CONTROLS.search(text):
            break
        if _MARKUP.match(text):
            _refuse(_("HTML, SVG or other markup"))
        ending = PurePosixPath(name).suffix.lower()
        return "text/csv" if ending == ".csv" else "text/plain"
    _refuse(_("a file of an unknown type"))
    raise AssertionError("refused")
