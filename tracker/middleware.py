"""Middleware: policies for browsers, private answers, compression, unread request bodies, a busy
database or a full disk, trailing slashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from commitments.api import handlers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# Features of browsers that no page of ours uses.
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

ALLOWED_METHODS, ALLOWED_HEADERS = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
METHODS_WITH_TOKEN = ("GET", "HEAD", "POST", "PATCH", "DELETE")
HEADERS_WITH_TOKEN = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "range",
)

# What other sites show or read: the API, cards and pictures, feeds and calendars.
SHARED = re.compile(r"^/(api|embed|\.well-known)/|\.(atom|ics|png|svg)$")

PRIVATE = "private, no-store"
REVALIDATED = "public, no-cache"

READ_SIZE_BYTES = 65536
# Clients that send more may lose the response.
MAX_DRAINED_BYTES = 10 * settings.EVIDENCE_MAX_BYTES


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Forbid inline scripts and styles and everything from other sites.

    A view may set a policy of its own.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return middleware


class CrossOriginMiddleware(CorsMiddleware):
    """Let scripts of any site read what is public, and those of `API_ORIGINS` use the API with an
    access token. No script of another site can use the cookies of a session. Pages of other sites
    may show our pictures and cards, but load nothing else."""

    def add_response_headers(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response = super().add_response_headers(request, response)
        is_shared = SHARED.search(request.path) and not _has_credentials(request)
        policy = "cross-origin" if is_shared else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", policy)
        is_preflight = request.method == "OPTIONS" and ALLOWED_METHODS in response.headers
        if is_preflight and request.headers.get("Origin") in settings.API_ORIGINS:
            response[ALLOWED_METHODS] = ", ".join(METHODS_WITH_TOKEN)
            response[ALLOWED_HEADERS] = ", ".join(HEADERS_WITH_TOKEN)
        return response


def private_answers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Forbid caches to store responses to people who signed in, unless a page says otherwise. Other
    responses may be stored, but must be revalidated before use; errors may not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_api = request.path.startswith("/api/")
        if _has_credentials(request):
            if is_api:
                response.headers["Cache-Control"] = PRIVATE
            response.headers.setdefault("Cache-Control", PRIVATE)
            return response
        refused = response.status_code >= HTTPStatus.BAD_REQUEST
        response.headers.setdefault("Cache-Control", "no-store" if refused else REVALIDATED)
        if is_api:
            patch_vary_headers(response, ["Authorization"])
        return response

    return middleware


def _has_credentials(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers


class CompressionMiddleware(GZipMiddleware):
    """Compress texts for readers who did not sign in.

    The length of a compressed response to others could reveal a secret in it to somebody whose
    input it also contains (BREACH). Files that are sent in parts stay as they are, with their
    digests as ETags.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        is_text = media_type.startswith("text/") or media_type.endswith(("json", "xml"))
        is_private = _has_credentials(request) or settings.SESSION_COOKIE_NAME in response.cookies
        if is_private or "Accept-Ranges" in response.headers:
            return response
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            _describe_like_the_copy(request, response)
        return super().process_response(request, response) if is_text else response


def _describe_like_the_copy(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give a 304 the headers of the response that it confirms, which may be a compressed one with a
    weak tag: caches update theirs by it (RFC 9110, 15.4.5)."""
    patch_vary_headers(response, ["Accept-Encoding"])
    tag = response.headers.get("ETag", "")
    if tag and f"W/{tag}" in request.headers.get("If-None-Match", ""):
        response.headers["ETag"] = f"W/{tag}"


def drain_body(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Read and discard the rest of the request body, up to a limit.

    Otherwise the server closes the connection on a client that is still sending, and the client
    never sees the response.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        remaining = MAX_DRAINED_BYTES
        while remaining > 0 and (chunk := _next_chunk(request)):
            remaining -= len(chunk)
        return response

    return middleware


class OutageMiddleware:
    """Answer with 503 if a view could not reach the database or the store of files in time, since
    the caller may try again, and with 507 if a disk is full."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return handlers.outage_response(request, exception)


def _next_chunk(request: HttpRequest) -> bytes:
    try:
        return bytes(request.read(READ_SIZE_BYTES))
    except OSError:
        # The client has disconnected.
        return b""


class PagesCommonMiddleware(CommonMiddleware):
    """Append missing slashes; under `/api/` for reading only.

    A redirect would lose a posted body, so other methods get an error that names the missing slash.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        writes = request.method not in ("GET", "HEAD")
        if writes and request.path.startswith("/api/"):
            return False
        return super().should_redirect_with_slash(request)
