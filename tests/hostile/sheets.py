"""Hostile sheets, CSV and XLSX, by kind: what staff may upload for planning and for people. Each is
a file name and a content."""

import random
import struct
import zipfile
from functools import cache
from io import BytesIO

from openpyxl import Workbook

from tests.hostile.corpus import NAMES, SCRIPT, SEED, TEXTS, changed

# Those of the planning table, of people, and of plans.
COLUMNS = ["number", "title", "lead_office", "supporting_offices", "due_on", "ends_on"]
COLUMNS += ["milestones", "username", "last_name", "email", "roles", "offices", "office_name_en"]
COLUMNS += ["title_en", "text_en"]
ROW = ["1.1", "A title", "OFFICE", "", "2027-01-01", "", "", "li", "Li", "li@example.org"]
ROW += ["reporter", "OFFICE", "", "Build", "Build it."]
# The pages that take sheets, and who may load one there.
PAGES = {"/admin/planning/PLAN/": "curator", "/admin/people/": "administrator"}
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' if level else '<!ENTITY l0 "lol">'
    for level in range(12)
)
# What a member of a workbook is replaced by.
MEMBERS = [
    b"",
    b"\x00" * 100,
    b"no markup",
    b"<a/>",
    b"<a" * 2000,
    b"<a>" * 5000,
    f"<!DOCTYPE a [{LAUGHS}]><a>&l11;</a>".encode(),
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    b'<?xml version="1.0" encoding="x-none"?><a/>',
    '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    b"<a>\xff\xfe</a>",
    b'<a xmlns:b="b" b:c="' + b"d" * 100_000 + b'"/>',
]
# Cells of a row as they are written in XML; the sheet has two cells as strings and ten columns.
CELLS = [
    '<c r="A2"><f>HYPERLINK("http://127.0.0.1/")</f><v>1.1</v></c>',
    '<c r="A2" t="str"><f>cmd|\' /C calc\'!A0</f><v>=1+1</v></c>',
    '<c r="A2" t="s"><v>99999999</v></c>',
    '<c r="A2" t="s"><v>-1</v></c>',
    '<c r="A2" t="s"><v>x</v></c>',
    '<c r="A2" t="d"><v>9999-99-99</v></c>',
    '<c r="A2" t="b"><v>maybe</v></c>',
    '<c r="A2" t="e"><v>#REF!</v></c>',
    '<c r="A2" t="none"><v>1</v></c>',
    '<c r="A2" s="999999"><v>1</v></c>',
    '<c r="A2" s="-1"><v>1</v></c>',
    '<c r="A2"><v>1e999</v></c>',
    '<c r="A2"><v>nan</v></c>',
    f'<c r="A2"><v>{"9" * 5000}</v></c>',
    '<c r="A0"><v>1</v></c>',
    '<c r="2A"><v>1</v></c>',
    '<c r=""><v>1</v></c>',
    '<c r="XFE2"><v>1</v></c>',
    '<c r="ZZZ2"><v>1</v></c>',
    '<c r="ZZZZZZZZ2"><v>1</v></c>',
    '<c r="A99999999999"><v>1</v></c>',
    '<c t="inlineStr"><is><t>&#0;</t></is></c>',
    f'<c t="inlineStr"><is><t>{"&lt;b>" * 50_000}</t></is></c>',
    '<c t="inlineStr"><is><r><rPr/><t>1.1</t></r></is></c>',
    "<c/>" * 20_000,
    '</row><row r="1"><c r="A1"><v>1</v></c>',
    '</row><row r="0"><c r="A1"><v>1</v></c>',
    '</row><row r="-5"><c r="A1"><v>1</v></c>',
    '</row><row r="x"><c r="A1"><v>1</v></c>',
    f'</row><row r="{10**30}"><c r="A1"><v>1</v></c>',
]
HEADERS = [
    "",
    ",",
    ",,,,number",
    "number",
    "number,number,lead_office,lead_office",
    "NUMBER,LEAD_OFFICE",
    "Commitment Number,Theme",
    "ｎｕｍｂｅｒ,lead_office",
    "numbеr,lead_office",
    "\u200bnumber,lead_office",
    "number;lead_office",
    "number\tlead_office",
    f"number,{SCRIPT}",
    "number,=cmd|' /C calc'!A0",
    "number,__proto__,constructor",
    "number,office_name_" + "x" * 5000,
    f"username,offices,office_name_{SCRIPT}",
    "sep=;",
    "number," + ",".join(f"c{n}" for n in range(20_000)),
    "," * 1_000_000,
    "number" + ",lead_office" * 100_000,
    "n" * 1_000_000,
]
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "cp1252", "gb18030"]
ENCODINGS += ["big5", "shift_jis", "euc_kr", "iso2022_jp", "koi8_r", "utf-8-sig", "punycode"]
MARKS = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"\x84\x31\x95\x33"]


