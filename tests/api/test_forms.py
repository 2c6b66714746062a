"""Forms as no good client sends them are refused with a problem detail, nothing is kept."""

import pytest

from tests.api.bodies import caller, good
from tests.api.problem_details import problem
from tests.documents import everything
from tests.files.sample_files import pdf

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def call(served, duty, forum, reporter, reviewer, evidence_folder):
    return caller(served, duty, reporter, reviewer)


FORM = "multipart/form-data; boundary=xx"


def part(head, content):
    return f"Content-Disposition: form-data; {head}\r\n\r\n".encode() + content


def field(name, content):
    return part(f'name="{name}"', content)


def form(*parts, end=b"--xx--\r\n"):
    return b"".join(b"--xx\r\n" + each + b"\r\n" for each in parts) + end


FILE = part('name="file"; filename="plan.pdf"', pdf("<</Type/Catalog>>"))
FACTS = [
    field("title", "会议记录".encode()),
    field("kind", b"meeting_record"),
    field("source", b"official"),
]
INTERNAL = field("public", b"false")
WHOLE = form(FILE, *FACTS, INTERNAL)


def cut_before(mark):
    return WHOLE[: WHOLE.index(mark)]


def plus(*parts):
    """A good form with more parts."""
    return form(FILE, *FACTS, *parts)


# Each form, and what its refusal points at or says.
BROKEN = {
    "empty": (b"", "#/title"),
    "without parts": (form(), "#/title"),
    "no form at all": (b"title=x", "incomplete"),
    "with JSON": (good("add evidence").encode(), "incomplete"),
    "with another boundary": (WHOLE.replace(b"--xx", b"--yy"), "incomplete"),
    "cut within the file": (cut_before(b"startxref"), "incomplete"),
    "cut after the file": (cut_before(b'name="title"'), "incomplete"),
    "cut before its last field": (cut_before(b'name="public"'), "incomplete"),
    "cut within its last field": (cut_before(b"alse"), "incomplete"),
    "cut before its end": (cut_before(b"--xx--"), "incomplete"),
    "of 10,000 fields": (
        form(*[field(f"a{n}", b"") for n in range(10_000)]),
        "too many fields or files",
    ),
    "of 1,000 files": (form(*[FILE] * 1000), "too many fields or files"),
    "with a field twice": (plus(FACTS[0]), "twice"),
    "with a file twice": (plus(FILE), "twice"),
    "with a file and a text of its name": (plus(field("file", b"x")), "twice"),
    "with a part without a name": (plus(part('filename="x"', b"x")), "no readable name"),
    "with a name that cannot be read": (
        plus(b'Content-Disposition: form-data; name="\xe9"\r\n\r\nx'),
        "no readable name",
    ),
    "with the name of a file in GBK": (
        form(*FACTS, FILE.replace(b"plan.pdf", "计划.pdf".encode("gbk"))),
        "A form field or file has no readable name (UTF-8).",
    ),
    "with a strange field": (plus(field("colour", b"x")), "#/colour"),
    "with a strange file": (plus(part('name="x"; filename="y"', b"x")), "#/x"),
    "with a link": (plus(field("url", b"https://example.org/")), "#/url"),
    "with half a JSON object": (plus(field("publisher", b'{"en": "UN"')), "#/publisher"),
    "with more than a JSON object": (plus(field("publisher", b' {"en": "UN"}, x')), "#/publisher"),
    "with NUL in a name": (plus(field("a\0b", b"x")), "#/a%00b"),
    "with NUL in a field": (plus(field("publisher", b"a\0b")), "#/publisher"),
    "with a field in Latin-1": (plus(field("publisher", b"\xe9")), "UTF-8"),
    "with a field in UTF-16": (plus(field("publisher", "é".encode("utf-16"))), "UTF-8"),
    "with a name of a megabyte": (plus(field("x" * 2**20, b"")), "header size"),
    "with a text for the file": (form(*FACTS, field("file", b"%PDF-1.7")), "#/file"),
    "without a file": (form(*FACTS), "#/file"),
    "with a file for a text": (
        form(FILE, *FACTS[1:], part('name="title"; filename="t"', b"T")),
        "#/title",
    ),
    "with a file for a truth value": (
        plus(part('name="public"; filename="t"', b"true")),
        "#/public",
    ),
    "with another truth": (plus(field("public", b"TRUE")), "#/public"),
    "with a day in Arabic digits": (plus(field("dated_on", "٢٠٢٦-٠٦-٣٠".encode())), "#/dated_on"),
    "with a day that is none": (plus(field("dated_on", b"2026-02-30")), "#/dated_on"),
    "with a language too long": (plus(field("language", b"x" * 21)), "#/language"),
}


@pytest.mark.long
def test_a_broken_form_is_refused_and_nothing_of_it_is_kept(call, stored):
    before, files = everything(), stored()
    for name, (body, told) in BROKEN.items():
        found = problem(call("add file", body, FORM), 400)
        places = [error["pointer"] for error in found.get("errors", [])]
        assert told in found["detail"] or told in places, (name, found)
    assert (everything(), stored()) == (before, files)


def test_a_form_with_another_content_type_is_refused(call, stored):
    files = stored()
    for content_type, status, told in [
        ("multipart/form-data", 400, "boundary"),
        ("multipart/form-data; boundary=", 400, "boundary"),
        ("multipart/form-data; boundary=yy", 400, "incomplete"),
        ("multipart/form-data; boundary=\xe9", 400, "Content-Type"),
        (f"multipart/form-data; boundary={'x' * 300}", 415, "multipart/form-data"),
        ("application/json", 415, "multipart/form-data"),
        ("application/x-www-form-urlencoded", 415, "multipart/form-data"),
        ("multipart/mixed; boundary=xx", 415, "multipart/form-data"),
    ]:
        assert told in problem(call("add file", WHOLE, content_type), status)["detail"]
    assert stored() == files


def test_a_form_whose_fields_have_ten_megabytes_is_too_large(call, stored):
    files = stored()
    answer = call("add file", plus(field("publisher", b"x" * 10_000_000)), FORM)
    assert "at most 2.5 MB is allowed" in problem(answer, 413)["detail"]
    assert stored() == files


@pytest.mark.long
def test_a_whole_form_is_taken_in_any_order_whatever_charset_is_named(call):
    for body in (WHOLE, form(INTERNAL, *FACTS, FILE), form(INTERNAL, FILE, *FACTS, end=b"--xx--")):
        for charset in ("", "; charset=utf-8", "; charset=hex", "; charset=idna"):
            answer = call("add file", body, FORM + charset)
            assert answer.status_code == 201, answer.content
            assert (answer.json()["title"], answer.json()["public"]) == ({"en": "会议记录"}, False)
