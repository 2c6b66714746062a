"""Conditional GET for anonymous callers: 304 if nothing has changed, else the cached response if
there is one."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commitments.api import etags, response_cache
from commitments.api.refusals import NotModified

# Caches may store the response, but have to revalidate it before each use.
REVALIDATED = {"Cache-Control": "public, no-cache"}


class _Cached(Exception):
    """The response is in the cache. Not an error, but raised to end the view early."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class ConditionalGetMixin(APIView):
    """A view whose responses to anonymous callers carry an ETag (see `etags.collection_etag`), and
    are cached under it. Where the view itself gives the revision of an update as ETag, that comes
    first, so that it serves `If-Match` too: `"3.5af…"`."""

    collection_tag: str | None = None
    # The tag of the caller's copy, if that is current.
    known_tag: str | None = None
    # False for the ledger and its contents, which are always read from the database: others use
    # them to verify the tracker.
    caches_responses = True
    # Actions whose responses are neither cached nor replaced by 304: their ETag has another
    # meaning.
    unconditional_actions: tuple[str, ...] = ()

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        reading = request.method in ("GET", "HEAD")
        unconditional = getattr(self, "action", None) in self.unconditional_actions
        if not reading or unconditional or request.user.is_authenticated:
            return
        tag = self.collection_tag = self.tag_of(request, timezone.now())
        sent = etags.sent_tags(request)
        self.known_tag = next((known for known in sent if _ends_with(known, tag)), None)
        if self.known_tag is not None:
            raise NotModified
        response = response_cache.cached_response(tag) if self.caches_responses else None
        if response is not None:
            raise _Cached(response)

    def tag_of(self, request: Request, at: datetime) -> str:
        """Return the tag of a response, before any of it is read."""
        return etags.collection_etag(request, at)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Cached):
            return exc.response  # type: ignore[return-value]
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.collection_tag is not None and response.status_code in (200, 304):
            own = self.known_tag or response.headers.get("ETag")
            response.headers["ETag"] = _with_revision(own, self.collection_tag)
            response.headers["Cache-Control"] = REVALIDATED["Cache-Control"]
            patch_vary_headers(response, ["Authorization"])
            # Files are streamed, so they are not cached.
            may_cache = "no-store" not in request.headers.get("Cache-Control", "")
            if self.caches_responses and may_cache and isinstance(response, Response):
                response.add_post_render_callback(
                    partial(response_cache.cache_response, self.collection_tag)
                )
        return response


def _ends_with(tag: str, collection_tag: str) -> bool:
    """Return whether a tag is `collection_tag`, with or without a revision before it."""
    return tag.strip('"').rpartition(".")[2] == collection_tag.strip('"')


def _with_revision(own: str | None, collection_tag: str) -> str:
    if own is None or _ends_with(own, collection_tag):
        return own or collection_tag
    return f"{own[:-1]}.{collection_tag[1:]}"
