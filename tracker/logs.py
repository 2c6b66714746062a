"""Logs as lines of JSON (`LOG_FORMAT=json`), each with the request that it is about.

A request has an id, that of the proxy (`X-Request-ID`) or one of our own, which the answer has too.
There is a line for each request: its path without the query, the status, the time it took and the
id of the person. No line has bodies, headers or addresses of callers.
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
# A link to set a password, wherever somebody has put it, even where no page is: whose it is, and
# what would let its reader sign in.
PASSWORD_LINK = re.compile(r"(/password/[^/\s]+/)[^/\s]+")

_request_id: ContextVar[str | None] = ContextVar("_request_id", default=None)
_logger = logging.getLogger("tracker.requests")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_links(record.getMessage()),
            "request": _request_id.get(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def without_links(text: str) -> str:
    """Return a text without what would let its reader sign in: links to set a password."""
    return PASSWORD_LINK.sub(r"\1…", text)


def request_log(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id, and write a line about it once it was answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        name = sent if REQUEST_ID.match(sent) else secrets.token_hex(8)
        token, begun = _request_id.set(name), monotonic()
        try:
            response = get_response(request)
            _log(request, response, monotonic() - begun)
        finally:
            _request_id.reset(token)
        response.headers["X-Request-ID"] = name
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    facts = {
        "method": request.method,
        "path": without_links(request.path),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
        "user": _user_id(request),
    }
    words = ("%s %s %s", facts["method"], facts["path"], facts["status"])
    _logger.info(*words, extra={"facts": facts})


def _user_id(request: HttpRequest) -> int | None:
    """Return the id of who signed in, by session or token; None too if nothing asked who it is."""
    user = getattr(request, "_cached_user", None) or vars(request).get("user")
    return None if user is None or isinstance(user, SimpleLazyObject) else user.pk
