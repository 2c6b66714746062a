"""How often one caller may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class PerCaller(SimpleRateThrottle):
    """`API_RATE` for each person, and for each address of those who do not say who they are. It is
    counted in the cache: by each process apart, unless `CACHE_URL` names one that they share."""

    def get_rate(self) -> str | None:
        return settings.API_RATE or None

    def get_cache_key(self, request: Request, view: APIView) -> str:
        person = request.user.pk
        return f"asked-by-{self.get_ident(request) if person is None else f'person-{person}'}"
