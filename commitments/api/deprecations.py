"""What of the API is to change or to go, announced in the headers of answers that depend on it and
in the OpenAPI document (`deprecation_marks.py`).

docs/stability.md promises how long before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import http_date
from rest_framework.request import Request


@dataclass(frozen=True)
class Deprecation:
    """A route that is deprecated `since` a time and may be gone from `sunset` on, or a part of it.
    Both times are aware.

    The part is a `parameter` of its query; or a `part` of a component of the OpenAPI document, a
    key such as `Plan.notice` or a code such as `Status.stalled`, or a whole component; or a
    `column` of a tidy table as docs/data.md names it, such as `updates.summary_…`, or a whole
    table. `instead` is a sentence on what to use. An entry stays when its part has gone, with
    `is_gone`: releases that had the part are compared with it, and no answer depends on it.
    """

    route: str
    since: datetime
    sunset: datetime
    parameter: str = ""
    part: str = ""
    column: str = ""
    instead: str = ""
    is_gone: bool = False

    def concerns(self, request: Request) -> bool:
        """Return whether the answer to a request depends on it."""
        match = request.resolver_match
        if self.is_gone or match is None or match.view_name != self.route:
            return False
        table = self.column.partition(".")[0]
        if table and match.kwargs.get("table", table) != table:
            return False
        return not self.parameter or self.parameter in request.query_params

    @property
    def words(self) -> str:
        dates = f"Deprecated since {self.since:%Y-%m-%d}; may be gone from {self.sunset:%Y-%m-%d}."
        return f"{dates} {self.instead}".rstrip()


DEPRECATIONS: tuple[Deprecation, ...] = ()


def deprecation_headers(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the headers of what the answer depends on: since when the first is deprecated
    (RFC 9745), from when on one may be gone (RFC 8594), and where that is explained."""
    found = [item for item in DEPRECATIONS if item.concerns(request)]
    if found:
        yield "Deprecation", f"@{int(min(item.since for item in found).timestamp())}"
        yield "Sunset", http_date(min(item.sunset for item in found).timestamp())
        # No site has an address of docs/stability.md; each has the page of its API, which shows
        # what is deprecated and says what to use instead.
        page = request.build_absolute_uri(reverse("api:docs"))
        relations = ("deprecation", "sunset")
        yield "Link", ", ".join(f'<{page}>; rel="{name}"; type="text/html"' for name in relations)
