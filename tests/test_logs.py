"""The log: a line of JSON for each request, without what is secret."""

import json
import logging
import sys
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory

from commitments.admin.workbench.people import password_links
from tests.steps import token
from tracker.logs import JsonFormatter

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


# The loggers of lines that are written of requests.
WRITERS = ("tracker.requests", "django.request", "django.security", "commitments")


@pytest.fixture
def lines():
    """Return what is written of requests, as objects."""
    written, formatter = [], JsonFormatter()
    handler = logging.Handler()
    handler.emit = lambda record: written.append(json.loads(formatter.format(record)))
    logger = logging.getLogger("tracker.requests")
    level = logger.level
    for name in WRITERS:
        logging.getLogger(name).addHandler(handler)
    logger.setLevel("INFO")
    yield written
    for name in WRITERS:
        logging.getLogger(name).removeHandler(handler)
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


def by_logger(lines):
    return {line["logger"]: line for line in lines}


def test_a_page_that_is_not_there_has_the_id_in_the_line_of_django_too(signed_in, reporter, lines):
    answer = signed_in(reporter).get("/en/nothing/")
    warning = by_logger(lines)["django.request"]
    assert warning["message"] == "Not Found: /en/nothing/"
    assert warning["request"] == answer["X-Request-ID"]
    assert by_logger(lines)["tracker.requests"].get("user") == warning.get("user")


def test_whatever_is_logged_while_a_request_fails_has_its_id_and_the_person(
    reporter, lines, monkeypatch
):
    def fail(self, *args, **kwargs):
        logging.getLogger("commitments.somewhere").warning("Something is odd.")
        raise ValueError("wrong")

    monkeypatch.setattr("commitments.admin.workbench.desk.DeskPage.get", fail)
    client = Client(raise_request_exception=False)
    client.force_login(reporter)
    answer = client.get("/admin/")
    assert answer.status_code == 500
    found = by_logger(lines)
    assert set(found) == {"tracker.requests", "django.request", "commitments.somewhere"}
    assert "ValueError: wrong" in found["django.request"]["exception"]
    for line in found.values():
        assert (line["request"], line["user"]) == (answer["X-Request-ID"], reporter.pk)


def test_a_refused_token_has_the_id_in_the_line_of_django(api, lines):
    answer = api().get("/api/v1/me/", HTTP_AUTHORIZATION="Token nothing")
    assert by_logger(lines)["django.request"]["request"] == answer["X-Request-ID"]


def test_a_line_after_a_request_is_not_about_it(client, lines):
    client.get("/en/")
    logging.getLogger("commitments.somewhere").warning("Later.")
    assert "request" not in lines[-1]
    assert "user" not in lines[-1]


def test_a_caller_cannot_choose_the_id_of_a_line(client, lines):
    answer = client.get("/en/nothing/", headers={"tracker.request_id": "mine"})
    assert {line["request"] for line in lines} == {answer["X-Request-ID"]}


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
