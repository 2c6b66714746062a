"""Office files of an accepted type that could still harm the reader, because they run or fetch
something or contain programs.

The known ways of doing this are refused; this is not a virus scan. Any part may be the document
itself, whatever its name, so parts are recognised by their content.
"""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext_lazy

MACROS = gettext_lazy("The file contains macros. Save it without macros and upload it again.")
TOO_LARGE = gettext_lazy("The file would be too large when unpacked.")
EMBEDDED = gettext_lazy(
    "The file has other files or programs inside (OLE). Remove them or save it as PDF, and upload "
    "it again."
)
FETCHES = gettext_lazy(
    "The file fetches something from elsewhere when it is opened, such as a template, a picture or "
    "another workbook. Remove these links or save it as PDF, and upload it again."
)
DDE = gettext_lazy(
    "The file takes data from other programs when it is opened (DDE). Remove these fields or save "
    "it as PDF, and upload it again."
)

# What Windows, macOS or Linux runs or mounts when it is opened, and office files with macros.
# Windows ignores dots and blanks at the end of a name.
PROGRAM_MEMBER = re.compile(
    r"\.(?:ade|adp|apk|app|application|appref-ms|bat|chm|cmd|com|cpl|dll|exe|gadget|hlp|hta|img|inf"
    r"|ins|iqy|iso|isp|jar|jnlp|js|jse|library-ms|lnk|msc|msi|msp|mst|ocx|one|pif|pl|ps1"
    r"|psm1|py|pyw|rb|reg|scf|scr|search-ms|settingcontent-ms|sh|slk|swf|sys|url|vb|vbe|vbs|vhd"
    r"|vhdx|wll|ws|wsc|wsf|wsh|xll|(?:doc|dot|xls|xlt|xla|ppt|pot|pps|ppa|sld)m|xlam|ppam)[. ]*$"
    r"|(?:^|[/\\])embeddings[/\\].*\.bin[. ]*$",
    re.IGNORECASE,
)

# The last part of the type of a relation in Office Open XML, which says what it leads to.
OLE_RELATIONS = ("oleObject", "control")
LINK_RELATION = "hyperlink"
DDE_ELEMENTS = ("ddeLink", "oleLink", "dde-source", "dde-connection-decl")
EMBEDDING_ELEMENTS = ("applet", "plugin", "object-ole")
DDE_FIELD = re.compile(r"\s*DDE(?:AUTO)?\b", re.I)
FETCHING_FIELD = re.compile(r"\s*(?:INCLUDE(?:PICTURE|TEXT)?|IMPORT|LINK|DATABASE|RD)\b", re.I)
FIELD_NAME_LENGTH = 32
# OpenDocument: attributes with formulas, and elements whose links are followed only on a click.
FORMULAS = ("formula", "condition")
DDE_FUNCTION = re.compile(r"\bDDE\s*\(", re.I)
LINK_ELEMENTS = ("a", "area-rectangle", "area-circle", "area-polygon", "button", "template")
# An address, or the path of a file outside the archive: Windows contacts other computers for
# `\\name`.
ELSEWHERE = re.compile(r"\s*(?:[/\\]|[a-z][a-z0-9+.-]*:)", re.I)

# Parts that have none of these words are not parsed, since parsing takes long. In UTF-8, names of
# elements and attributes are always in plain text; only values can have characters written as
# codes.
ACTING_WORDS = (
    *(b"<!ENTITY", b"ddeLink", b"oleLink", b"instrText", b"fld", b"Relationship"),
    *(b"refreshOnLoad", b"dde-", b"applet", b"plugin", b"object-ole", b"event-listener", b":href"),
)
# In OpenDocument; other formats have elements and fields of their own for DDE.
FORMULA_WORDS = (b"formula", b"condition")
FORMULA_MARKS = re.compile(rb"&#|\bdde", re.I)
# Chunks overlap by this much, which is longer than any word that is searched for.
OVERLAP_BYTES = 32
SEARCHED_CHUNK_BYTES = 1_000_000
# Byte-order marks and white space; a zero is half of a character in UTF-16.
BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
# Anything else that begins with `<` is not XML, such as a font.
XML_BEGINNING = re.compile(rb"<[?!A-Za-z_\x80-\xff\0]")
OTHER_ENCODING = re.compile(rb"<(?:\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])|\0)", re.I)
# The limits for all parsed parts of a file together.
MAX_PARSED_BYTES = 60_000_000
MAX_ELEMENTS = 2_000_000
# Pictures of this kind are XML. They are shown as pictures, which neither run nor fetch anything.
PICTURE = "svg"
# Excel itself writes such drawings that are not valid XML.
DRAWING_MEMBER = re.compile(r"\.vml$", re.I)


