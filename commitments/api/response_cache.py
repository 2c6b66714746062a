"""Public responses, cached under their ETags.

A tag changes with everything on which a response depends, so that a cached response is never stale:
after a change the response has another tag, and the old one expires in time.
"""

from __future__ import annotations

import zlib
from http import HTTPStatus

from django.core.cache import caches
from django.http import HttpResponse

# A larger one is rare, and would push out many others.
MAX_KEPT_BYTES = 1_000_000
_FASTEST = 1


def kept(tag: str) -> HttpResponse | None:
    """Return the answer that is kept under a tag, or None."""
    found: tuple[dict[str, str], bytes] | None = caches["answers"].get(tag)
    if found is None:
        return None
    headers, content = found
    return HttpResponse(zlib.decompress(content), headers=headers)


def keep(tag: str, response: HttpResponse) -> None:
    """Keep a rendered answer under its tag, with the headers that it has by then."""
    if (
        response.status_code == HTTPStatus.OK
        and not response.cookies
        and len(response.content) <= MAX_KEPT_BYTES
    ):
        content = zlib.compress(response.content, _FASTEST)
        caches["answers"].set(tag, (dict(response.headers), content))
