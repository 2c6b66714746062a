"""Which files are accepted as evidence, and how the type of a file is recognised: by its leading
bytes and, for office files, by the directory of the ZIP container. The media type that a client
sends is ignored.

This keeps out what could harm a reader: programs, markup, macros, archives, containers that unpack
to an enormous size, and what `harmful` and `harmful_pdf` find. It does not prove that a file is
complete, or that its bytes are of one type only. Therefore `api.views_evidence` serves every file
as an attachment, with `nosniff` and a Content-Security-Policy that sandboxes it; a preview shows
only PDFs, to staff, and pictures that are not saved yet, to the person who chose them.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.exceptions import FileRefused
from commitments.files.harmful import MACROS, TOO_LARGE, harm_of_office
from commitments.files.harmful_pdf import harm_of_pdf, is_encrypted
from commitments.texts.lists import ITEMS, join_list

OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class FileType:
    """An accepted type; its extensions are in lower case and include the dot."""

    name: str
    media_type: str
    extensions: tuple[str, ...]


PDF = FileType("PDF", "application/pdf", (".pdf",))
TXT = FileType("TXT", "text/plain", (".txt",))
CSV = FileType("CSV", "text/csv", (".csv",))
PNG = FileType("PNG", "image/png", (".png",))
JPEG = FileType("JPEG", "image/jpeg", (".jpg", ".jpeg"))
WEBP = FileType("WebP", "image/webp", (".webp",))
PICTURES = (PNG, JPEG, WEBP)
BY_LEADING_BYTES = {
    re.compile(rb"%PDF-"): PDF,
    re.compile(rb"\x89PNG\r\n\x1a\n"): PNG,
    re.compile(rb"\xff\xd8\xff"): JPEG,
    re.compile(rb"RIFF.{4}WEBPVP8", re.DOTALL): WEBP,
}
OFFICE_TYPES = (
    FileType("DOCX", f"{OPEN_XML}wordprocessingml.document", (".docx",)),
    FileType("XLSX", f"{OPEN_XML}spreadsheetml.sheet", (".xlsx",)),
    FileType("PPTX", f"{OPEN_XML}presentationml.presentation", (".pptx",)),
    FileType("ODT", f"{OPEN_DOCUMENT}text", (".odt",)),
    FileType("ODS", f"{OPEN_DOCUMENT}spreadsheet", (".ods",)),
)
TYPES = (*BY_LEADING_BYTES.values(), TXT, CSV, *OFFICE_TYPES)

# Leading bytes of some types that are refused, so that the message can name them.
REFUSED = (
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), gettext_lazy("a legacy or encrypted office file")),
    ((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a"), gettext_lazy("an archive")),
    ((b"#!", b"\xef\xbb\xbf#!"), gettext_lazy("a script")),
    ((b"%!PS",), gettext_lazy("a PostScript file")),
    ((b"{\\rtf",), gettext_lazy("an RTF file")),
)
ARCHIVE = gettext_lazy("Archives are not accepted. Upload the files one by one.")
DAMAGED = gettext_lazy("The file is damaged or incomplete.")
ENCRYPTED = gettext_lazy("The file is encrypted. Save it without a password and upload it again.")

CONTENT_TYPES = "[Content_Types].xml"
MACRO_MEMBER = re.compile(
    r"(?:^|[/\\])(?:vbaProject[^/\\]*\.bin|vbaData\.xml|(?:macrosheets|activeX|Basic|Scripts)[/\\])",
    re.IGNORECASE,
)
MACRO_CONTENT_TYPE = re.compile(r"macro|vba|activeX", re.IGNORECASE)
MAX_ZIP_MEMBERS = 5_000
MAX_UNPACKED_BYTES = 300_000_000
# The largest ratio of unpacked to packed size, for containers that unpack to more than
# HARMLESS_BYTES.
MAX_RATIO = 150
HARMLESS_BYTES = 10_000_000
# The largest member that is unpacked here: those that state the type of a container are small.
MAX_MEMBER_BYTES = 1_000_000
# The errors that `zipfile` and `ElementTree` raise for malformed input.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, OSError)
XML_ERRORS = (ElementTree.ParseError, ExpatError, ArithmeticError, LookupError, ValueError)

CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# How HTML, SVG, XML and PHP begin.
MARKUP = re.compile(r"[\s\ufeff]*<[!?/%a-zA-Z]")


def allowed_types() -> str:
    """Return the names of the types that are accepted, as one text."""
    return join_list([file_type.name for file_type in TYPES], ITEMS)


def recognise(file: IO[bytes], name: str) -> FileType:
    """Return the type of a seekable file. Raise FileRefused with the reason if the type is not
    accepted or the name has no extension of that type."""
    file.seek(0)
    extension = PurePosixPath(name).suffix.lower()
    file_type = _type_by_content(file.read(), extension)
    if extension not in file_type.extensions:
        sentence = _("“%(name)s” is a %(type)s file, so its name must end in %(endings)s.")
        endings = join_list(file_type.extensions, ITEMS)
        raise FileRefused(sentence % {"name": name, "type": file_type.name, "endings": endings})
    return file_type


def _type_by_content(content: bytes, extension: str) -> FileType:
    for beginning, file_type in BY_LEADING_BYTES.items():
        if beginning.match(content):
            if file_type is PDF:
                _refuse_if(is_encrypted(content), ENCRYPTED)
                harm = harm_of_pdf(content)
                _refuse_if(harm, harm)
            return file_type
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content)
    for leading_bytes, description in REFUSED:
        _refuse_if(content.startswith(leading_bytes), _not_accepted(description))
    text = _decode(content)
    _refuse_if(not text.strip(), _("The file is empty."))
    _refuse_if(CONTROL_CHARACTER.search(text), _not_accepted(_("of an unknown type")))
    _refuse_if(MARKUP.match(text), _not_accepted(_("HTML, SVG or other markup")))
    return CSV if extension in CSV.extensions else TXT


def _refuse_if(condition: object, reason: object) -> None:
    if condition:
        raise FileRefused(str(reason))


def _not_accepted(description: object) -> str:
    sentence = _("The file is %(what)s, which is not accepted. Accepted formats: %(allowed)s.")
    return sentence % {"what": description, "allowed": allowed_types()}


def _decode(content: bytes) -> str:
    """Return content decoded from UTF-8, from GB18030, or from UTF-16 if it has a byte order mark;
    a control character if it is in none of them."""
    has_utf_16_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if has_utf_16_mark else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return "\0"


def _office_type(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            check_members(container.infolist(), len(content))
            names = {name.lower() for name in container.namelist()}
            if CONTENT_TYPES.lower() in names:
                media_type = _open_xml_type(container)
            else:
                _refuse_if("mimetype" not in names, ARCHIVE)
                media_type = _open_document_type(container)
            harm = harm_of_office(container)
            _refuse_if(harm, harm)
    except (*ZIP_ERRORS, *XML_ERRORS) as error:
        raise FileRefused(str(DAMAGED)) from error
    for file_type in OFFICE_TYPES:
        if file_type.media_type == media_type:
            return file_type
    raise FileRefused(_not_accepted(_("a template or another type of office file")))


def check_members(members: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    """Raise FileRefused if the members of a container of this size are not safe to unpack, or if
    one is a macro."""
    max_bytes = min(MAX_UNPACKED_BYTES, max(HARMLESS_BYTES, MAX_RATIO * packed_bytes))
    check_unpacking(members, max_bytes)
    _refuse_if(any(MACRO_MEMBER.search(member.filename) for member in members), MACROS)


def check_unpacking(members: list[zipfile.ZipInfo], max_bytes: int) -> None:
    """Raise FileRefused if the members of a container unpack to more than this, or differently in
    different programs."""
    unpacked_bytes = sum(member.file_size for member in members)
    _refuse_if(len(members) > MAX_ZIP_MEMBERS or unpacked_bytes > max_bytes, TOO_LARGE)
    _refuse_if(any(member.flag_bits & 1 for member in members), ENCRYPTED)
    # Programs differ in which of two members with the same name they read.
    _refuse_if(len({member.filename.lower() for member in members}) < len(members), DAMAGED)
    # `zipfile` unpacks other compressions than these in unlimited memory.
    usual = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    _refuse_if(any(member.compress_type not in usual for member in members), DAMAGED)


def _open_xml_type(container: zipfile.ZipFile) -> str:
    """Return the media type of an Office Open XML file: its main part's content type."""
    root = parse_xml(read_member(container, CONTENT_TYPES))
    types = {row.get("ContentType", "") for row in root.iter()}
    _refuse_if(any(MACRO_CONTENT_TYPE.search(content_type) for content_type in types), MACROS)
    main = [content_type for content_type in types if content_type.endswith(".main+xml")]
    return main[0].removesuffix(".main+xml") if len(main) == 1 else ""


def _open_document_type(container: zipfile.ZipFile) -> str:
    manifest = read_member(container, "META-INF/manifest.xml")
    _refuse_if(b"encryption-data" in manifest.replace(b"\0", b""), ENCRYPTED)
    return read_member(container, "mimetype").decode("ascii").strip()


def parse_xml(xml: bytes) -> ElementTree.Element:
    """Return the root of a document that someone else wrote. Raise FileRefused if it has a DOCTYPE,
    one of XML_ERRORS if it is malformed."""
    # UTF-16 has a zero byte beside each ASCII character.
    _refuse_if(b"<!DOCTYPE" in xml.replace(b"\0", b""), DAMAGED)
    return ElementTree.fromstring(xml)  # noqa: S314 - without a DOCTYPE it declares no entities


def read_member(container: zipfile.ZipFile, name: str) -> bytes:
    """Return the content of a member. Raise FileRefused if it unpacks to more than
    MAX_MEMBER_BYTES, one of ZIP_ERRORS if it is malformed."""
    with container.open(name) as stream:
        content = stream.read(MAX_MEMBER_BYTES + 1)
    _refuse_if(len(content) > MAX_MEMBER_BYTES, TOO_LARGE)
    return content
