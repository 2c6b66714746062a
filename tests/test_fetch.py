"""Looking at a link: what each answer means, that nothing but the open net is reached, and that
nobody can keep it."""

import shutil
import socket
import ssl
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments import fetch
from commitments.fetch import Limits, Look, is_public
from tests.odd_server import odd_server

pytestmark = pytest.mark.alike

LIMITS = Limits(total=0.6, step=0.4, most=20_000)


@pytest.fixture
def server():
    with odd_server() as server:
        yield server


@pytest.fixture
def look(server):
    """`look(path)` is what was seen at that path of the odd server."""

    def look(path, known="", limits=LIMITS):
        url = f"http://{server.host}{path}"
        return Look(url, "tests", frozenset({server.host}), known, limits).seen()

    return look


@pytest.mark.parametrize(
    ("path", "outcome", "detail"),
    [
        ("/ok", "ok", "200"),
        ("/no-head", "ok", "200"),
        ("/head-lies", "ok", "200"),
        ("/elsewhere-today", "ok", "200"),
        ("/large", "ok", "200"),
        ("/endless", "ok", "200"),
        ("/packed", "ok", "200"),
        ("/ok?q=%E5%9B%9B#part", "ok", "200"),
        ("/moved", "moved", "200"),
        ("/moved-twice", "moved", "200"),
        ("/moved-then-elsewhere", "moved", "200"),
        ("/missing", "gone", "404"),
        ("/gone", "gone", "410"),
        ("/soft", "gone", "404"),
        ("/broken", "unreachable", "500"),
        ("/forbidden", "unreachable", "403"),
        ("/nowhere", "unreachable", "302"),
        ("/loop", "unreachable", "too many redirects"),
        ("/to-metadata", "unreachable", "not a public address"),
        ("/to-another-port", "unreachable", "not a public address"),
        ("/to-file", "unreachable", "not an address of the web"),
        ("/silent", "unreachable", "took too long"),
        ("/silent-to-head", "ok", "200"),
        ("/hangs-up-on-head", "ok", "200"),
        ("/utf-8-location", "moved", "200"),
        ("/a place", "ok", "200"),
        ("?x=1", "ok", "200"),
        ("/bad-location", "unreachable", "no valid answer"),
        ("/bad-length", "ok", "200"),
        ("/bad-tag", "ok", "200"),
        ("/titles", "ok", "200"),
        ("/dripping-to-the-end", "unreachable", "took too long"),
        ("/dripping", "unreachable", "took too long"),
        ("/dripping-headers", "unreachable", "took too long"),
        ("/hangs-up", "unreachable", "no connection"),
        ("/garbage", "unreachable", "no valid answer"),
        ("/cut-short", "unreachable", "no valid answer"),
    ],
)
def test_what_an_answer_means(look, path, outcome, detail):
    begun = time.monotonic()
    seen = look(path)
    assert (seen.outcome, seen.detail) == (outcome, detail)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("path", "to"),
    [("/moved", "/ok"), ("/moved-twice", "/ok"), ("/moved-then-elsewhere", "/elsewhere-today")],
)
def test_it_moved_as_far_as_lasting_redirects_lead(look, server, path, to):
    assert look(path).moved_to == f"http://{server.host}{to}"


def test_head_comes_first_and_get_shows_what_is_there(look, server):
    look("/ok")
    assert server.methods() == ["HEAD", "GET"]
    assert server.agents == {"tests"}


def test_nothing_is_fetched_of_what_the_server_says_is_the_same(look, server):
    first = look("/versioned")
    assert first.validator == '"Minutes of May"'
    again = look("/versioned", known=first.validator)
    assert server.methods() == ["HEAD", "GET", "HEAD"]
    assert (again.outcome, again.fingerprint, again.validator) == ("ok", "", first.validator)


def test_nothing_is_fetched_of_what_is_too_large(look, server):
    assert look("/large").fingerprint == ""
    assert server.methods() == ["HEAD"]


def test_no_more_is_read_than_is_needed(look, server):
    assert look("/endless").fingerprint == ""
    assert server.sent < 20_000_000


@pytest.mark.parametrize("path", ["/packed", "/untitled", "/titles"])
def test_what_says_nothing_of_itself_has_no_fingerprint(look, path):
    assert look(path).fingerprint == ""


def test_a_validator_is_short_and_without_control_characters(look):
    assert look("/bad-tag").validator == '"a' + "b" * 198


def test_of_a_page_the_title_counts_and_of_a_document_the_bytes(look, server):
    page, document = look("/titled").fingerprint, look("/document").fingerprint
    assert look("/titled").fingerprint == page
    assert look("/document").fingerprint == document
    server.titles.append("Page not found")
    assert look("/titled").fingerprint != page
    assert look("/document").fingerprint != document


