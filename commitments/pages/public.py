"""Pages that are the same for everybody who has not signed in."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from commitments.api import etags, response_cache


class PublicPage(View):
    """A page that depends only on its address and on what `etags.collection_etag` covers, unless it
    `is_momentary`. A request with the current ETag is answered with 304; any other from the cache,
    if the page is there."""

    cache_control = "public, no-cache"
    # Whether signed-in readers see the same page.
    is_for_everybody = False
    # Whether the response says something that will not be so for as long as its tag is the same.
    is_momentary = False

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and not self.is_for_everybody
        if signed_in or request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        # Compute the tag before any data is read.
        tag = etags.collection_etag(request, timezone.now())
        response: Any = (
            HttpResponseNotModified()
            if tag in etags.sent_tags(request)
            else response_cache.cached_response(tag)
        )
        if response is None:
            response = super().dispatch(request, *args, **kwargs)
            if self.is_momentary:
                response.headers["Cache-Control"] = "no-store"
                return response  # type: ignore[no-any-return]
            if isinstance(response, TemplateResponse):
                response.add_post_render_callback(partial(response_cache.cache_response, tag))
            elif isinstance(response, HttpResponse):
                response_cache.cache_response(tag, response)
        if response.status_code in (200, 304):
            response.headers["ETag"] = tag
            response.headers.setdefault("Cache-Control", self.cache_control)
            if not self.is_for_everybody:
                patch_vary_headers(response, ["Cookie"])
        public: HttpResponseBase = response
        return public
