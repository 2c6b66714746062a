"""A corpus of bad input, generated from seeds: the same every time. A finding is kept as a case of
the test of what it broke."""

import copy
import random
import struct
import zipfile
from io import BytesIO

from tests.files.sample_files import SAMPLES

SEED = 20170301
SCRIPT = "<script>alert(1)</script>"
# What people, and people who mean harm, call files.
NAMES = [
    "../../../etc/passwd{suffix}",
    "..\\..\\windows{suffix}",
    "/absolute{suffix}",
    "report\u202excod{suffix}",
    "r\u0435port{suffix}",
    "con{suffix}",
    "a" * 300 + "{suffix}",
    "line\nbreak{suffix}",
    "nul\x00byte{suffix}",
    'quote"; filename="x{suffix}',
    f"{SCRIPT}{{suffix}}",
    "=cmd|' /C calc'!A0{suffix}",
    "minutes{suffix}.exe",
    "minutes{suffix}.",
    "minutes",
    "{suffix}",
    "会议记录{suffix}",
    "\u200b{suffix}",
    "👩‍👩‍👧{suffix}",
]
# Beginnings and ends that make a file valid in two formats at once.
PARTNERS = [
    b"%PDF-1.7\n",
    b"GIF89a/*",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"PK\x03\x04",
    b"MZ\x90\x00",
    b"#!/bin/sh\n",
    b"<html><body onload=alert(1)>",
    f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>".encode(),
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    b"\xef\xbb\xbf" + SCRIPT.encode(),
]
TEXTS = [
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}",
    "{% include 'admin/base.html' %}",
    "' OR 1=1 --",
    "=HYPERLINK(0)",
    "\x00",
    "\ud800",
    "\u202e" * 50,
    "a" * 100_000,
    "\n" * 1000,
    "%s%n%x",
    "../../etc/passwd",
    "javascript:alert(1)",
    "é" * 300,
]
NUMBERS = [-1, 0, 10**30, 1.5, float("1e308"), True]
SHAPES = [None, [], {}, [[]], [None], {"en": None}, {"": ""}, {"en": ["x"]}, [{}] * 201]


def uploads():
    """Yield the name and content of files: each sample truncated, with bytes changed, under the
    name of another, as two things at once, and under hostile names."""
    chosen = random.Random(SEED)
    suffixes = sorted({f".{name.rpartition('.')[2]}" for name in SAMPLES})
    for name, content in sorted(SAMPLES.items()):
        suffix = f".{name.rpartition('.')[2]}"
        for part in range(8):
            yield name, content[: len(content) * part // 8]
        for _ in range(24):
            yield name, changed(content, chosen)
        for other in suffixes:
            if other != suffix:
                yield f"minutes{other}", content
        for partner in PARTNERS:
            yield name, partner + content
            yield name, content + partner
            yield name, partner
        for hostile in NAMES:
            yield hostile.format(suffix=suffix), content
    yield from bombs()


def changed(content, chosen):
    """Return the content with a few bytes changed, left out or put twice."""
    data = bytearray(content)
    for _ in range(chosen.randrange(1, 6)):
        if not data:
            break
        place = chosen.randrange(len(data))
        match chosen.randrange(3):
            case 0:
                data[place] = chosen.randrange(256)
            case 1:
                del data[place : place + chosen.randrange(1, 20)]
            case _:
                data[place:place] = data[place : place + chosen.randrange(1, 20)]
    return bytes(data)


def bombs():
    """Yield files that are small and claim, or unpack to, much."""
    for side in (65_535, 2**31 - 1):
        header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
        yield "minutes.png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + b"\0" * 4
    for suffix in ("docx", "xlsx", "odt"):
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", b" " * 50_000_000)
        yield f"minutes.{suffix}", buffer.getvalue()
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(3000):
                archive.writestr(f"{'../' * 5}{number}", b"x")
        yield f"minutes.{suffix}", buffer.getvalue()


def bodies(valid):
    """Yield bodies made of a valid one: each member as what it must not be, left out, or twice as
    deep; and members that nobody knows."""
    for place in places(valid):
        for value in [*TEXTS, *NUMBERS, *SHAPES]:
            body = copy.deepcopy(valid)
            put(body, place, value)
            yield body
        body = copy.deepcopy(valid)
        put(body, place, None, remove=True)
        yield body
    for name in ("state", "author", "published_at", "id", "__proto__", SCRIPT):
        yield {**valid, name: "x"}


def places(value, before=()):
    """Return the path to each member of a value, through dictionaries and lists."""
    found = [before] if before else []
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        here = (*before, name)
        found += places(member, here) if isinstance(member, (dict, list)) else [here]
    return found


def put(body, place, value, remove=False):
    *way, last = place
    for name in way:
        body = body[name]
    if remove:
        del body[last]
    else:
        body[last] = value


def raw_bodies():
    """Yield bodies that are no JSON, or more of it than anybody means."""
    yield from (b"", b"{", b"null", b"[]", b'"x"', b"NaN", b"\xff\xfe", b"{'a': 1}", b"[1,]")
    yield b"[" * 100_000
    yield b'{"a":' * 50_000
    yield b'{"commitment": "a", "commitment": "b"}'
    yield b'{"commitment": 1e999999}'
    yield b'{"x": ' + b"9" * 5000 + b"}"
    yield b"<a/>"


# Values of parameters in addresses.
PARAMETERS = [
    "",
    " ",
    "-1",
    "0",
    "9" * 40,
    "1.5",
    "true",
    "null",
    "2024-13-01",
    "0000-00-00",
    "2024-01-01T00:00:00Z",
    "99999-01-01",
    "%00",
    "\x00",
    "\ud83d",
    "'",
    '"',
    "%",
    "_",
    "\\",
    "*",
    SCRIPT,
    "a" * 5000,
    "网络",
    "\u202e",
    "ISCC",
    "iscc",
    "../",
    "[]",
    "{}",
]


def plan_files(text):
    """Yield plan files made of a good one: lines lost, doubled and changed; and YAML that means
    harm."""
    chosen, lines = random.Random(SEED), text.splitlines()
    for _ in range(150):
        rows = list(lines)
        for _ in range(chosen.randrange(1, 4)):
            place = chosen.randrange(len(rows))
            match chosen.randrange(5):
                case 0:
                    del rows[place]
                case 1:
                    rows.insert(place, rows[place])
                case 2:
                    rows[place] = rows[place].replace(":", "", 1)
                case 3:
                    rows[place] = f"  {rows[place]}"
                case _:
                    rows[place] = f"{rows[place]} {chosen.choice(TEXTS[:7])}"
        yield "\n".join(rows)
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        laughs.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]")
    yield "\n".join(laughs)
    yield "!!python/object/apply:os.system ['true']"
    yield "!!python/name:os.system"
    yield "a: &a [*a]"
    yield "{" * 5000
    yield "- " * 5000
    yield "\x00"
    yield "format: 1\nplan: " + "9" * 100_000
    yield text + "\n---\n" + text
    yield ""
    yield "format: 99"
