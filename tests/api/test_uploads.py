"""Uploads over a real connection: whoever sends too much, or may not send at all, can read why; and
the staff side's form."""

import socket
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from commitments.models import Evidence, ProgressUpdate
from tests import steps
from tests.files.sample_files import SAMPLES

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

on_a_running_server = pytest.mark.django_db(transaction=True)

BOUNDARY = "tracker-test"
MEGABYTE = 2**20


@pytest.fixture
def draft(duty, reporter, noon):
    return steps.draft(duty, reporter, evidence=())


def send(server, path, headers, size, chunk=b"x" * 65536):
    """The answer's status line and body: all of the request is sent before any of it is read, as
    browsers and libraries do."""
    parts = urlsplit(server.url)
    facts = {"title": "Minutes", "kind": "report", "source": "independent"}
    fields = [f'name="{name}"\r\n\r\n{value}' for name, value in facts.items()]
    fields += ['name="file"; filename="a.pdf"\r\n\r\n']
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    head = "\r\n".join(begin + field for field in fields).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(head) + size + len(tail)}",
        "Connection: close",
        *headers,
        "",
        "",
    ]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode() + head)
        for _count in range(size // len(chunk)):
            connection.sendall(chunk)
        connection.sendall(chunk[: size % len(chunk)] + tail)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    status, _blank, body = answer.decode().partition("\r\n\r\n")
    return status.splitlines()[0], body


@on_a_running_server
@pytest.mark.parametrize("megabytes", [26, pytest.param(60, marks=pytest.mark.long)])
def test_the_refusal_of_a_file_that_is_too_large_can_be_read(
    live_server, draft, reporter, megabytes, settings
):
    settings.EVIDENCE_MAX_BYTES = 25 * MEGABYTE
    token = steps.token(reporter)
    status, body = send(
        live_server,
        f"/api/v1/updates/{draft.pk}/evidence/",
        [f"Authorization: Token {token}"],
        megabytes * MEGABYTE,
    )
    assert status == f"HTTP/1.1 413 {HTTPStatus(413).phrase}"
    assert "The file is larger than the limit of 25 MB." in body
    assert Evidence.objects.count() == 0


@on_a_running_server
def test_whoever_may_not_send_anything_can_read_that_too(live_server, draft):
    path = f"/api/v1/updates/{draft.pk}/evidence/"
    status, body = send(live_server, path, [], 30 * MEGABYTE)
    assert status == "HTTP/1.1 401 Unauthorized"
    assert '"status":401' in body


# The staff side


@pytest.fixture
def form(signed_in, reporter, duty):
    """`form(*pieces, **fields)` sends the form of a new update with these pieces of evidence."""
    browser = signed_in(reporter)

    def form(*pieces, **fields):
        data = {
            "commitment": duty.pk,
            "effective_on": "2026-06-30",
            "date_precision": "day",
            "summary_en": "A meeting was held.",
            "evidence-TOTAL_FORMS": len(pieces),
            "evidence-INITIAL_FORMS": 0,
            **fields,
        }
        for index, piece in enumerate(pieces):
            facts = {"title_en": "Minutes", "kind": "report", "source": "independent", **piece}
            data |= {f"evidence-{index}-{name}": value for name, value in facts.items()}
            data[f"evidence-{index}-public"] = "on"
        return browser.post("/admin/commitments/progressupdate/add/", data)

    return form


@pytest.mark.usefixtures("noon")
def test_several_files_are_added_with_a_new_update(form, signed_in, reporter):
    answer = form({"upload": steps.upload()}, {"upload": steps.upload("picture.png")})
    assert answer.status_code == 302
    update = ProgressUpdate.objects.get()
    names = update.evidence.order_by("pk").values_list("file_name", "file_type")
    assert list(names) == [("minutes.pdf", "application/pdf"), ("picture.png", "image/png")]
    page = signed_in(reporter).get(answer.url).text
    address = f"/api/v1/evidence/{update.evidence.first().pk}/file/"
    assert f'<a href="{address}">minutes.pdf</a>' in page


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (
            [{"upload": ("a.html", b"<p>")}],
            "The file is HTML, SVG or other markup, which is not accepted.",
        ),
        ([{"upload": ("a.pdf", b"")}], "The file is empty."),
        (
            [{"upload": ("a.pdf", None), "url": "https://example.org/"}],
            "Give exactly one of the following: a link, a file or a citation.",
        ),
        (
            [{"upload": ("a.pdf", None)}, {"upload": ("b.pdf", None), "title_en": "Again"}],
            "This update already contains this file, as “Minutes”.",
        ),
        ([{}], "Give exactly one of the following: a link, a file or a citation."),
    ],
)
def test_what_is_wrong_with_a_file_is_shown_beside_it_and_nothing_is_written(
    form, pieces, sentence
):
    sent = [
        {**piece, "upload": _upload(*piece["upload"])} if "upload" in piece else piece
        for piece in pieces
    ]
    answer = form(*sent)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert ProgressUpdate.objects.count() == 0


def _upload(name, content):
    return steps.upload(name, SAMPLES["minutes.pdf"] if content is None else content)


@pytest.mark.usefixtures("noon")
def test_a_file_that_is_too_large_is_refused_beside_it(form, settings):
    settings.EVIDENCE_MAX_BYTES = 100_000
    answer = form({"upload": steps.upload("a.pdf", SAMPLES["minutes.pdf"] + b" " * 100_000)})
    assert "The file is larger than" in answer.text
    assert ProgressUpdate.objects.count() == 0


def test_a_reviewer_finds_the_file_on_the_page_of_the_action_and_of_the_update(
    signed_in, duty, reporter, reviewer, noon
):
    update = steps.submitted(duty, reporter, evidence=[steps.file_evidence()])
    item = update.evidence.get()
    browser = signed_in(reviewer)
    for path in ("action/publish/", "change/"):
        page = browser.get(f"/admin/commitments/progressupdate/{update.pk}/{path}").text
        assert f'<a href="/api/v1/evidence/{item.pk}/file/">minutes.pdf</a>' in page
