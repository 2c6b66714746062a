"""304 for anonymous readers who have what there is."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commitments import revisions
from commitments.api.problems import NotModified


class Unchanged(APIView):
    """A view whose answers to anonymous callers carry an ETag (`revisions.tag`); of those to
    signed-in ones nothing is kept."""

    unchanged_tag: str | None = None
    # Actions whose ETag means something else.
    always_sent: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        reading = request.method in ("GET", "HEAD")
        sent = getattr(self, "action", None) in self.always_sent
        if not reading or sent or request.user.is_authenticated:
            return
        self.unchanged_tag = revisions.tag(request, timezone.now())
        if self.unchanged_tag in _named(request.headers.get("If-None-Match", "")):
            raise NotModified

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        elif self.unchanged_tag is not None and response.status_code in (200, 304):
            response.headers["ETag"] = self.unchanged_tag
            # Kept, and asked for again each time.
            response.headers["Cache-Control"] = "public, no-cache"
            patch_vary_headers(response, ["Authorization"])
        return response


def _named(header: str) -> list[str]:
    """The tags of `If-None-Match`; a proxy that compresses may have weakened ours."""
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
