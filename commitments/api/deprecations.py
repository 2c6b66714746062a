"""What of the API is to change or to go, announced in the headers of answers that depend on it.

docs/stability.md promises how long before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date
from rest_framework.request import Request


@dataclass(frozen=True)
class Deprecation:
    """A route that is deprecated `since` a time, or one of its parameters, and may be gone from
    `sunset` on. Both times are aware."""

    route: str
    since: datetime
    sunset: datetime
    parameter: str = ""

    def concerns(self, request: Request) -> bool:
        """Return whether the answer to a request depends on it."""
        match = request.resolver_match
        if match is None or match.view_name != self.route:
            return False
        return not self.parameter or self.parameter in request.query_params


DEPRECATIONS: tuple[Deprecation, ...] = ()


def deprecation_headers(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the headers of what the answer depends on: since when the first is deprecated
    (RFC 9745), and from when on one may be gone (RFC 8594)."""
    found = [item for item in DEPRECATIONS if item.concerns(request)]
    if found:
        yield "Deprecation", f"@{int(min(item.since for item in found).timestamp())}"
        yield "Sunset", http_date(min(item.sunset for item in found).timestamp())
