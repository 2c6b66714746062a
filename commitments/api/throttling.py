"""The rate limit of callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

from commitments.access.addresses import client_address

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class PerCaller(SimpleRateThrottle):
    """Limit each person, and each address of anonymous callers, to `API_RATE`. Requests are counted
    in the cache: separately by each process, unless `CACHE_URL` names a shared one."""

    def get_rate(self) -> str | None:
        return settings.API_RATE or None

    def get_ident(self, request: Request) -> str:
        return client_address(request._request)

    def get_cache_key(self, request: Request, view: APIView) -> str:
        person = request.user.pk
        return f"throttle-{self.get_ident(request) if person is None else f'person-{person}'}"
