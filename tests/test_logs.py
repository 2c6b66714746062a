"""The log: a line of JSON for each request, without what is secret."""

import json
import logging
import sys
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory

from commitments.admin.workbench.people import password_links
from tests.steps import token
from tracker.logs import JsonFormatter

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def lines():
    """Return what is written of requests, as objects."""
    written, formatter = [], JsonFormatter()
    handler = logging.Handler()
    handler.emit = lambda record: written.append(json.loads(formatter.format(record)))
    logger = logging.getLogger("tracker.requests")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_request_has_its_line_with_path_status_and_id(client, lines):
    answer = client.get("/en/?secret=1")
    [line] = lines
    assert (line["method"], line["path"], line["status"]) == ("GET", "/en/", 200)
    assert line["request"] == answer["X-Request-ID"]
    assert "user" not in line
    assert "secret" not in json.dumps(line)
    assert line["at"].endswith("Z")


def test_who_signed_in_is_named_by_id_alone(reporter, api, signed_in, lines):
    signed_in(reporter).get("/admin/")
    secret = token(reporter)
    api().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Token {secret}")
    assert [line["user"] for line in lines] == [reporter.pk] * 2
    assert secret not in json.dumps(lines)
    assert "127.0.0.1" not in json.dumps(lines)


def test_a_link_to_set_a_password_is_in_no_line(reporter, client, lines):
    [link] = password_links(RequestFactory().get("/"), [reporter])
    path = urlsplit(link.address).path
    assert client.get(path).status_code == 302
    assert path.split("/")[-2] not in json.dumps(lines)
    assert lines[-1]["path"].endswith("/…/")


@pytest.mark.parametrize("prefix", ["/admin", "/en/admin", "//admin"])
def test_a_link_that_was_copied_wrongly_is_in_no_line_either(prefix, reporter, client, lines):
    [link] = password_links(RequestFactory().get("/"), [reporter])
    path = urlsplit(link.address).path.replace("/admin", prefix, 1).rstrip("/")
    client.get(path)
    assert lines
    assert path.split("/")[-1] not in json.dumps(lines)


def test_a_proxy_may_give_the_id(client, settings, lines):
    assert client.get("/en/", HTTP_X_REQUEST_ID="from-outside")["X-Request-ID"] != "from-outside"
    settings.BEHIND_PROXY = True
    assert client.get("/en/", HTTP_X_REQUEST_ID="a.b-1_c")["X-Request-ID"] == "a.b-1_c"
    for sent in ("a b", "x" * 65, 'a"b', "é"):
        assert client.get("/en/", HTTP_X_REQUEST_ID=sent)["X-Request-ID"] != sent


def test_a_line_break_in_a_message_begins_no_line():
    record = logging.LogRecord("a", logging.INFO, "", 1, 'one\n{"two": 1}', (), None)
    assert "\n" not in JsonFormatter().format(record)


def test_an_error_is_written_with_its_trace():
    try:
        raise ValueError("wrong")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "Failed", (), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert "ValueError: wrong" in line["exception"]
