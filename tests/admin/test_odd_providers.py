"""A provider of OpenID Connect that says what it should not signs nobody in, and the operator can
read why."""

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from tests.admin.sign_on_site import Site, shown, stop

pytestmark = pytest.mark.long

DISCOVERY, TOKEN, PERSON = "/.well-known/openid-configuration", "/token", "/person"
REFUSED = "signed nobody in"
MAKES_NO_SENSE = "not set up as it should be"


class Provider(ThreadingHTTPServer):
    """Answers what `answers` has for a path, as JSON; sent codes are not looked at."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.issuer = f"http://localhost:{self.server_port}"
        self.claims = {"sub": "x", "email": "reviewer@example.org", "email_verified": True}
        self.token = {
            "iss": self.issuer,
            "aud": "tracker",
            "exp": int(time.time()) + 600,
            **self.claims,
        }
        self.answers = {}
        self.reset()

    def reset(self):
        addresses = {
            "authorization_endpoint": "/ask",
            "token_endpoint": TOKEN,
            "userinfo_endpoint": PERSON,
            "jwks_uri": "/keys",
        }
        known = {name: self.issuer + path for name, path in addresses.items()}
        self.answers = {
            DISCOVERY: {"issuer": self.issuer, **known},
            TOKEN: self.token_answer(self.token),
            PERSON: self.claims,
        }

    def token_answer(self, token, **others):
        signed = jwt.encode(token, "not looked at, since it comes from the provider itself")
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed, **others}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(self.server.answers.get(urlsplit(self.path).path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args):
        pass


@contextmanager
def serving(server):
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def provider():
    with serving(Provider()) as provider:
        yield provider


@pytest.fixture(scope="module")
def site(provider, tmp_path_factory):
    site = Site(provider.issuer, tmp_path_factory.mktemp("site"))
    site.make_accounts()
    process = site.start()
    yield site
    stop(process)


@pytest.fixture
def sign_in(site, provider):
    """`sign_in()` goes through the provider; it returns the answer, and what was logged."""

    def sign_in():
        before = len(site.log.read_text())
        with requests.Session() as browser:
            begun = browser.get(f"{site.host}/admin/single-sign-on/", allow_redirects=False)
            asked = urlsplit(begun.headers["Location"])
            answer = browser.get(site.host + asked.path)
            if asked.netloc:
                state = parse_qs(asked.query)["state"][0]
                back = f"{site.host}/admin/single-sign-on/oidc/callback/"
                answer = browser.get(back, params={"code": "x", "state": state})
        return answer, site.log.read_text()[before:]

    yield sign_in
    provider.reset()


def test_a_person_whom_it_names_as_the_standard_says_is_signed_in(sign_in):
    answer, log = sign_in()
    # Reviewers set up a second factor first here.
    assert (answer.status_code, urlsplit(answer.url).path) == (200, "/admin/")
    assert MAKES_NO_SENSE not in log
    assert REFUSED not in log


def without(claims, name):
    return {key: value for key, value in claims.items() if key != name}


ODD = {
    "a discovery document that is none": (
        lambda at: {DISCOVERY: ["x"]},
        MAKES_NO_SENSE,
    ),
    "no discovery document": (lambda at: {DISCOVERY: None}, MAKES_NO_SENSE),
    "information on nobody": (lambda at: {PERSON: ["x"]}, MAKES_NO_SENSE),
    "information on somebody else": (
        lambda at: {PERSON: {**at.claims, "sub": "another"}},
        "different subjects",
    ),
    "an identifier that is too long": (
        lambda at: {PERSON: {**at.claims, "sub": "x" * 192}},
        MAKES_NO_SENSE,
    ),
    "an address that is none": (lambda at: {PERSON: {**at.claims, "email": 7}}, MAKES_NO_SENSE),
    "a token that lasts for how long?": (
        lambda at: {TOKEN: at.token_answer(at.token, expires_in="soon")},
        MAKES_NO_SENSE,
    ),
    "no ID token": (lambda at: {TOKEN: without(at.token_answer(at.token), "id_token")}, "no ID"),
    "an ID token without an end": (
        lambda at: {TOKEN: at.token_answer(without(at.token, "exp"))},
        "no ID token with a time at which it ends",
    ),
    "an ID token that has ended": (
        lambda at: {TOKEN: at.token_answer({**at.token, "exp": 1})},
        "Signature has expired",
    ),
    "an ID token for another site": (
        lambda at: {TOKEN: at.token_answer({**at.token, "aud": "another"})},
        "Audience doesn't match",
    ),
    "an error": (lambda at: {TOKEN: {"error": "invalid_client"}}, "invalid_client"),
    "an address without an account": (
        lambda at: {PERSON: {**at.claims, "email": "somebody@example.org"}},
        "0 accounts with a role have the address",
    ),
}


@pytest.mark.parametrize(("answers", "logged"), ODD.values(), ids=ODD)
def test_an_odd_answer_signs_nobody_in_and_is_logged(provider, sign_in, answers, logged):
    provider.answers |= answers(provider)
    answer, log = sign_in()
    assert (answer.status_code, urlsplit(answer.url).path) == (200, "/admin/login/")
    sentences = ("Signing in there has failed.", "No account here has exactly your verified")
    assert any(sentence in shown(answer) for sentence in sentences)
    assert logged in log
    assert "Traceback" not in log
    assert "example.org" not in log
