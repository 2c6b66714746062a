"""Probing a link: what each response means, that only public addresses are reached, and that no
server can delay a probe beyond its limits."""

import shutil
import socket
import ssl
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.links import connection
from commitments.links.addresses import ascii_address, is_public
from commitments.links.connection import Unreachable
from commitments.links.probe import LinkProbe, ProbeLimits
from tests.links.odd_server import odd_server

pytestmark = pytest.mark.alike

LIMITS = ProbeLimits(total_seconds=0.6, step_seconds=0.4, max_bytes=20_000)


@pytest.fixture
def server():
    with odd_server() as server:
        yield server


@pytest.fixture
def run_probe(server):
    """`run_probe(path)` returns the result for this path of the odd server."""

    def run_probe(path, known_validator="", limits=LIMITS):
        url = f"http://{server.host}{path}"
        return LinkProbe(url, "tests", frozenset({server.host}), known_validator, limits).run()

    return run_probe


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/ok", "ok", "200"),
        ("/no-head", "ok", "200"),
        ("/missing-to-head", "ok", "200"),
        ("/moved-temporarily", "ok", "200"),
        ("/large", "ok", "200"),
        ("/endless", "ok", "200"),
        ("/encoded", "ok", "200"),
        ("/ok?q=%E5%9B%9B#part", "ok", "200"),
        ("/moved", "moved", "200"),
        ("/moved-twice", "moved", "200"),
        ("/moved-then-temporarily", "moved", "200"),
        ("/missing", "gone", "404"),
        ("/gone", "gone", "410"),
        ("/missing-with-good-head", "gone", "404"),
        ("/broken", "unreachable", "500"),
        ("/forbidden", "unreachable", "403"),
        ("/redirect-without-location", "unreachable", "302"),
        ("/loop", "unreachable", "too many redirects"),
        ("/to-metadata", "unreachable", "not a public address"),
        ("/to-another-port", "unreachable", "not a public address"),
        ("/to-file", "unreachable", "not a web address"),
        ("/silent", "unreachable", "timed out"),
        ("/silent-to-head", "ok", "200"),
        ("/hangs-up-on-head", "ok", "200"),
        ("/utf-8-location", "moved", "200"),
        ("/a place", "ok", "200"),
        ("?x=1", "ok", "200"),
        ("/bad-location", "unreachable", "invalid response"),
        ("/bad-length", "ok", "200"),
        ("/bad-tag", "ok", "200"),
        ("/unclosed-titles", "ok", "200"),
        pytest.param("/dripping-to-the-end", "unreachable", "timed out", marks=pytest.mark.long),
        pytest.param("/dripping", "unreachable", "timed out", marks=pytest.mark.long),
        pytest.param("/dripping-headers", "unreachable", "timed out", marks=pytest.mark.long),
        ("/hangs-up", "unreachable", "no connection"),
        ("/garbage", "unreachable", "invalid response"),
        ("/cut-short", "unreachable", "invalid response"),
    ],
)
def test_each_response_means_a_status(run_probe, path, status, detail):
    begun = time.monotonic()
    result = run_probe(path)
    assert (result.status, result.detail) == (status, detail)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("path", "to"),
    [("/moved", "/ok"), ("/moved-twice", "/ok"), ("/moved-then-temporarily", "/moved-temporarily")],
)
def test_the_new_address_is_the_last_that_permanent_redirects_lead_to(run_probe, server, path, to):
    assert run_probe(path).moved_to == f"http://{server.host}{to}"


def test_head_is_requested_before_get(run_probe, server):
    run_probe("/ok")
    assert server.methods() == ["HEAD", "GET"]
    assert server.agents == {"tests"}


def test_content_that_the_server_calls_unchanged_is_not_requested(run_probe, server):
    first = run_probe("/versioned")
    assert first.validator == '"Minutes of May"'
    again = run_probe("/versioned", known_validator=first.validator)
    assert server.methods() == ["HEAD", "GET", "HEAD"]
    assert (again.status, again.fingerprint, again.validator) == ("ok", "", first.validator)


