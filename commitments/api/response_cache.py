"""Public responses, cached under their ETags.

A tag changes with everything on which a response depends, so that a cached response is never stale:
after a change the response has another tag, and the old one expires in time.
"""

from __future__ import annotations

import zlib
from http import HTTPStatus

from django.core.cache import caches
from django.http import HttpResponse

# A larger response is rare, and would push many others out of the cache.
MAX_CACHED_BYTES = 1_000_000
_FASTEST = 1


def cached_response(tag: str) -> HttpResponse | None:
    """Return the response that is cached under a tag, or None."""
    found: tuple[dict[str, str], bytes] | None = caches["responses"].get(tag)
    if found is None:
        return None
    headers, content = found
    return HttpResponse(zlib.decompress(content), headers=headers)


def cache_response(tag: str, response: HttpResponse) -> None:
    """Cache a rendered response under its tag, with the headers that it has by then."""
    if (
        response.status_code == HTTPStatus.OK
        and not response.cookies
        and len(response.content) <= MAX_CACHED_BYTES
    ):
        content = zlib.compress(response.content, _FASTEST)
        caches["responses"].set(tag, (dict(response.headers), content))
