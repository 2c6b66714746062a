"""Looks at one address on the open net, and nowhere else: its name is resolved once, what is not
public is refused, and the connection goes to the very address that was checked; for every redirect
anew. Time and size are bounded, and whatever a server answers ends in a `Seen`."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from commitments.health import LinkOutcome

GONE = (404, 410)
REDIRECTS = (301, 302, 303, 307, 308)
LASTING = (301, 308)
PORTS = {"http": 80, "https": 443}
# What a connection, an answer or an address in it may raise.
FAILURES = (HTTPError, HTTPException, OSError, ValueError)
# Networks in which an IPv4 address is hidden in the last four bytes.
_CARRIERS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Not of the open net, though some tables say so: protocol assignments and relays, documentation,
# and the addresses at which hosts keep their metadata.
_CLOSED = [
    ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20", "2001::/23")
]
# Characters of an address that stay, `%` among them: what is quoted is not quoted again.
_PLAIN = "!#$%&'()*+,/:;=?@[]~"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
# Bytes at a page's beginning in which its title is looked for.
_HEAD = 100_000
LONGEST = 2000
# Of a length that is worth reading as a number.
DIGITS = 15


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

    @property
    def answered(self) -> bool:
        """Whether anybody did, be it with a refusal."""
        return self.outcome is not LinkOutcome.UNREACHABLE or self.detail.isdecimal()


class Unreachable(Exception):
    """Why there is no answer."""


class NotOpen(Unreachable):
    """Why nothing is asked at all."""


@dataclass(frozen=True)
class Reply:
    status: int
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
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def seen(self) -> Seen:
        self._deadline = monotonic() + self.limits.total
        try:
            return self._seen()
        except Unreachable as error:
            return Seen(LinkOutcome.UNREACHABLE, str(error))
        except FAILURES as error:
            # Something in an answer that is not what it should be.
            return Seen(LinkOutcome.UNREACHABLE, _reason(error))

    def _seen(self) -> Seen:
        lasting, reply = self._head_or_get()
        if reply.status in GONE:
            return Seen(LinkOutcome.GONE, str(reply.status))
        if not _is_good(reply):
            raise Unreachable(str(reply.status))
        moved = "" if lasting == self.url else _CONTROLS.sub("", lasting)[:LONGEST]
        return Seen(
            LinkOutcome.MOVED if moved else LinkOutcome.OK,
            str(reply.status),
            moved,
            _fingerprint(reply),
            _validator(reply),
        )

    def _head_or_get(self) -> tuple[str, Reply]:
        """HEAD is enough where it says that nothing is new, or that there is too much. What refuses
        HEAD may well answer GET, and only that shows what is there."""
        try:
            lasting, reply = self._follow("HEAD")
        except NotOpen:
            raise
        except (Unreachable, *FAILURES):
            return self._follow("GET")
        same = self.known and _validator(reply) == self.known
        if _is_good(reply) and (same or self._too_long(reply)):
            return lasting, reply
        return self._follow("GET")

    def _too_long(self, reply: Reply) -> bool:
        length = reply.headers.get("content-length", "")
        return length.isdecimal() and (len(length) > DIGITS or int(length) > self.limits.most)

    def _follow(self, method: str) -> tuple[str, Reply]:
        """The last address that lasting redirects alone lead to, and the answer in the end."""
        address = lasting = self.url
        for _hop in range(self.limits.redirects + 1):
            reply = self._ask(method, address)
            location = reply.headers.get("location", "")
            if reply.status not in REDIRECTS or not location:
                return lasting, reply
            onward = urljoin(address, _as_utf_8(location))
            if lasting == address and reply.status in LASTING:
                lasting = onward
            address = onward
        raise Unreachable("too many redirects")

    def _ask(self, method: str, address: str) -> Reply:
        parts, host, port = _split(address)
        found = self._addresses(host, port)
        for index, ip in enumerate(found):
            try:
                return self._ask_at(method, parts, (host, port, ip))
            except FAILURES as error:
                # Another address of the same host may answer; the last one's failure counts.
                if index + 1 == len(found):
                    raise Unreachable(_reason(error)) from error
        raise Unreachable("no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        addresses = _resolved(host, port, self._left())
        if f"{host}:{port}" not in self.open_hosts:
            for address in addresses:
                if not is_public(address):
                    raise NotOpen("not a public address")
        return addresses

    def _left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise Unreachable("took too long")
        return left

    def _ask_at(self, method: str, parts: SplitResult, at: tuple[str, int, str]) -> Reply:
        connection = self._connection(parts, at, min(self.limits.step, self._left()))
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        headers = {
            "Host": parts.netloc,
            "User-Agent": self.agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        with _ended_by(self._deadline, connection):
            connection.request(
                method,
                f"{path}?{parts.query}" if parts.query else path,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
            body = b"" if method == "HEAD" else self._body(answer)
            found = {name.lower(): value for name, value in answer.headers.items()}
        whole = len(body) <= self.limits.most
        return Reply(answer.status, found, body[: self.limits.most], whole)

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
        name = host.rstrip(".")
        return HTTPSConnection(
            ip,
            port,
            timeout=timeout,
            server_hostname=name,
            assert_hostname=name,
            ssl_context=self.trusted,
        )


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name. The system's own question has no time limit, so it is put by a
    thread that is not waited for longer."""
    found: list[str] = []
    failed: list[Exception] = []

    def resolve() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise NotOpen("the name is not known") from failed[0]
    if thread.is_alive():
        raise Unreachable("took too long")
    return found


