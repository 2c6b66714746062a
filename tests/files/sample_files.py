"""A small valid file of each accepted type, `SAMPLES`, and the functions that build such files."""

import base64
import io
import struct
import warnings
import zipfile
import zlib

OPEN = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
CONTENT_TYPES = "[Content_Types].xml"
MANIFEST = "META-INF/manifest.xml"
XML = '<?xml version="1.0" encoding="UTF-8"?>'


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


# Images of one pixel


def png_chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    + png_chunk(b"IEND")
)
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////"
    "////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAA"
    "AAAAAAAAAAD/2gAIAQEAAD8AE//Z"
)
WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA4AAAAvAAAAAAcQEf0PRET/Aw==")


# Images with metadata

PERSON = "Wang Li"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><by>{PERSON}</by></x:xmpmeta>'.encode()
# In degrees, minutes and seconds.
POSITION = ((31, 14, 5), (121, 28, 9))


def tiff_directory(order, place, *fields):
    """A directory at this place of a TIFF file, with what its fields refer to. A field is a tag, a
    type, a count and the data."""
    entries, beyond, data = b"", place + 6 + 12 * len(fields), b""
    for tag, kind, count, value in fields:
        is_long = len(value) > 4
        held = struct.pack(f"{order}I", beyond + len(data)) if is_long else value.ljust(4, b"\0")
        entries += struct.pack(f"{order}HHI", tag, kind, count) + held
        data += value if is_long else b""
    return struct.pack(f"{order}H", len(fields)) + entries + bytes(4) + data


def degrees(number, order=">"):
    """A coordinate as EXIF has it: three fractions."""
    return b"".join(struct.pack(f"{order}II", part, 1) for part in POSITION[number])


def exif(orientation=1, order=">"):
    """EXIF of a photo: its orientation, who took it, and where."""
    position = [
        (tag, kind, count, value)
        for number, reference in enumerate((b"N", b"E"))
        for tag, kind, count, value in (
            (2 * number + 1, 2, 2, reference),
            (2 * number + 2, 5, 3, degrees(number, order)),
        )
    ]

    def photo(gps_place):
        return tiff_directory(
            order,
            8,
            (0x0112, 3, 1, struct.pack(f"{order}H", orientation)),
            (0x013B, 2, len(PERSON) + 1, PERSON.encode() + b"\0"),
            (0x8825, 4, 1, struct.pack(f"{order}I", gps_place)),
        )

    gps_place = 8 + len(photo(0))
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}I", 8)
    return head + photo(gps_place) + tiff_directory(order, gps_place, *position)


def only_orientation(orientation):
    return b"MM\0*\0\0\0\x08" + tiff_directory(
        ">", 8, (0x0112, 3, 1, struct.pack(">H", orientation))
    )


def jpeg_segment(marker, data=b""):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


JFIF_BYTES = 20


def jpeg(*segments, end=b""):
    """The JPEG with these segments after the first one, and this after the end of the image."""
    return JPEG[:JFIF_BYTES] + b"".join(segments) + JPEG[JFIF_BYTES:] + end


def png(*chunks, end=b""):
    """The PNG with these chunks after the first one, and this after the end of the image."""
    first = 8 + 12 + 13
    return PNG[:first] + b"".join(chunks) + PNG[first:] + end


def webp_chunk(name, data=b""):
    return struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2)


def webp(flags, *chunks, end=b""):
    """The picture of the WebP as an extended file with these flags, and these chunks after it."""
    size = webp_chunk(b"VP8X", struct.pack("<I6x", flags))
    content = b"WEBP" + size + WEBP[12:] + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(content)) + content + end


# Office files


def zipped(members, compression=zipfile.ZIP_STORED):
    """A ZIP file of these members: a dict, or pairs if a name occurs twice. Its bytes are the same
    every time."""
    pairs = members.items() if isinstance(members, dict) else members
    data = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w") as container:
        warnings.simplefilter("ignore")
        for name, content in pairs:
            container.writestr(zipfile.ZipInfo(name), content, compression)
    return data.getvalue()


def content_types(main, part, more=""):
    return (
        f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/>{more}</Types>'
    )


def open_xml(main, part, content):
    """The members of an Office Open XML file with this main part of this content type."""
    return {
        CONTENT_TYPES: content_types(main, part),
        "_rels/.rels": (
            f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
            f'officeDocument/2006/relationships/officeDocument" Target="{part}"/></Relationships>'
        ),
        part: XML + content,
    }


def word(main=f"{OPEN}wordprocessingml.document.main+xml"):
    about = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    content = f'<w:document xmlns:w="{about}"><w:body><w:p/></w:body></w:document>'
    return open_xml(main, "word/document.xml", content)


def excel(main=f"{OPEN}spreadsheetml.sheet.main+xml"):
    about = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return open_xml(main, "xl/workbook.xml", f'<workbook xmlns="{about}"><sheets/></workbook>')


def powerpoint(main=f"{OPEN}presentationml.presentation.main+xml"):
    about = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return open_xml(main, "ppt/presentation.xml", f'<p:presentation xmlns:p="{about}"/>')


def open_document(kind, entry=""):
    """The members of an OpenDocument file; its manifest describes the content with `entry`."""
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
    "picture.webp": WEBP,
    "note.txt": "Four drains were closed.\n四条水渠已经关闭。\n".encode(),
    "drains.csv": "drain,closed\r\n一号渠,2017-03-02\r\n".encode(),
    "minutes.docx": zipped(word()),
    "drains.xlsx": zipped(excel()),
    "talk.pptx": zipped(powerpoint()),
    "minutes.odt": zipped(open_document("text")),
    "drains.ods": zipped(open_document("spreadsheet")),
}
