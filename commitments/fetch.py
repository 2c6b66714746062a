"""Looks at one address on the open net, and nowhere else: its name is resolved once, what is not
public is refused, and the connection goes to the very address that was checked; for every redirect
anew. Time and size are bounded."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.utils.functional import cached_property
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from commitments.health import LinkOutcome

GONE = (404, 410)
REDIRECTS = (301, 302, 303, 307, 308)
LASTING = (301, 308)
PORTS = {"http": 80, "https": 443}
# Networks in which an IPv4 address is hidden in the last four bytes.
_CARRIERS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Characters of an address that stay, `%` among them: what is quoted is not quoted again.
_PLAIN = "!#$%&'()*+,/:;=?@[]~"
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """Seconds for one address in all and for one step of it; bytes read; redirects followed."""

    total: float = 30
    step: float = 10
    most: int = 1_000_000
    redirects: int = 5


@dataclass(frozen=True)
class Seen:
    """What an address answered. `fingerprint` stands for what is there (a page's title, else its
    bytes), `validator` for the version that the server says it has; either may be empty."""

    outcome: LinkOutcome
    detail: str = ""
    moved_to: str = ""
    fingerprint: str = ""
    validator: str = ""


class Unreachable(Exception):
    """Why there is no answer."""


@dataclass(frozen=True)
class Reply:
    status: int
    location: str
    headers: dict[str, str]
    body: bytes
    whole: bool


@dataclass
class Look:
    """One look at one address. `open_hosts` names hosts (`127.0.0.1:8001`) that are reached
    although their address is not public: for tests. `known` is the validator of the last look: if
    it still holds, nothing is fetched."""

    url: str
    agent: str
    open_hosts: frozenset[str] = frozenset()
    known: str = ""
    limits: Limits = field(default_factory=Limits)

    def seen(self) -> Seen:
        try:
            return self._seen()
        except Unreachable as error:
            return Seen(LinkOutcome.UNREACHABLE, str(error))

    @cached_property
    def _deadline(self) -> float:
        return monotonic() + self.limits.total

    def _seen(self) -> Seen:
        lasting, reply = self._follow("HEAD")
        validator = _validator(reply) if _is_good(reply) else ""
        if not (validator and validator == self.known) and not self._too_long(reply):
            # What refuses HEAD may well answer GET, and only that shows what is there.
            lasting, reply = self._follow("GET")
        if reply.status in GONE:
            return Seen(LinkOutcome.GONE, str(reply.status))
        if not _is_good(reply):
            raise Unreachable(str(reply.status))
        moved = lasting if lasting != self.url else ""
        return Seen(
            LinkOutcome.MOVED if moved else LinkOutcome.OK,
            str(reply.status),
            moved,
            _fingerprint(reply),
            _validator(reply),
        )

    def _too_long(self, reply: Reply) -> bool:
        length = reply.headers.get("content-length", "")
        return _is_good(reply) and length.isdecimal() and int(length) > self.limits.most

    def _follow(self, method: str) -> tuple[str, Reply]:
        """The last address that lasting redirects alone lead to, and the answer in the end."""
        address = lasting = self.url
        for _hop in range(self.limits.redirects + 1):
            reply = self._ask(method, address)
            if reply.status not in REDIRECTS or not reply.location:
                return lasting, reply
            onward = urljoin(address, reply.location)
            if lasting == address and reply.status in LASTING:
                lasting = onward
            address = onward
        raise Unreachable("too many redirects")

    def _ask(self, method: str, address: str) -> Reply:
        parts, host, port = _split(address)
        found = self._addresses(parts, host, port)
        for index, ip in enumerate(found):
            try:
                return self._ask_at(method, parts, (host, port, ip))
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                # Another address of the same host may answer; the last one's failure counts.
                if index + 1 == len(found):
                    raise Unreachable(_reason(error)) from error
        raise Unreachable("no address")

    def _addresses(self, parts: SplitResult, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable("the name is not known") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        if f"{host}:{port}" not in self.open_hosts:
            for address in addresses:
                if not is_public(address):
                    raise Unreachable("not a public address")
        return addresses

    def _ask_at(self, method: str, parts: SplitResult, at: tuple[str, int, str]) -> Reply:
        left = self._deadline - monotonic()
        if left <= 0:
            raise Unreachable("took too long")
        connection = self._connection(parts, at, min(self.limits.step, left))
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        headers = {
            "Host": parts.netloc,
            "User-Agent": self.agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        with _ended_by(self._deadline, connection):
            connection.request(
                method, target, headers=headers, preload_content=False, decode_content=False
            )
            answer = connection.getresponse()
            body = b"" if method == "HEAD" else self._body(answer)
            found = {name.lower(): value for name, value in answer.headers.items()}
        whole = len(body) <= self.limits.most
        location = found.get("location", "")
        return Reply(answer.status, location, found, body[: self.limits.most], whole)

    def _body(self, answer: Any) -> bytes:
        """No more than a byte over the most; one that is cut short raises."""
        body = b""
        while len(body) <= self.limits.most:
            chunk = answer.read(self.limits.most + 1 - len(body))
            if not chunk:
                break
            body += chunk
        return body

    def _connection(self, parts: SplitResult, at: tuple[str, int, str], timeout: float) -> Any:
        """To the address that was checked; a certificate must be the host's."""
        host, port, ip = at
        if parts.scheme == "http":
            return HTTPConnection(ip, port, timeout=timeout)
        return HTTPSConnection(
            ip,
            port,
            timeout=timeout,
            server_hostname=host,
            assert_hostname=host,
            ssl_context=ssl.create_default_context(),
        )


