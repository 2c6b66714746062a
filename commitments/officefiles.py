"""Office files: ZIP containers of which some types are taken. Those with macros, encrypted ones and
those that would swell beyond measure are refused."""

from __future__ import annotations

import copy
import re
import zipfile
import zlib
from typing import IO
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from commitments.exceptions import FileRefused

MOST_MEMBERS = 5_000
# Bytes of all members unpacked, and how many times their packed size that may be.
MOST_UNPACKED = 300_000_000
MOST_RATIO = 150
# Little that packs very well does no harm.
RATIO_FROM = 10_000_000
# Bytes of the parts that say what a file is.
MOST_SAID = 1_000_000
CHUNK = 65536
LOCAL_HEADER = 30
# How the media types of office files begin.
OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

CONTENT_TYPES = "[Content_Types].xml"
MANIFEST = "META-INF/manifest.xml"
# Media type, and where the main part of such a file is.
MAIN_PARTS = {
    f"{OPEN_XML}wordprocessingml.document": "word/",
    f"{OPEN_XML}spreadsheetml.sheet": "xl/",
    f"{OPEN_XML}presentationml.presentation": "ppt/",
}
ODF_TYPES = (f"{OPEN_DOCUMENT}text", f"{OPEN_DOCUMENT}spreadsheet")

# By the names of parts, and by their content types.
_MACRO_PART = re.compile(
    r"(?:^|[/\\])(?:vbaProject[^/\\]*\.bin|vbaData\.xml|(?:macrosheets|activeX|Basic|Scripts)[/\\])",
    re.IGNORECASE,
)
_MACRO_TYPE = re.compile(r"macro|vba", re.IGNORECASE)

# What reading a damaged container raises.
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)


def office_type(file: IO[bytes]) -> str:
    """The media type of a ZIP container. Raises FileRefused with the reason."""
    try:
        with zipfile.ZipFile(file) as container:
            _check_directory(container)
            _check_size(container)
            media_type = _open_xml(container) or _open_document(container)
            _check_content(container)
    except DAMAGES as error:
        raise FileRefused(_("The file is damaged or cut short.")) from error
    if media_type is None:
        raise FileRefused(_("This is an archive, which is not taken: give its files one by one."))
    return media_type


def _check_directory(container: zipfile.ZipFile) -> None:
    """Members as office programs pack them, each once and none within another."""
    members = container.infolist()
    if any(member.flag_bits & 0x1 for member in members):
        raise FileRefused(_("The file is encrypted: save it without a password."))
    if any(_MACRO_PART.search(member.filename) for member in members):
        raise FileRefused(_("The file has macros: save it without them."))
    ways = {member.compress_type for member in members}
    if not ways <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile("packed otherwise")
    if len({member.filename.lower() for member in members}) < len(members):
        raise zipfile.BadZipFile("a member twice")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise zipfile.BadZipFile("members overlap")
        name = len(member.orig_filename)
        end = member.header_offset + LOCAL_HEADER + name + member.compress_size
    if end > container.start_dir:
        raise zipfile.BadZipFile("members overlap")


def _check_size(container: zipfile.ZipFile) -> None:
    """By what the directory says; `_check_content` holds it to that."""
    members = container.infolist()
    sizes = [(member.file_size, member.compress_size) for member in members]
    whole, packed = sum(size for size, _packed in sizes), sum(packed for _size, packed in sizes)
    swelling = [
        size > RATIO_FROM and size > MOST_RATIO * packed
        for size, packed in [*sizes, (whole, packed)]
    ]
    if len(members) > MOST_MEMBERS or whole > MOST_UNPACKED or any(swelling):
        raise FileRefused(_("Unpacked, the file would be too large."))


def _check_content(container: zipfile.ZipFile) -> None:
    """Every member is read to its end, against its checksum, and is as long as it says."""
    for member in container.infolist():
        # A byte more than it says: else what follows would not be seen.
        longer = copy.copy(member)
        longer.file_size += 1
        length = 0
        with container.open(longer) as stream:
            while chunk := stream.read(CHUNK):
                length += len(chunk)
        if length != member.file_size:
            raise zipfile.BadZipFile("a length that is not true")


def _open_xml(container: zipfile.ZipFile) -> str | None:
    """Word, Excel and PowerPoint since 2007, by the content type of the main part."""
    if CONTENT_TYPES not in container.namelist():
        return None
    types = _content_types(container)
    if any(_MACRO_TYPE.search(kind) for kind in types.values()):
        raise FileRefused(_("The file has macros: save it without them."))
    for part, kind in types.items():
        media_type = kind.removesuffix(".main+xml")
        if part.startswith(MAIN_PARTS.get(media_type, " ")):
            _check_there(container, part)
            return media_type
    raise FileRefused(_("This kind of office file is not taken: save it as DOCX, XLSX or PPTX."))


def _content_types(container: zipfile.ZipFile) -> dict[str, str]:
    """By part: first those that are named, then what stands for all with a part's ending."""
    text = _member(container, CONTENT_TYPES)
    if b"<!DOCTYPE" in text or b"<!\0D\0" in text or b"\0<\0!\0D" in text:
        raise zipfile.BadZipFile("a document type")
    named, by_ending = {}, {}
    for row in ElementTree.fromstring(text):  # noqa: S314 - without a document type
        kind = row.get("ContentType", "")
        if row.tag.endswith("}Override"):
            named[row.get("PartName", "").removeprefix("/")] = kind
        elif row.tag.endswith("}Default"):
            by_ending[row.get("Extension", "").lower()] = kind
    others = (name for name in container.namelist() if name not in named)
    return named | {name: by_ending.get(name.rpartition(".")[2].lower(), "") for name in others}


def _open_document(container: zipfile.ZipFile) -> str | None:
    """OpenDocument, by the member `mimetype`."""
    if "mimetype" not in container.namelist():
        return None
    media_type = _member(container, "mimetype").decode("ascii", "replace").strip()
    if not media_type.startswith(OPEN_DOCUMENT):
        return None
    if media_type not in ODF_TYPES:
        raise FileRefused(_("This kind of office file is not taken: save it as ODT or ODS."))
    _check_there(container, MANIFEST)
    if b"encryption-data" in _member(container, MANIFEST).replace(b"\0", b""):
        raise FileRefused(_("The file is encrypted: save it without a password."))
    _check_there(container, "content.xml")
    return media_type


def _check_there(container: zipfile.ZipFile, name: str) -> None:
    if name not in container.namelist() or not container.getinfo(name).file_size:
        raise zipfile.BadZipFile(f"no {name}")


def _member(container: zipfile.ZipFile, name: str) -> bytes:
    """A member that says what the file is; such are short."""
    with container.open(name) as stream:
        data = stream.read(MOST_SAID + 1)
    if len(data) > MOST_SAID:
        raise zipfile.BadZipFile(f"{name} is too long")
    return data
