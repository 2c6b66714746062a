"""Signing in with name and password: wrong ones of any kind, and bodies that nobody asked for."""

from base64 import b64encode

import pytest
from axes.models import AccessAttempt

from commitments.access import tokens
from commitments.models import AccessToken
from tests.api.problem_details import problem

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


def basic(pair):
    return "Basic " + b64encode(pair).decode()


@pytest.fixture
def log_in(served, reporter):
    """`log_in(credentials, body, content_type)`; the password is `four eyes`."""
    reporter.set_password("four eyes")
    reporter.save()

    def log_in(credentials, body=b"", content_type="application/json"):
        headers = {"Authorization": credentials}
        return served.post(
            "/api/v1/auth/login/?", data=body, content_type=content_type, headers=headers
        )

    return log_in


def test_a_body_that_is_no_json_gives_no_token_with_all_scopes(log_in):
    """A client may have forgotten to name the media type of what it asks for."""
    right, form = basic(b"reporter:four eyes"), "application/x-www-form-urlencoded"
    problem(log_in(right, b'{"scopes": []}', form), 415)
    assert log_in(right, b'{"scopes": []}').json()["scopes"] == []
    assert log_in(right, b"", form).json()["scopes"] == [*tokens.ALL_SCOPES]


FORM = "multipart/form-data; boundary=xx"
MANY_FIELDS = b'--xx\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n' * 2000 + b"--xx--"
NO_CREDENTIALS = [
    "",
    "Basic",
    "Basic ",
    "Basic !",
    "Basic a b",
    "Basic \xff",
    "Basic 8J+Y",
    "Bearer x",
]
WRONG_PAIRS = [b"reporter", b":", b"reporter:", b"a\0b:x", b"reporter:\0", b"\xed\xa0\x80:x"]
WRONG_PAIRS += ["é:x".encode("utf-16"), "\u202ereporter:\u200b".encode(), b"x" * 100_000 + b":x"]


def test_wrong_credentials_of_any_kind_are_refused(log_in):
    for credentials in (*NO_CREDENTIALS, *map(basic, WRONG_PAIRS)):
        answer = log_in(credentials)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="api"'
    assert AccessToken.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[" * 100_000, "application/json"),
        (b"x" * 10_000_000, "application/json"),
        (b"\xff\0", "text/plain; charset=hex"),
        (b"x", "multipart/form-data"),
        (b"x", FORM),
        (MANY_FIELDS, FORM),
        (b"x=" * 5_000_000, "application/x-www-form-urlencoded"),
        (b"&" * 2000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_neither_hides_a_wrong_password_nor_helps_a_right_one(log_in, body, content_type):
    """Else it could be tried without end: what is not counted locks nobody out."""
    wrong = log_in(basic(b"reporter:two eyes"), body, content_type)
    counted = AccessAttempt.objects.count()
    right = log_in(basic(b"reporter:four eyes"), body, content_type)
    assert right.status_code in (400, 413, 415)
    assert not AccessToken.objects.exists()
    if wrong.status_code == 401:
        assert counted == 1
    else:
        assert problem(wrong, right.status_code) == problem(right, right.status_code)
