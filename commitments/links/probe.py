"""Probing a link: request it as a browser would, without ever reaching a private network.

A host name is resolved once, refused if any of its addresses is not public, and the connection goes
to an address that was checked. This is repeated for each redirect. Time and size are limited.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Thread, Timer
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from commitments.choices import LinkStatus
from commitments.links.addresses import ascii_address, is_public
from commitments.links.titles import raw_title, readable_title

GONE_STATUSES = (404, 410)
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
PERMANENT_REDIRECT_STATUSES = (301, 308)
DEFAULT_PORTS = {"http": 80, "https": 443}
# Raised by a connection, by a response, or by an address in a response.
REQUEST_ERRORS = (HTTPError, HTTPException, OSError, ValueError)
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
# In characters; `LinkCheck.validator` holds at most MAX_VALIDATOR_LENGTH.
MAX_ADDRESS_LENGTH = 2000
MAX_VALIDATOR_LENGTH = 200
# Python refuses to convert very long numbers; one with more digits is too large anyway.
MAX_CONTENT_LENGTH_DIGITS = 15


@dataclass(frozen=True)
class ProbeLimits:
    """Limits of one probe. `step_seconds` limits each connection and each read."""

    total_seconds: float = 30
    step_seconds: float = 10
    max_bytes: int = 1_000_000
    max_redirects: int = 5


@dataclass(frozen=True)
class ProbeResult:
    """The state of a link. Its `detail` is the HTTP status, or the reason why there is none.

    `fingerprint` is the SHA-256 of the content, empty if it is unknown; `validator` is the version
    that the server states, empty if it states none.
    """

    status: LinkStatus
    detail: str = ""
    moved_to: str = ""
    fingerprint: str = ""
    validator: str = ""

    @property
    def answered(self) -> bool:
        """Whether a server responded, even with an error."""
        return self.status is not LinkStatus.UNREACHABLE or self.detail.isdecimal()


class Unreachable(Exception):
    """There is no usable response; the message is the reason."""


class BlockedAddress(Unreachable):
    """No request is sent to this address; the message is the reason."""


@dataclass(frozen=True)
class HttpReply:
    """A response. Names of headers are in lower case; `complete` is false if the body was cut off
    at the size limit."""

    status: int
    headers: dict[str, str]
    body: bytes
    complete: bool


@dataclass
class LinkProbe:
    """The probe of one address.

    `open_hosts` are hosts such as `127.0.0.1:8001` that are requested although they are not public;
    they are for tests. If the server still states `known_validator`, the content is not requested.
    """

    url: str
    user_agent: str
    open_hosts: frozenset[str] = frozenset()
    known_validator: str = ""
    limits: ProbeLimits = field(default_factory=ProbeLimits)
    ssl_context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def run(self) -> ProbeResult:
        """Return the state of the link. No error of the network or of the server is raised."""
        self._deadline = monotonic() + self.limits.total_seconds
        try:
            return self._probe()
        except Unreachable as error:
            return ProbeResult(LinkStatus.UNREACHABLE, str(error))
        except REQUEST_ERRORS as error:
            # A malformed response, such as an invalid address in `Location`.
            return ProbeResult(LinkStatus.UNREACHABLE, _describe_error(error))

    def read_title(self) -> str:
        """Return the title of the page; "" if it has none, or if it cannot be read."""
        self._deadline = monotonic() + self.limits.total_seconds
        try:
            _address, reply = self._follow_redirects("GET")
        except (Unreachable, *REQUEST_ERRORS):
            return ""
        content_type = reply.headers.get("content-type", "")
        if not _is_successful(reply) or "html" not in content_type:
            return ""
        return readable_title(reply.body, content_type)

    def post(self, body: bytes, media_type: str) -> HttpReply:
        """Send a body to the address and return the response, whatever its status; redirects are
        not followed. Raise Unreachable if there is none."""
        self._deadline = monotonic() + self.limits.total_seconds
        try:
            return self._request("POST", self.url, (body, media_type))
        except REQUEST_ERRORS as error:
            raise Unreachable(_describe_error(error)) from error

    def _probe(self) -> ProbeResult:
        permanent_address, reply = self._head_or_get()
        if reply.status in GONE_STATUSES:
            return ProbeResult(LinkStatus.GONE, str(reply.status))
        if not _is_successful(reply):
            raise Unreachable(str(reply.status))
        moved_to = ""
        if permanent_address != self.url:
            moved_to = _CONTROL_CHARACTER.sub("", permanent_address)[:MAX_ADDRESS_LENGTH]
        return ProbeResult(
            LinkStatus.MOVED if moved_to else LinkStatus.OK,
            str(reply.status),
            moved_to,
            _fingerprint(reply),
            _validator(reply),
        )

    def _head_or_get(self) -> tuple[str, HttpReply]:
        """Return the response to HEAD if its content is unchanged or too large to read, else the
        response to GET. Some servers refuse HEAD and respond to GET."""
        try:
            permanent_address, reply = self._follow_redirects("HEAD")
        except BlockedAddress:
            raise
        except (Unreachable, *REQUEST_ERRORS):
            return self._follow_redirects("GET")
        unchanged = self.known_validator and _validator(reply) == self.known_validator
        if _is_successful(reply) and (unchanged or self._is_too_large(reply)):
            return permanent_address, reply
        return self._follow_redirects("GET")

    def _is_too_large(self, reply: HttpReply) -> bool:
        length = reply.headers.get("content-length", "")
        return length.isdecimal() and (
            len(length) > MAX_CONTENT_LENGTH_DIGITS or int(length) > self.limits.max_bytes
        )

    def _follow_redirects(self, method: str) -> tuple[str, HttpReply]:
        """Return the address up to which all redirects are permanent, and the last response."""
        address = permanent_address = self.url
        for _redirect in range(self.limits.max_redirects + 1):
            reply = self._request(method, address)
            location = reply.headers.get("location", "")
            if reply.status not in REDIRECT_STATUSES or not location:
                return permanent_address, reply
            next_address = urljoin(address, _decode_location(location))
            if permanent_address == address and reply.status in PERMANENT_REDIRECT_STATUSES:
                permanent_address = next_address
            address = next_address
        raise Unreachable("too many redirects")

    def _request(
        self, method: str, address: str, content: tuple[bytes, str] | None = None
    ) -> HttpReply:
        """Return the response of the first of the host's IP addresses that responds. `content` is
        the body to send, with its media type."""
        parts, host, port = _split_address(address)
        ips = self._resolve(host, port)
        for index, ip in enumerate(ips):
            try:
                return self._request_from(method, parts, (host, port, ip), content)
            except REQUEST_ERRORS as error:
                if index + 1 == len(ips):
                    raise Unreachable(_describe_error(error)) from error
        raise Unreachable("no address")

    def _resolve(self, host: str, port: int) -> list[str]:
        """Return the IP addresses of a host. Raise BlockedAddress if one of them is not public."""
        ips = _resolve_name(host, port, self._seconds_left())
        is_open = f"{host}:{port}" in self.open_hosts
        if not is_open and not all(is_public(ip) for ip in ips):
            raise BlockedAddress("not a public address")
        return ips

    def _seconds_left(self) -> float:
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            raise Unreachable("timed out")
        return seconds

    def _request_from(
        self,
        method: str,
        parts: SplitResult,
        server: tuple[str, int, str],
        content: tuple[bytes, str] | None = None,
    ) -> HttpReply:
        """Return the response of one server, which is given as its host, port and IP address."""
        connection = self._connection(parts.scheme, server)
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        request_headers = {
            "Host": parts.netloc,
            "User-Agent": self.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        request_body = None
        if content is not None:
            request_body, request_headers["Content-Type"] = content
        with _closed_at(self._deadline, connection):
            connection.request(
                method,
                f"{path}?{parts.query}" if parts.query else path,
                body=request_body,
                headers=request_headers,
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            body = b"" if method == "HEAD" else self._read_body(response)
            headers = {name.lower(): value for name, value in response.headers.items()}
        max_bytes = self.limits.max_bytes
        return HttpReply(response.status, headers, body[:max_bytes], len(body) <= max_bytes)

    def _read_body(self, response: BaseHTTPResponse) -> bytes:
        """Return the body, and no more than one byte beyond the limit. Raise HTTPError if
        the body is shorter than its Content-Length."""
        body = b""
        while len(body) <= self.limits.max_bytes:
            chunk = response.read(self.limits.max_bytes + 1 - len(body))
            if not chunk:
                break
            body += chunk
        return body

    def _connection(self, scheme: str, server: tuple[str, int, str]) -> HTTPConnection:
        """Return a connection to the IP address that was checked. With HTTPS, its certificate must
        be valid for the host name."""
        host, port, ip = server
        timeout = min(self.limits.step_seconds, self._seconds_left())
        if scheme == "http":
            return HTTPConnection(ip, port, timeout=timeout)
        name = host.rstrip(".")
        return HTTPSConnection(
            ip,
            port,
            timeout=timeout,
            server_hostname=name,
            assert_hostname=name,
            ssl_context=self.ssl_context,
        )


def _resolve_name(host: str, port: int, seconds: float) -> list[str]:
    """Return the IP addresses of a host name. `getaddrinfo` has no time limit, so it runs in a
    thread that is abandoned after this time."""
    ips: list[str] = []
    errors: list[Exception] = []

    def resolve() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            ips.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise BlockedAddress("unknown host name") from errors[0]
    if thread.is_alive():
        raise Unreachable("timed out")
    return ips


@contextmanager
def _closed_at(deadline: float, connection: HTTPConnection) -> Iterator[None]:
    """Open a connection and close it at the deadline. Raise Unreachable if that interrupts the
    block. The timeout of a step does not stop a server that sends a byte now and then."""
    connection.connect()
    # The connection drops its reference when the response is to be read to the end of the stream.
    sock = connection.sock

    def shut_down() -> None:
        with suppress(OSError):
            # `SSLSocket.shutdown` would discard the TLS state that the other thread is using.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = Timer(max(0, deadline - monotonic()), shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield
        if monotonic() >= deadline:
            raise Unreachable("timed out")
    except REQUEST_ERRORS as error:
        if monotonic() >= deadline:
            raise Unreachable("timed out") from error
        raise
    finally:
        timer.cancel()
        connection.close()


def _split_address(address: str) -> tuple[SplitResult, str, int]:
    """Return the parts of an address, its host and its port. Raise BlockedAddress if it is not an
    HTTP or HTTPS address or contains credentials."""
    try:
        parts = urlsplit(ascii_address(address))
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise BlockedAddress("invalid address") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise BlockedAddress("not a web address")
    return parts, parts.hostname, port


def _decode_location(header: str) -> str:
    """Return a Location header as UTF-8, which some servers send although it must be ASCII.
    `http.client` decodes headers as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _is_successful(reply: HttpReply) -> bool:
    return 200 <= reply.status < 300  # noqa: PLR2004


def _validator(reply: HttpReply) -> str:
    """Return the ETag, or date and length if there is none, or an empty string."""
    etag = reply.headers.get("etag")
    modified, length = reply.headers.get("last-modified"), reply.headers.get("content-length")
    validator = etag or (f"{modified} {length}" if modified and length else "")
    return _CONTROL_CHARACTER.sub("", validator)[:MAX_VALIDATOR_LENGTH]


def _fingerprint(reply: HttpReply) -> str:
    """Return the SHA-256 of an HTML page's title, since the rest of a page changes often, or of any
    other content. It is empty for a page without a title and for an incomplete or encoded body."""
    if not reply.body or not reply.complete or reply.headers.get("content-encoding"):
        return ""
    content = reply.body
    if "html" in reply.headers.get("content-type", ""):
        content = raw_title(reply.body)
    return hashlib.sha256(content).hexdigest() if content else ""


def _describe_error(error: Exception) -> str:
    """Return the kind of an error, without addresses, which a reader cannot use."""
    name = type(error).__name__
    if isinstance(error, ssl.SSLError) or "SSL" in name or "Certificate" in name:
        return "no secure connection"
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return "timed out"
    return "no connection" if isinstance(error, OSError) else "invalid response"
