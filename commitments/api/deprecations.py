"""Parts of the API that will change or be removed, announced in the headers of the responses that
depend on them and in the OpenAPI document (`deprecation_marks.py`).

docs/stability.md promises how long in advance.
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
    """A route, or a part of it, that is deprecated `since` a time and may be removed from `sunset`
    on. Both times are aware.

    The part is a `parameter` of its query; or a `part` of a component of the OpenAPI document, a
    key such as `Plan.notice` or a code such as `Status.stalled`, or a whole component; or a
    `column` of a tidy table as docs/data.md names it, such as `updates.summary_…`, or a whole
    table. `instead` is a sentence on what to use. When the part is removed, its entry stays, with
    `is_gone` set: earlier releases are compared with the list. Such an entry concerns no response.
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
        """Return whether the response to a request depends on what is deprecated."""
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
    """Yield the headers for what the response depends on: the earliest date of deprecation (RFC
    9745), the earliest date of removal (RFC 8594), and a link to the explanation."""
    found = [item for item in DEPRECATIONS if item.concerns(request)]
    if found:
        yield "Deprecation", f"@{int(min(item.since for item in found).timestamp())}"
        yield "Sunset", http_date(min(item.sunset for item in found).timestamp())
        # docs/stability.md is not published on sites. Each site has the page of its API, which
        # shows what is deprecated and what to use instead.
        page = request.build_absolute_uri(reverse("api:docs"))
        relations = ("deprecation", "sunset")
        yield "Link", ", ".join(f'<{page}>; rel="{name}"; type="text/html"' for name in relations)
