"""What every request passes through besides Django's own."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

CHUNK = 65536
# Bytes; of whoever sends more than ten times what is taken the answer may be lost.
MOST_DROPPED = 10 * settings.EVIDENCE_MAX_BYTES


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing inline and nothing from elsewhere; a view may set a narrower policy of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def read_to_the_end(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """An answer given before the whole request was read would be lost to whoever is still
    sending: the connection is closed under them. What is left is read and dropped, up to a
    measure."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        left = MOST_DROPPED
        while left > 0 and (chunk := _next_chunk(request)):
            left -= len(chunk)
        return response

    return middleware


def _next_chunk(request: HttpRequest) -> bytes:
    try:
        return bytes(request.read(CHUNK))
    except OSError:
        # They are gone.
        return b""


def open_to_other_sites(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Scripts of any site may read what the public reads, and nothing else: CORS for GET under
    `/api/` and for feeds, of callers who do not say who they are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method == "OPTIONS" and asked in READING and _is_public(request):
            return HttpResponse(status=204, headers=OPEN | MAY_SEND)
        response = get_response(request)
        if request.method in READING and _is_public(request):
            for name, value in OPEN.items():
                response.headers[name] = value
        return response

    return middleware


READING = ("GET", "HEAD")
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, Content-Disposition",
}
MAY_SEND = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def _is_public(request: HttpRequest) -> bool:
    named = "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
    return not named and (request.path.startswith("/api/") or request.path.endswith(".atom"))


class PagesCommonMiddleware(CommonMiddleware):
    """Pages forgive a missing last slash by a redirect; under `/api/` it would answer in HTML and
    lose what was posted, so there the address is simply not found."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path.startswith("/api/") and super().should_redirect_with_slash(request)
