"""Requests to other servers that never reach a private network.

A host name is resolved once, refused if any of its addresses is not public, and the connection goes
to an address that was checked. Redirects are not followed. Time and size are limited.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Thread, Timer
from time import monotonic
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from commitments.links.addresses import ascii_address, is_public

DEFAULT_PORTS = {"http": 80, "https": 443}
# Raised by a connection, by a response, or by an address in a response.
REQUEST_ERRORS = (HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True)
class RequestLimits:
    """Limits of a request to a server. `step_seconds` limits each connection and each read."""

    total_seconds: float = 30
    step_seconds: float = 10
    max_bytes: int = 1_000_000


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

    @property
    def is_successful(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass
class PublicClient:
    """Sends requests to public servers; its limits are those of all of them together.

    `open_hosts` are hosts such as `127.0.0.1:8001` that are requested although they are not public;
    they are for tests.
    """

    user_agent: str
    open_hosts: frozenset[str] = frozenset()
    limits: RequestLimits = field(default_factory=RequestLimits)
    ssl_context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def __post_init__(self) -> None:
        self._deadline = monotonic() + self.limits.total_seconds

    def request(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """Return the response, whatever its status, of the first of the host's IP addresses that
        responds. Raise Unreachable if none does."""
        parts, host, port = split_address(address)
        ips = self._resolve(host, port)
        for index, ip in enumerate(ips):
            is_last = index + 1 == len(ips)
            # An address that accepts no connection leaves time for the next one.
            seconds = self._seconds_left() / (1 if is_last else 2)
            try:
                connection = self._connection(parts.scheme, (host, port, ip), seconds)
                return self._request_from(connection, method, parts, body, headers or {})
            except REQUEST_ERRORS as error:
                if is_last:
                    raise Unreachable(describe_error(error)) from error
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
        connection: HTTPConnection,
        method: str,
        parts: SplitResult,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> HttpReply:
        """Return the response of one server."""
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        request_headers = {
            "Host": parts.netloc,
            "User-Agent": self.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **headers,
        }
        with _closed_at(self._deadline, connection):
            # A server that accepted the connection may take longer to respond.
            connection.timeout = self.limits.step_seconds
            connection.request(
                method,
                f"{path}?{parts.query}" if parts.query else path,
                body=body,
                headers=request_headers,
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            content = b"" if method == "HEAD" else self._read_body(response)
            reply_headers = {name.lower(): value for name, value in response.headers.items()}
        max_bytes = self.limits.max_bytes
        return HttpReply(
            response.status, reply_headers, content[:max_bytes], len(content) <= max_bytes
        )

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

    def _connection(
        self, scheme: str, server: tuple[str, int, str], seconds: float
    ) -> HTTPConnection:
        """Return a connection, to be made within this time, to the IP address that was checked.
        With HTTPS, its certificate must be valid for the host name."""
        host, port, ip = server
        timeout = min(self.limits.step_seconds, seconds)
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


def split_address(address: str) -> tuple[SplitResult, str, int]:
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


def describe_error(error: Exception) -> str:
    """Return the kind of an error, without addresses, which a reader cannot use."""
    name = type(error).__name__
    if isinstance(error, ssl.SSLError) or "SSL" in name or "Certificate" in name:
        return "no secure connection"
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return "timed out"
    if isinstance(error, OSError | NewConnectionError):
        return "no connection"
    return "invalid response"
