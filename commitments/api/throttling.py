"""The rate limit of callers."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

from commitments.access.rate_limits import OWN_REQUEST, REQUEST_COUNTS, client_address

# The name of the rate limit in the headers.
POLICY = "default"

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class PerCaller(SimpleRateThrottle):
    """Limit each person, and each address of anonymous callers, to `API_RATE`. Requests are counted
    in the cache: separately by each process, unless `CACHE_URL` names a shared one. While it cannot
    be used, nobody is limited; the site itself never is."""

    cache = REQUEST_COUNTS
    num_requests: int
    duration: int

    @property
    def fields(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers-10, once a request was counted:
        the quota and its window in seconds, what remains of it, and when the oldest request of the
        window is no longer counted. Empty without a limit."""
        history: list[float] | None = getattr(self, "history", None)
        if history is None:
            return {}
        remaining = self.num_requests - len(history)
        oldest = history[-1] if history else self.now
        seconds = ceil(self.duration - (self.now - oldest))
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{POLICY}";r={remaining};t={seconds}',
        }

    def allow_request(self, request: Request, view: APIView) -> bool:
        if OWN_REQUEST in request._request.META:
            return True
        allowed: bool = super().allow_request(request, view)
        return allowed

    def get_rate(self) -> str | None:
        return settings.API_RATE or None

    def get_ident(self, request: Request) -> str:
        return client_address(request._request)

    def get_cache_key(self, request: Request, view: APIView) -> str:
        person = request.user.pk
        return f"throttle-{self.get_ident(request) if person is None else f'person-{person}'}"