def test_content_that_is_too_large_is_not_requested(run_probe, server):
    assert run_probe("/large").fingerprint == ""
    assert server.methods() == ["HEAD"]


def test_an_endless_body_is_not_read_on(run_probe, server):
    assert run_probe("/endless").fingerprint == ""
    assert server.sent < 20_000_000


@pytest.mark.parametrize("path", ["/encoded", "/untitled", "/unclosed-titles"])
def test_a_page_without_a_title_and_an_encoded_body_have_no_fingerprint(run_probe, path):
    assert run_probe(path).fingerprint == ""


def test_a_validator_is_short_and_without_control_characters(run_probe):
    assert run_probe("/bad-tag").validator == '"a' + "b" * 198


def test_a_page_is_compared_by_its_title_and_a_document_by_its_bytes(run_probe, server):
    page, document = run_probe("/titled").fingerprint, run_probe("/document").fingerprint
    assert run_probe("/titled").fingerprint == page
    assert run_probe("/document").fingerprint == document
    server.titles.append("Page not found")
    assert run_probe("/titled").fingerprint != page
    assert run_probe("/document").fingerprint != document


# Public addresses only


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
def test_these_addresses_are_not_public(address):
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
def test_these_addresses_are_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_treated_alike_in_every_notation(address):
    number = int(address)
    notations = (f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}")
    assert {is_public(notation) for notation in notations} == {is_public(str(address))}


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:{port}/ok", "not a public address"),
        ("http://localhost:{port}/ok", "not a public address"),
        ("http://127.1:{port}/ok", "not a public address"),
        ("http://2130706433:{port}/ok", "not a public address"),
        ("http://0x7f000001:{port}/ok", "not a public address"),
        ("http://[::ffff:127.0.0.1]:{port}/ok", "not a public address"),
        ("http://user:password@127.0.0.1:{port}/ok", "not a web address"),
        ("http://example.org@127.0.0.1:{port}/ok", "not a web address"),
        ("ftp://127.0.0.1/ok", "not a web address"),
        ("http:///ok", "not a web address"),
        ("http://127.0.0.1:99999/ok", "invalid address"),
        ("http://[::1/ok", "invalid address"),
        ("http://no-such-host.invalid/", "unknown host name"),
        ("http://" + "a" * 300 + ".invalid/", "unknown host name"),
    ],
)
def test_no_notation_of_a_private_address_is_requested(server, url, detail):
    result = LinkProbe(url.format(port=server.server_port), "tests").run()
    assert (result.status, result.detail) == ("unreachable", detail)
    assert server.requests == []


def test_the_connection_goes_to_the_address_that_was_checked(server, monkeypatch):
    """A name that resolves to another address the second time does not help."""
    ips = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1"])
    resolved = []

    def getaddrinfo(host, port, **options):
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(ips), port))]

    connected = []

    class Refusing(connection.HTTPConnection):
        def connect(self):
            connected.append(self.host)
            raise OSError("refused")

    monkeypatch.setattr(connection.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(connection, "HTTPConnection", Refusing)
    result = LinkProbe(f"http://rebinding.example:{server.server_port}/ok", "tests").run()
    assert (result.status, result.detail) == ("unreachable", "not a public address")
    # For GET the name resolves to a private address, so no connection is made.
    assert (resolved, connected) == (["rebinding.example"] * 2, ["8.8.8.8"])


def test_a_host_with_one_private_address_is_not_requested_at_all(monkeypatch):
    def getaddrinfo(host, port, **options):
        return [(2, 1, 6, "", (ip, port)) for ip in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(connection.socket, "getaddrinfo", getaddrinfo)
    assert LinkProbe("http://two.example/", "tests").run().detail == "not a public address"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://例子.测试/会议?日=1#二",
            "https://xn--fsqu00a.xn--0zwm56d/%E4%BC%9A%E8%AE%AE?%E6%97%A5=1#%E4%BA%8C",
        ),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/é%20b", "https://example.org/%C3%A9%20b"),
    ],
)
def test_an_address_in_other_scripts_is_requested_in_ascii(address, expected):
    assert ascii_address(address) == expected