@contextmanager
def _ended_by(deadline: float, connection: Any) -> Iterator[None]:
    """Whatever drips is cut off: a time for each step alone would let it go on for ever."""
    connection.connect()
    # The connection forgets it once the answer is to be read to its end.
    sock = connection.sock

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = Timer(max(0, deadline - monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
        if monotonic() >= deadline:
            raise Unreachable("took too long")
    except FAILURES as error:
        if monotonic() >= deadline:
            raise Unreachable("took too long") from error
        raise
    finally:
        timer.cancel()
        connection.close()


def _split(address: str) -> tuple[SplitResult, str, int]:
    """Raises NotOpen for what is not an address of the web."""
    try:
        parts = urlsplit(quoted(address))
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise NotOpen("not an address") from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise NotOpen("not an address of the web")
    return parts, parts.hostname, port


def quoted(address: str) -> str:
    """An address in ASCII: names of hosts by IDNA, all else per cent."""
    parts = urlsplit(address)
    netloc = parts.netloc
    if not netloc.isascii():
        netloc = netloc.encode("idna").decode("ascii")
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{netloc}{quote(rest, safe=_PLAIN)}"


def _as_utf_8(header: str) -> str:
    """Headers are read as Latin-1; servers that do not quote an address send UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


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
        if ip.is_site_local:
            return False
    if any(ip in net for net in _CLOSED):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _is_good(reply: Reply) -> bool:
    return 200 <= reply.status < 300  # noqa: PLR2004


def _validator(reply: Reply) -> str:
    """What the server says of its version: ETag, or date and length."""
    tag = reply.headers.get("etag")
    dated, length = reply.headers.get("last-modified"), reply.headers.get("content-length")
    said = tag or (f"{dated} {length}" if dated and length else "")
    return _CONTROLS.sub("", said)[:200]


def _fingerprint(reply: Reply) -> str:
    """Of a page its title, since the rest changes with the day; of all else the bytes. Nothing
    where these would say nothing: a page without a title, and what comes packed."""
    if not reply.body or not reply.whole or reply.headers.get("content-encoding"):
        return ""
    what = reply.body
    if "html" in reply.headers.get("content-type", ""):
        what = _title(reply.body[:_HEAD])
    return hashlib.sha256(what).hexdigest() if what else ""


def _title(page: bytes) -> bytes:
    """What stands between the first `<title …>` and its end; found in one pass each."""
    lower = page.lower()
    begin = lower.find(b">", lower.find(b"<title")) + 1 if b"<title" in lower else 0
    end = lower.find(b"</title", begin) if begin else -1
    return b" ".join(page[begin:end].split()) if end > begin else b""


def _reason(error: Exception) -> str:
    """In a few words, without addresses."""
    name = type(error).__name__
    if isinstance(error, ssl.SSLError) or "SSL" in name or "Certificate" in name:
        return "no secure connection"
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return "took too long"
    return "no connection" if isinstance(error, OSError) else "no valid answer"