# Only the open net


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.170",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::127.0.0.1",
    ],
)
def test_what_is_not_of_the_open_net_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "223.5.5.5",
        "2606:4700::1111",
        "2400:3200::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_what_is_of_the_open_net_is_asked(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_all_its_clothes(address):
    number = int(address)
    clothed = (f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}")
    assert {is_public(one) for one in clothed} == {is_public(str(address))}


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:{port}/ok", "not a public address"),
        ("http://localhost:{port}/ok", "not a public address"),
        ("http://127.1:{port}/ok", "not a public address"),
        ("http://2130706433:{port}/ok", "not a public address"),
        ("http://0x7f000001:{port}/ok", "not a public address"),
        ("http://[::ffff:127.0.0.1]:{port}/ok", "not a public address"),
        ("http://user:password@127.0.0.1:{port}/ok", "not an address of the web"),
        ("http://example.org@127.0.0.1:{port}/ok", "not an address of the web"),
        ("ftp://127.0.0.1/ok", "not an address of the web"),
        ("http:///ok", "not an address of the web"),
        ("http://127.0.0.1:99999/ok", "not an address"),
        ("http://[::1/ok", "not an address"),
        ("http://no-such-host.invalid/", "the name is not known"),
        ("http://" + "a" * 300 + ".invalid/", "the name is not known"),
    ],
)
def test_no_clothes_help_an_address_that_is_not_open(server, url, detail):
    seen = Look(url.format(port=server.server_port), "tests").seen()
    assert (seen.outcome, seen.detail) == ("unreachable", detail)
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(server, monkeypatch):
    """A name that means something else the next time it is asked for gains nothing."""
    answers = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1"])
    asked = []

    def getaddrinfo(host, port, **options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    tried = []

    class Refusing(fetch.HTTPConnection):
        def connect(self):
            tried.append(self.host)
            raise OSError("refused")

    monkeypatch.setattr(fetch.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(fetch, "HTTPConnection", Refusing)
    seen = Look(f"http://rebinding.example:{server.server_port}/ok", "tests").seen()
    assert (seen.outcome, seen.detail) == ("unreachable", "not a public address")
    # The second time, for GET, it says that it is inside: nothing is tried.
    assert (asked, tried) == (["rebinding.example"] * 2, ["8.8.8.8"])


def test_a_host_with_one_address_inside_is_not_asked_at_all(monkeypatch):
    def getaddrinfo(host, port, **options):
        return [(2, 1, 6, "", (ip, port)) for ip in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(fetch.socket, "getaddrinfo", getaddrinfo)
    assert Look("http://two.example/", "tests").seen().detail == "not a public address"


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (
            "https://例子.测试/会议?日=1#二",
            "https://xn--fsqu00a.xn--0zwm56d/%E4%BC%9A%E8%AE%AE?%E6%97%A5=1#%E4%BA%8C",
        ),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/é%20b", "https://example.org/%C3%A9%20b"),
    ],
)
def test_an_address_in_other_letters_is_asked_in_ascii(address, asked):
    assert fetch.quoted(address) == asked


def test_slow_names_are_not_waited_for(monkeypatch):
    def getaddrinfo(host, port, **options):
        time.sleep(1)
        return []

    monkeypatch.setattr(fetch.socket, "getaddrinfo", getaddrinfo)
    begun = time.monotonic()
    seen = Look("http://slow.example/", "tests", limits=Limits(total=0.2)).seen()
    assert seen.detail == "took too long"
    assert time.monotonic() - begun < 0.8


# Certificates


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """`authority(name, **options)` is a server's certificate for this name, by one authority."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes", "-sha256")
    signs = ("-addext", "keyUsage=critical,keyCertSign")  # asked for from Python 3.13 on
    named = ("-subj", "/CN=Tests")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", *named, *signs)

    def certificate(name, days=2, signed=True):
        openssl("req", *key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=server")
        (folder / "names").write_text(f"subjectAltName={name}\nauthorityKeyIdentifier=keyid\n")
        by = ("-CA", "ca.pem", "-CAkey", "ca.key") if signed else ("-signkey", "key.pem")
        more = ("-days", str(days), "-extfile", "names", "-out", "server.pem")
        openssl("x509", "-req", "-in", "request.pem", *by, *more)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "key.pem")
        return context

    certificate.trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    return certificate


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize(
    ("options", "outcome", "detail"),
    [
        ({"name": "DNS:localhost"}, "ok", "200"),
        ({"name": "DNS:other.example"}, "unreachable", "no secure connection"),
        ({"name": "IP:127.0.0.1"}, "unreachable", "no secure connection"),
        ({"name": "DNS:localhost", "signed": False}, "unreachable", "no secure connection"),
    ],
)
def test_a_certificate_must_be_the_hosts(server, authority, options, outcome, detail):
    server.socket = authority(**options).wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    look = Look(
        f"https://{host}/ok",
        "tests",
        frozenset({host}),
        limits=LIMITS,
        trusted=authority.trusted,
    )
    assert (look.seen().outcome, look.seen().detail) == (outcome, detail)
    assert {host for _method, _path, host in server.asked} <= {host}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_nobody_trusts_an_authority_of_ones_own(server, authority):
    server.socket = authority(name="DNS:localhost").wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    seen = Look(f"https://{host}/ok", "tests", frozenset({host}), limits=LIMITS).seen()
    assert seen.detail == "no secure connection"


def test_the_host_is_named_with_its_port(look, server):
    look("/ok")
    assert {host for _method, _path, host in server.asked} == {server.host}