def csv_of(*rows, name="sheet.csv"):
    return name, "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")


@cache
def book():
    """Return a workbook whose first sheet is as good as any."""
    made, file = Workbook(), BytesIO()
    made.active.append(COLUMNS)
    made.active.append(ROW)
    made.save(file)
    return file.getvalue()


def book_with(parts, **options):
    """Return the workbook with these members, None for one that is left out."""
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(book())) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = parts.get(name, source.read(name))
            if content is not None:
                target.writestr(name, content, **options)
        for name in parts.keys() - source.namelist():
            target.writestr(name, parts[name], **options)
    return "sheet.xlsx", file.getvalue()


def sheet_xml(rows, before=""):
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'.encode()


def row_xml(cells, number=""):
    words = (f'<c t="inlineStr"><is><t>{words}</t></is></c>' for words in cells)
    place = f' r="{number}"' if number else ""
    return f"<row{place}>{''.join(words)}</row>"


def damaged():
    """Both forms of a good sheet cut off, and with bytes changed."""
    chosen = random.Random(SEED)
    for name, content in (csv_of(COLUMNS, ROW), ("sheet.xlsx", book())):
        for part in range(30):
            yield name, content[: len(content) * part // 30]
        for _ in range(120):
            yield name, changed(content, chosen)


def members():
    """Workbooks of which a part is missing, or no such part."""
    with zipfile.ZipFile(BytesIO(book())) as source:
        names = source.namelist()
    for name in names:
        yield book_with({name: None})
        for content in MEMBERS:
            yield book_with({name: content})


def cells():
    for cell in CELLS:
        rows = row_xml(COLUMNS, 1) + f'<row r="2">{cell}</row>'
        yield book_with({SHEET: sheet_xml(rows)})
        yield book_with({SHEET: sheet_xml(f'<row r="1">{cell}</row>')})
    for size in ("A1:XFD1048576", "A1", "", "A0:A-1", "ZZZZ9:A1", "x" * 9999):
        before = f'<dimension ref="{size}"/>'
        rows = row_xml(COLUMNS) + row_xml(ROW)
        yield book_with({SHEET: sheet_xml(rows, before)})


def links():
    """Workbooks that lead elsewhere: parts of other files, programs, paths out of the archive."""
    kinds = ("externalLink", "worksheet", "sharedStrings", "styles", "chartsheet", "hyperlink")
    targets = ["http://127.0.0.1:9/x", "file:///etc/passwd", "../../../etc/passwd", "/xl/none.xml"]
    targets += ["\\\\10.0.0.1\\share", "xl/workbook.xml", "worksheets/sheet1.xml", ""]
    name = "xl/_rels/workbook.xml.rels"
    base = "http://schemas.openxmlformats.org"
    for kind in kinds:
        for target in targets:
            for mode in ("", 'TargetMode="External"'):
                link = (
                    f'<Relationships xmlns="{base}/package/2006/relationships"><Relationship '
                    f'Id="rId1" Type="{base}/officeDocument/2006/relationships/{kind}" '
                    f'Target="{target}" {mode}/></Relationships>'
                )
                yield book_with({name: link.encode()})


def archives():
    """Archives that lie, or of which programs read different things."""
    good = book()
    for compression in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield book_with({}, compress_type=compression)
    # Central directory: encrypted, another compression, another size, another offset.
    for place, value in ((8, b"\x01\x00"), (8, b"\xff\xff"), (10, b"\x63\x00"), (10, b"\x09\x00")):
        yield "sheet.xlsx", in_every_header(good, place, value)
    for place in (20, 24, 42):
        for value in (0, 1, 2**31, 2**32 - 1):
            yield "sheet.xlsx", in_every_header(good, place, struct.pack("<I", value))
    for name in ("../../evil", "/etc/passwd", "C:\\x", "a" * 60_000, "\u202e.xml", SCRIPT):
        yield book_with({name: b"x"})
    for partner in (b"%PDF-1.7\n", b"MZ", b"number,lead_office\n1.1,X\n", b"\x00" * 1000):
        yield "sheet.xlsx", partner + good
        yield "sheet.xlsx", good + partner
        yield "sheet.csv", partner + good
    yield "sheet.xlsx", good + good
    yield "sheet.csv", good
    yield "sheet.xlsx", csv_of(COLUMNS, ROW)[1]
    yield "sheet.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
    yield book_with({SHEET: good})


def in_every_header(archive, place, value):
    """Return the archive with bytes of each entry of its central directory replaced."""
    data, found = bytearray(archive), archive.find(b"PK\x01\x02")
    while found >= 0:
        data[found + place : found + place + len(value)] = value
        found = archive.find(b"PK\x01\x02", found + 4)
    return bytes(data)


def headers():
    for header in HEADERS:
        yield "sheet.csv", f"{header}\n1.1,OFFICE\n".encode()
        yield "sheet.csv", header.encode()
        columns = header.split(",")[:20_000]
        if header.isprintable() and "<" not in header:
            rows = row_xml(columns) + row_xml(["1.1", "OFFICE"])
            yield book_with({SHEET: sheet_xml(rows)})


def values():
    """Each text that means harm in each column, and rows that say the same twice."""
    for place, _column in enumerate(COLUMNS):
        for text in TEXTS:
            row = list(ROW)
            row[place] = f'"{text.replace(chr(34), chr(34) * 2)}"'
            yield csv_of(COLUMNS, row)
    yield csv_of(COLUMNS, *[ROW] * 500)
    yield csv_of(COLUMNS, *[[f"9.{n}", *ROW[1:]] for n in range(500)])


def quoting():
    """CSV with quotes, ends of lines and null characters where they do not belong."""
    good = csv_of(COLUMNS, ROW)[1]
    for piece in (b'"', b'""', b'"""', b"\x00", b"\r", b"\n\r", b"\x0b", b"\x1a", b"\\", b"\x85"):
        for place in range(0, len(good), max(1, len(good) // 12)):
            yield "sheet.csv", good[:place] + piece + good[place:]
    for content in (b'"' * 100_000, b"\x00" * 100_000, b"\r" * 100_000, b'"' + b"a" * 200_000):
        yield "sheet.csv", content
        yield "sheet.csv", good + b"\n" + content


def encodings():
    text = csv_of(COLUMNS, [*ROW[:8], "王丽", *ROW[9:]])[1].decode()
    for encoding in ENCODINGS:
        content = text.encode(encoding, "replace")
        yield "sheet.csv", content
        for mark in MARKS:
            yield "sheet.csv", mark + content
    yield "sheet.csv", csv_of(COLUMNS, ["\ud800", *ROW[1:]])[1]


def names():
    for name in NAMES:
        for suffix, content in ((".csv", csv_of(COLUMNS, ROW)[1]), (".xlsx", book())):
            yield name.format(suffix=suffix), content
            yield name.format(suffix=suffix), content[:40]


KINDS = {
    "damaged": (damaged, 300),
    "members": (members, 100),
    "cells": (cells, 60),
    "links": (links, 90),
    "archives": (archives, 35),
    "headers": (headers, 60),
    "values": (values, 190),
    "quoting": (quoting, 120),
    "encodings": (encodings, 90),
    "names": (names, 70),
}