def harm_of_office(container: zipfile.ZipFile) -> object:
    """Return why an office file is refused, "" if it is not. Raise expat.ExpatError if a part that
    is parsed is not valid XML, ValueError if it declares entities."""
    is_open_document = "mimetype" in container.namelist()
    elements = _Elements(is_open_document)
    for member in container.infolist():
        if PROGRAM_MEMBER.search(member.filename):
            return EMBEDDED
        with container.open(member) as stream:
            if not _may_act(stream, is_open_document):
                continue
        forgiven = (expat.ExpatError,) if DRAWING_MEMBER.search(member.filename) else ()
        with container.open(member) as stream, suppress(*forgiven):
            elements.parse(stream)
        if elements.reason:
            return elements.reason
    return ""


def _may_act(stream: IO[bytes], is_open_document: bool) -> bool:
    """Return whether a part is XML that contains one of the suspicious words, or has an encoding in
    which these cannot be searched for."""
    before, is_begun = b"", False
    while part := stream.read(SEARCHED_CHUNK_BYTES):
        if not is_begun and (text := part.lstrip(BEFORE_XML)):
            if not XML_BEGINNING.match(text):
                return False
            if b"\0" in part[: -len(text)] or OTHER_ENCODING.match(text):
                return True
            is_begun = True
        part = before + part
        if any(word in part for word in ACTING_WORDS):
            return True
        has_formulas = is_open_document and any(word in part for word in FORMULA_WORDS)
        if has_formulas and FORMULA_MARKS.search(part):
            return True
        before = part[-OVERLAP_BYTES:]
    return False


class _Elements:
    """Parses XML without keeping it in memory, since a document may have hundreds of megabytes."""

    def __init__(self, is_open_document: bool) -> None:
        self.reason: object = ""
        self.is_open_document = is_open_document
        self.bytes_left, self.elements_left = MAX_PARSED_BYTES, MAX_ELEMENTS

    def parse(self, stream: IO[bytes]) -> None:
        """Set the reason if this part is harmful, or if there is too much to parse."""
        # The instructions of the fields that are open, since fields may be within one another.
        self.fields: list[str] = []
        self.is_instruction = self.is_picture = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin_root
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take_text
        self.parser.StartDoctypeDeclHandler = self._take_document_type
        self.parser.EntityDeclHandler = self._refuse_entities
        while not (self.reason or self.is_picture) and (part := stream.read(65_536)):
            self.parser.Parse(part, False)
            self.bytes_left -= len(part)
            if self.bytes_left < 0 or self.elements_left < 0:
                self.reason = self.reason or TOO_LARGE
        if not (self.reason or self.is_picture):
            self.parser.Parse(b"", True)

    def _take_document_type(self, name: str, *declaration: object) -> None:
        """Allow entities in pictures. Formulas of OpenOffice name a document type, which is not
        read."""
        if name.rpartition(":")[2] == PICTURE:
            self.parser.EntityDeclHandler = None

    def _refuse_entities(self, *declaration: object) -> None:
        raise ValueError("An entity is declared.")

    def _begin_root(self, name: str, attributes: dict[str, str]) -> None:
        self.is_picture = name.rpartition(":")[2] == PICTURE
        self.parser.StartElementHandler = None if self.is_picture else self._begin
        if not self.is_picture:
            self._begin(name, attributes)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.elements_left -= 1
        local = name.rpartition(":")[2]
        values = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self.is_instruction = local == "instrText"
        if local == "fldSimple":
            self._check_field(values.get("instr", ""))
        elif local == "fldChar":
            self._follow_field(values.get("fldCharType", ""))
        else:
            self.reason = self.reason or _harm_of_element(local, values)
            if self.is_open_document and local not in LINK_ELEMENTS:
                # In other files, `href` is where a drawing leads to.
                is_elsewhere = ELSEWHERE.match(values.get("href", ""))
                self.reason = self.reason or (FETCHES if is_elsewhere else "")

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
            self.reason = self.reason or DDE
        elif FETCHING_FIELD.match(instruction):
            self.reason = self.reason or FETCHES


def _harm_of_element(local: str, values: dict[str, str]) -> object:
    if local in DDE_ELEMENTS:
        return DDE
    if local in EMBEDDING_ELEMENTS:
        return EMBEDDED
    if local == "event-listener":
        return MACROS
    if local == "Relationship":
        return _harm_of_relation(values)
    if local == "connection" and values.get("refreshOnLoad", "0") not in ("0", "false"):
        return FETCHES
    is_asking = any(DDE_FUNCTION.search(values[name]) for name in FORMULAS if name in values)
    return DDE if is_asking else ""


def _harm_of_relation(values: dict[str, str]) -> object:
    kind = values.get("Type", "").rpartition("/")[2]
    if kind in OLE_RELATIONS:
        return EMBEDDED
    is_elsewhere = values.get("TargetMode", "").lower() == "external"
    return FETCHES if is_elsewhere and kind != LINK_RELATION else ""
