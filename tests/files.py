"""A small valid file of each type that is taken, and what such files are built from.

`SAMPLES` holds their bytes by file name.
"""

import base64
import io
import struct
import warnings
import zipfile
import zlib
from contextlib import suppress

import pytest

from commitments.exceptions import FileRefused
from commitments.filetypes import recognise

OPEN = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
CONTENT_TYPES = "[Content_Types].xml"
MANIFEST = "META-INF/manifest.xml"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
TYPES_OF = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS_OF = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN_OF = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


# PDF


def pdf(*objects, trailer=""):
    """A PDF of these objects, the first of which is the root; one empty page if there are none."""
    objects = objects or (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    )
    data, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content.encode())
    count = len(objects) + 1
    ending = f"trailer\n<</Size {count}/Root 1 0 R{trailer}>>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + b"xref\n0 %d\n" % count + table + ending.encode()


# Images


def png_chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG_START = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PNG_PIXELS = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
PNG = PNG_START + PNG_PIXELS + png_chunk(b"IEND")

# One grey pixel, as programs write it.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////"
    "////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAA"
    "AAAAAAAAAAD/2gAIAQEAAD8AE//Z"
)


def webp(*chunks):
    """A WebP of these (name, data)."""
    body = b"WEBP"
    for name, data in chunks:
        body += name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# One pixel each.
VP8L = base64.b64decode("LwAAAAAHEBH9D0RE/wM=")
VP8 = base64.b64decode("MAEAnQEqAQABAAzAziWkAANwAP7sZwAA")


# Office files


def zipped(members, compression=zipfile.ZIP_STORED):
    """A ZIP file of these: a dict, or pairs if a name is there twice. The same bytes each time."""
    pairs = members.items() if isinstance(members, dict) else members
    data = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w") as container:
        warnings.simplefilter("ignore")
        for name, content in pairs:
            container.writestr(zipfile.ZipInfo(name), content, compression)
    return data.getvalue()


def content_types(main, part, more=""):
    return (
        f'{XML}<Types xmlns="{TYPES_OF}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/>{more}</Types>'
    )


def open_xml(kind, part, content, main=None):
    """The members of an Office Open XML file with this main part."""
    return {
        CONTENT_TYPES: content_types(main or f"{OPEN}{kind}.main+xml", part),
        "_rels/.rels": (
            f'{XML}<Relationships xmlns="{RELATIONS_OF}">'
            f'<Relationship Id="r1" Type="{MAIN_OF}" Target="{part}"/></Relationships>'
        ),
        part: XML + content,
    }


def word(main=None):
    about = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    content = f'<w:document xmlns:w="{about}"><w:body><w:p/></w:body></w:document>'
    return open_xml("wordprocessingml.document", "word/document.xml", content, main)


def excel(main=None):
    about = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = f'<workbook xmlns="{about}"><sheets/></workbook>'
    return open_xml("spreadsheetml.sheet", "xl/workbook.xml", content, main)


def powerpoint(main=None):
    about = "http://schemas.openxmlformats.org/presentationml/2006/main"
    content = f'<p:presentation xmlns:p="{about}"/>'
    return open_xml("presentationml.presentation", "ppt/presentation.xml", content, main)


def open_document(kind, entry=""):
    """The members of an OpenDocument file; `entry` goes into what its manifest says of content."""
    about = "urn:oasis:names:tc:opendocument:xmlns:"
    return {
        "mimetype": ODF + kind,
        "content.xml": f'{XML}<office:document-content xmlns:office="{about}office:1.0"/>',
        MANIFEST: (
            f'{XML}<manifest:manifest xmlns:manifest="{about}manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODF}{kind}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
            f"{entry}</manifest:file-entry></manifest:manifest>"
        ),
    }


SAMPLES = {
    "minutes.pdf": pdf(),
    "picture.png": PNG,
    "photo.jpg": JPEG,
    "picture.webp": webp((b"VP8L", VP8L)),
    "note.txt": "Four drains were closed.\n四条水渠已经关闭。\n".encode(),
    "drains.csv": "drain,closed\r\n一号渠,2017-03-02\r\n".encode(),
    "minutes.docx": zipped(word()),
    "drains.xlsx": zipped(excel()),
    "talk.pptx": zipped(powerpoint()),
    "minutes.odt": zipped(open_document("text")),
    "drains.ods": zipped(open_document("spreadsheet")),
}


# What tests say of files

# What each sample is: the type's name and media type, and an ending that is not its own.
EXPECTED = {
    "minutes.pdf": ("PDF", "application/pdf", ".docx"),
    "picture.png": ("PNG", "image/png", ".jpg"),
    "photo.jpg": ("JPEG", "image/jpeg", ".png"),
    "picture.webp": ("WebP", "image/webp", ".png"),
    "note.txt": ("TXT", "text/plain", ".pdf"),
    "drains.csv": ("CSV", "text/csv", ".xlsx"),
    "minutes.docx": ("DOCX", f"{OPEN}wordprocessingml.document", ".odt"),
    "drains.xlsx": ("XLSX", f"{OPEN}spreadsheetml.sheet", ".csv"),
    "talk.pptx": ("PPTX", f"{OPEN}presentationml.presentation", ".zip"),
    "minutes.odt": ("ODT", f"{ODF}text", ".docx"),
    "drains.ods": ("ODS", f"{ODF}spreadsheet", ".xlsx"),
}
TEXTS = ("note.txt", "drains.csv")
BINARIES = [name for name in SAMPLES if name not in TEXTS]
OFFICE = [name for name in BINARIES if SAMPLES[name].startswith(b"PK")]
HTML = "<!DOCTYPE html><html><script>alert(1)</script></html>"
MACROS = "macros"
ENCRYPTED = "encrypted"
TOO_LARGE = "too large"
DAMAGED = "damaged or cut short"
TEMPLATE = "This kind of office file"


def of(data, name):
    """The media type of a file with these bytes."""
    return recognise(io.BytesIO(data), name).media_type


def refused(data, name, reason=None):
    """Refused, with a reason that a reader can make something of."""
    with pytest.raises(FileRefused, match=reason) as refusal:
        recognise(io.BytesIO(data), name)
    assert str(refusal.value).strip()


def refused_or(media_types, data, name):
    """Refused, or else taken as one of these; nothing else is raised."""
    with suppress(FileRefused):
        assert of(data, name) in media_types
