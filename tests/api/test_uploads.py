"""Uploads over a real connection: whoever sends too much, or may not send at all, can read why."""

import socket
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from commitments.models import Evidence
from tests import steps

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
        f"/api/v1/updates/{draft.pk}/files/",
        [f"Authorization: Token {token}"],
        megabytes * MEGABYTE,
    )
    assert status == f"HTTP/1.1 413 {HTTPStatus(413).phrase}"
    assert "The file is larger than the limit of 25 MB." in body
    assert Evidence.objects.count() == 0


@on_a_running_server
def test_whoever_may_not_send_anything_can_read_that_too(live_server, draft):
    path = f"/api/v1/updates/{draft.pk}/files/"
    status, body = send(live_server, path, [], 30 * MEGABYTE)
    assert status == "HTTP/1.1 401 Unauthorized"
    assert '"status":401' in body
