"""Plain text, which nothing in the file itself says it is: what is taken for it and what is not."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.files import HTML, of, refused

pytestmark = pytest.mark.alike


# Markup


MARKUP = [
    HTML,
    HTML.upper(),
    HTML.replace("html>", "hTmL>"),
    f"\n\r\n\t  {HTML}",
    f"\f{HTML}",
    f"\u3000\u00a0{HTML}",
    f"<!-- a note -->{HTML}",
    f"<!--{'x' * 70_000}-->{HTML}",
    f"{' ' * 70_000}{HTML}",
    f"\ufeff{HTML}",
    f"\ufeff\n{HTML}",
    f"\ufeff\ufeff{HTML}",
    "<script>alert(1)</script>",
    "<a href='javascript:alert(1)'>minutes</a>",
    "<h1>会议纪要</h1>",
    "</p><script>alert(1)</script>",
    "<body onload=alert(1)>",
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>',
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "<?php system($_GET['a']); ?>",
    "<?= `ls` ?>",
    "<%@ page language='java' %>",
    "<x:a xmlns:x='urn:x'/>",
]


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.txt", "a.csv", "a.pdf", "a.docx"])
@pytest.mark.parametrize("text", MARKUP, ids=range(len(MARKUP)))
def test_markup_is_refused_under_any_name(text, name):
    refused(text.encode(), name, "markup")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
@pytest.mark.parametrize("text", [HTML, "<svg onload='alert(1)'/>", "<p>会议纪要</p>"])
@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.txt", "a.csv"])
def test_markup_is_refused_in_any_encoding(text, encoding, name):
    refused(text.encode(encoding), name)


# Scripts and programs


@pytest.mark.parametrize("name", ["a.sh", "a.py", "a.txt", "a.csv", "a.pdf"])
@pytest.mark.parametrize(
    "script",
    [
        b"#!/bin/sh\necho\n",
        b"#! /usr/bin/env python3\nprint()\n",
        b"#!/usr/bin/node\r\n",
        b"\xef\xbb\xbf#!/bin/sh\n",
    ],
)
def test_a_script_is_refused_by_its_first_line(script, name):
    refused(script, name, "a script")


ENDINGS = (
    "py js mjs bat cmd sh ps1 vbs hta html htm xhtml svg xml php jsp url lnk reg rtf eml md json"
)


@pytest.mark.parametrize("ending", ENDINGS.split())
def test_text_under_any_other_ending_is_refused(ending):
    for name in (f"run.{ending}", f"run.txt.{ending}", f"run.{ending.upper()}"):
        refused(b"print(1)\n", name, "TXT")


@pytest.mark.parametrize("name", ["a.exe", "a.txt", "a.csv", "a.pdf", "a.docx", "a.png"])
@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(48),
        b"\x7fELF\2\1\1" + bytes(57),
        b"\xcf\xfa\xed\xfe\7\0\0\1" + bytes(24),
        b"\xca\xfe\xba\xbe\0\0\0\x34",
        b"\0asm\1\0\0\0",
        b"%!PS-Adobe-3.0\n",
        b"{\\rtf1\\ansi a}",
        b"GIF89a\1\0\1\0\0\0\0;",
        b"BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0",
        b"II*\0\x08\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"RIFF\4\0\0\0WAVE",
        b"RIFF\4\0\0\0AVI ",
        b"SQLite format 3\0",
    ],
    ids=range(14),
)
def test_programs_and_files_of_other_types_are_refused(data, name):
    refused(data, name)


@pytest.mark.parametrize(
    "data", [b"note\0", b"\0note", b"note\0" * 9, b"\0", b"\x01\x02", b"a\x1b[0m"]
)
def test_text_with_control_characters_is_refused(data):
    refused(data, "a.txt")
    refused(data, "a.csv")


def test_a_control_character_at_the_end_of_a_long_text_is_refused():
    refused(b"note\n" * 20_000 + b"\0", "a.txt")


# Text


@pytest.mark.parametrize(
    "text", ["Four drains\n", "关闭了四条水渠。\r\n", "四条 drains, émaillé 𠀀", "a\tb\fc"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_taken_in_the_encodings_that_offices_write(text, encoding):
    """`utf-16` has a mark at its beginning: what Windows calls Unicode."""
    assert of(text.encode(encoding), "会议纪要.txt") == "text/plain"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_a_chinese_table_is_taken(encoding):
    table = "水渠,关闭日期,说明\r\n一号渠,2017-03-02,“已完成”\r\n"
    assert of(table.encode(encoding), "水渠.CSV") == "text/csv"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_an_encoding_that_cannot_be_told_is_refused(encoding):
    refused("Le canal émaillé est fermé.\n".encode(encoding), "a.txt")


@pytest.mark.parametrize(
    "text",
    [
        "PK is a country code.",
        "MZ, BZ",
        "BZh",
        "GIF8 and other formats",
        "RIFF, a format, and WEBP",
        "# Minutes",
        "! note",
        "1 < 2",
        "<5 drains were closed",
        "< not markup",
        "-",
        "%PDF is a format",
    ],
)
def test_text_that_begins_like_something_else_is_still_taken(text):
    assert of(text.encode(), "a.txt") == "text/plain"
    assert of(text.encode(), "a.csv") == "text/csv"


PRINTABLE = st.text(st.one_of(st.characters(exclude_categories=["C"]), st.sampled_from(" \n\r\t")))


@settings(deadline=None)
@given(PRINTABLE)
def test_any_printable_text_is_taken_that_does_not_begin_like_markup(text):
    assume(text.strip())
    assume(not text.lstrip().startswith(("<", "#!", "%!PS", "%PDF-", "{\\rtf", "GIF8", "Rar!")))
    assert of(text.encode(), "a.txt") == "text/plain"
    assert of(text.encode("utf-8-sig"), "a.csv") == "text/csv"
