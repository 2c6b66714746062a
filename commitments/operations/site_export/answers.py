"""The site's responses to a reader who has not signed in, requested without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase
from django.test.client import ClientHandler, RequestFactory

from commitments.access.rate_limits import OWN_REQUEST
from commitments.exceptions import ExportError

API_PATH = "/api/v1/"
_LOCATION = re.compile(r"<loc>([^<]+)</loc>")


@dataclass(frozen=True)
class Answer:
    """The body of a response and its media type, without parameters."""

    body: bytes
    media_type: str


class AnonymousReader:
    """A reader of the site at an address, such as `https://tracker.example.org`.

    It uses the handler of Django's test client, which, unlike a server, leaves the database
    connection open between requests: all of them read in the same open transaction.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        parts = urlsplit(self.address)
        self._is_secure = parts.scheme == "https"
        # The scheme as a proxy would pass it on, if the settings expect one.
        headers = {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}
        # Reading everything once must not evict from the cache what others ask for.
        headers["Cache-Control"] = "no-store"
        self._requests = RequestFactory(headers=headers)
        self._handler = ClientHandler(enforce_csrf_checks=False)

    def get(self, address: str) -> Answer:
        """Return the response to GET for an address without the host. Raise ExportError if its
        status is not 200."""
        response = self._ask(address)
        if response.status_code != HTTPStatus.OK:
            raise ExportError(f"{self.address}{address} answers with {response.status_code}.")
        body = b"".join(response)
        return Answer(body, response.headers["Content-Type"].partition(";")[0])

    def pages(self) -> list[str]:
        """Return the addresses in the sitemaps, without the host."""
        return [page for part in self._locations("/sitemap.xml") for page in self._locations(part)]

    def rows(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield every row of a list of the API, page by page."""
        address: str | None = f"{API_PATH}{path}"
        while address:
            page = json.loads(self.get(address).body)
            yield from page["results"]
            address = page["next"] and page["next"].removeprefix(self.address)

    def _locations(self, address: str) -> list[str]:
        found = _LOCATION.findall(self.get(address).body.decode())
        return [unescape(location).removeprefix(self.address) for location in found]

    def _ask(self, address: str) -> HttpResponseBase:
        request = self._requests.get(address, secure=self._is_secure)
        # Django has decoded the path in the environment, which the handler decodes once more.
        path = request.path_info.encode().decode("latin-1")
        return self._handler({**request.environ, "PATH_INFO": path, OWN_REQUEST: True})