@contextmanager
def _ended_by(deadline: float, connection: Any) -> Iterator[None]:
    """Whatever drips is cut off: a time for each step alone would let it go on for ever."""

    def cut() -> None:
        sock = connection.sock
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(0, deadline - monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
        if monotonic() >= deadline:
            raise Unreachable("took too long")
    except (HTTPError, HTTPException, OSError) as error:
        if monotonic() >= deadline:
            raise Unreachable("took too long") from error
        raise
    finally:
        timer.cancel()
        connection.close()


def _split(address: str) -> tuple[SplitResult, str, int]:
    """Raises Unreachable for what is not an address of the web."""
    try:
        parts = urlsplit(quoted(address))
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Unreachable("not an address") from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise Unreachable("not an address of the web")
    return parts, parts.hostname, port


def quoted(address: str) -> str:
    """An address in ASCII: names of hosts by IDNA, all else per cent."""
    if address.isascii():
        return address
    parts = urlsplit(address)
    netloc = parts.netloc.encode("idna").decode("ascii")
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{netloc}{quote(rest, safe=_PLAIN)}"


def is_public(address: str) -> bool:
    """Whether an address is one of the open net: no private, loopback, link-local, shared,
    multicast or reserved one (the metadata services of hosts are among these), in whatever
    clothes."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped or ip.sixtofour:
            return is_public(str(ip.ipv4_mapped or ip.sixtofour))
        if any(ip in carrier for carrier in _CARRIERS):
            return is_public(str(IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _is_good(reply: Reply) -> bool:
    return 200 <= reply.status < 300  # noqa: PLR2004


def _validator(reply: Reply) -> str:
    """What the server says of its version: ETag, or date and length."""
    tag = reply.headers.get("etag")
    if tag:
        return tag[:200]
    dated, length = reply.headers.get("last-modified"), reply.headers.get("content-length")
    return f"{dated} {length}"[:200] if dated and length else ""


def _fingerprint(reply: Reply) -> str:
    """Of a page its title, since the rest changes with the day; of all else the bytes."""
    if not reply.body or not reply.whole:
        return ""
    title = _TITLE.search(reply.body) if "html" in reply.headers.get("content-type", "") else None
    what = b" ".join(title[1].split()) if title else reply.body
    return hashlib.sha256(what).hexdigest()


def _reason(error: Exception) -> str:
    """In a few words, without addresses."""
    if isinstance(error, ssl.SSLError) or "SSL" in type(error).__name__:
        return "the certificate is not valid"
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "took too long"
    return "no connection" if isinstance(error, OSError) else "no valid answer"