def test_a_name_that_resolves_slowly_is_abandoned(monkeypatch):
    def getaddrinfo(host, port, **options):
        time.sleep(1)
        return []

    monkeypatch.setattr(connection.socket, "getaddrinfo", getaddrinfo)
    begun = time.monotonic()
    result = LinkProbe("http://slow.example/", "tests", limits=ProbeLimits(total_seconds=0.2)).run()
    assert result.detail == "timed out"
    assert time.monotonic() - begun < 0.8


# Certificates


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """`authority(name, **options)` returns the SSL context of a server whose certificate for this
    name is signed by one authority; `authority.client_context` trusts that authority."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes", "-sha256")
    usage = ("-addext", "keyUsage=critical,keyCertSign")  # Required from Python 3.13 on.
    subject = ("-subj", "/CN=Tests")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", *subject, *usage)

    def certificate(name, days=2, signed=True):
        openssl("req", *key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=server")
        (folder / "names").write_text(f"subjectAltName={name}\nauthorityKeyIdentifier=keyid\n")
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key") if signed else ("-signkey", "key.pem")
        options = ("-days", str(days), "-extfile", "names", "-out", "server.pem")
        openssl("x509", "-req", "-in", "request.pem", *signer, *options)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "key.pem")
        return context

    certificate.client_context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    return certificate


@pytest.mark.long
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize(
    ("options", "status", "detail"),
    [
        ({"name": "DNS:localhost"}, "ok", "200"),
        ({"name": "DNS:other.example"}, "unreachable", "no secure connection"),
        ({"name": "IP:127.0.0.1"}, "unreachable", "no secure connection"),
        ({"name": "DNS:localhost", "signed": False}, "unreachable", "no secure connection"),
    ],
)
def test_a_certificate_must_be_valid_for_the_host(server, authority, options, status, detail):
    server.socket = authority(**options).wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    link_probe = LinkProbe(
        f"https://{host}/ok",
        "tests",
        frozenset({host}),
        limits=LIMITS,
        ssl_context=authority.client_context,
    )
    assert (link_probe.run().status, link_probe.run().detail) == (status, detail)
    assert {host for _method, _path, host in server.requests} <= {host}


@pytest.mark.long
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_an_unknown_authority_is_not_trusted(server, authority):
    server.socket = authority(name="DNS:localhost").wrap_socket(server.socket, server_side=True)
    host = f"localhost:{server.server_port}"
    result = LinkProbe(f"https://{host}/ok", "tests", frozenset({host}), limits=LIMITS).run()
    assert result.detail == "no secure connection"


def test_the_host_header_includes_the_port(run_probe, server):
    run_probe("/ok")
    assert {host for _method, _path, host in server.requests} == {server.host}


# Sending something


def test_a_body_is_sent_with_its_type_and_the_answer_returned_whatever_it_is(server):
    for path, status in (("/ok", 200), ("/missing", 404)):
        link_probe = LinkProbe(f"http://{server.host}{path}", "tests", frozenset({server.host}))
        reply = link_probe.post("é".encode(), "text/plain; charset=utf-8")
        assert reply.status == status
        assert reply.body
    assert [method for method, _path, _host in server.requests] == ["POST", "POST"]
    assert server.bodies == [("text/plain; charset=utf-8", "é".encode())] * 2


def test_a_body_is_not_sent_on_to_where_a_redirect_leads(server):
    link_probe = LinkProbe(f"http://{server.host}/moved", "tests", frozenset({server.host}))
    assert link_probe.post(b"x", "text/plain").status == 301
    assert len(server.requests) == 1


@pytest.mark.long
def test_no_body_is_sent_to_a_private_address_or_for_longer_than_the_limit(server):
    with pytest.raises(Unreachable, match="not a public address"):
        LinkProbe(f"http://{server.host}/ok", "tests").post(b"x", "text/plain")
    assert server.requests == []
    for path in ("/silent", "/hangs-up"):
        link_probe = LinkProbe(
            f"http://{server.host}{path}", "tests", frozenset({server.host}), limits=LIMITS
        )
        with pytest.raises(Unreachable):
            link_probe.post(b"x", "text/plain")
