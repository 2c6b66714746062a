"""Logs as lines of JSON (`LOG_FORMAT=json`), each with the request that it is about.

A request has an id, that of the proxy (`X-Request-ID`) or one of our own, which the response has
too. There is a line for each request: its path without the query, the status, the time it took and
the id of the person, which every other line about the request has too. No line has bodies, headers
or addresses of callers.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
# A link to set a password, also within a path that leads nowhere: the part that is kept, which
# identifies the account, and the secret that would let a reader of the log sign in.
PASSWORD_LINK = re.compile(r"(/password/[^/\s]+/)[^/\s]+")

# No header of a caller has such a name in `META`.
ID_IN_META = "tracker.request_id"

_request: ContextVar[HttpRequest | None] = ContextVar("_request", default=None)
_logger = logging.getLogger("tracker.requests")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        request = _request_of(record)
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_links(record.getMessage()),
            "request": request and request.META[ID_IN_META],
            "user": request and _user_id(request),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def _request_of(record: logging.LogRecord) -> HttpRequest | None:
    """Return the request that a line is about. Django names it in its lines about refused and
    failed requests, which it writes when the last middleware has ended."""
    named = getattr(record, "request", None)
    is_known = isinstance(named, HttpRequest) and ID_IN_META in named.META
    return named if is_known else _request.get()


def without_links(text: str) -> str:
    """Return a text without what would let its reader sign in: links to set a password."""
    return PASSWORD_LINK.sub(r"\1…", text)


def request_log(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id, and write a line about it once it has been answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        name = sent if REQUEST_ID.match(sent) else secrets.token_hex(8)
        request.META[ID_IN_META] = name
        token, begun = _request.set(request), monotonic()
        try:
            response = get_response(request)
            _log(request, response, monotonic() - begun)
        finally:
            _request.reset(token)
        response.headers["X-Request-ID"] = name
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    facts = {
        "method": request.method,
        "path": without_links(request.path),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
    }
    words = ("%s %s %s", facts["method"], facts["path"], facts["status"])
    _logger.info(*words, extra={"facts": facts})


def _user_id(request: HttpRequest) -> int | None:
    """Return the id of the person who signed in, by session or token; None also if nothing has
    asked who it is."""
    user = getattr(request, "_cached_user", None) or vars(request).get("user")
    return None if user is None or isinstance(user, SimpleLazyObject) else user.pk
