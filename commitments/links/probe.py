"""Probing a link: request it as a browser would, without ever reaching a private network.

Each redirect is a request of its own, whose address is checked as the first one was.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import urljoin

from commitments.choices import LinkStatus
from commitments.links.connection import (
    REQUEST_ERRORS,
    BlockedAddress,
    HttpReply,
    PublicClient,
    RequestLimits,
    Unreachable,
    describe_error,
)
from commitments.links.titles import raw_title, readable_title

GONE_STATUSES = (404, 410)
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
PERMANENT_REDIRECT_STATUSES = (301, 308)
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
# In characters; `LinkCheck.validator` holds at most MAX_VALIDATOR_LENGTH.
MAX_ADDRESS_LENGTH = 2000
MAX_VALIDATOR_LENGTH = 200
# Python refuses to convert very long numbers; one with more digits is too large anyway.
MAX_CONTENT_LENGTH_DIGITS = 15


@dataclass(frozen=True)
class ProbeLimits(RequestLimits):
    """Limits of one probe."""

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
        self._open_client()
        try:
            return self._probe()
        except Unreachable as error:
            return ProbeResult(LinkStatus.UNREACHABLE, str(error))
        except REQUEST_ERRORS as error:
            # A malformed response, such as an invalid address in `Location`.
            return ProbeResult(LinkStatus.UNREACHABLE, describe_error(error))

    def read_title(self) -> str:
        """Return the title of the page; "" if it has none, or if it cannot be read."""
        self._open_client()
        try:
            _address, reply = self._follow_redirects("GET")
        except (Unreachable, *REQUEST_ERRORS):
            return ""
        content_type = reply.headers.get("content-type", "")
        if not reply.is_successful or "html" not in content_type:
            return ""
        return readable_title(reply.body, content_type)

    def post(self, body: bytes, media_type: str) -> HttpReply:
        """Send a body to the address and return the response, whatever its status; redirects are
        not followed. Raise Unreachable if there is none."""
        self._open_client()
        try:
            return self._client.request("POST", self.url, body, {"Content-Type": media_type})
        except REQUEST_ERRORS as error:
            raise Unreachable(describe_error(error)) from error

    def _open_client(self) -> None:
        self._client = PublicClient(self.user_agent, self.open_hosts, self.limits, self.ssl_context)

    def _probe(self) -> ProbeResult:
        permanent_address, reply = self._head_or_get()
        if reply.status in GONE_STATUSES:
            return ProbeResult(LinkStatus.GONE, str(reply.status))
        if not reply.is_successful:
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
        if reply.is_successful and (unchanged or self._is_too_large(reply)):
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
            reply = self._client.request(method, address)
            location = reply.headers.get("location", "")
            if reply.status not in REDIRECT_STATUSES or not location:
                return permanent_address, reply
            next_address = urljoin(address, _decode_location(location))
            if permanent_address == address and reply.status in PERMANENT_REDIRECT_STATUSES:
                permanent_address = next_address
            address = next_address
        raise Unreachable("too many redirects")


def _decode_location(header: str) -> str:
    """Return a Location header as UTF-8, which some servers send although it must be ASCII.
    `http.client` decodes headers as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


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
