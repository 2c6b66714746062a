"""Which addresses are exported, and the files in which they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings

INDEX = "index.html"
DATA = PurePosixPath("data")
_LANGUAGES = "|".join(re.escape(code) for code, _name in settings.LANGUAGES)
# Left out: searches, which need the site, and feeds, calendars and mail, whose readers want what is
# published later.
_PAGE = re.compile(
    rf"/(embed/)?({_LANGUAGES})/(?!(.+/)?(search|follow)/\Z)(?!following/)(?!.+\.(atom|ics)\Z)"
)
_TABLE = re.compile(r"/api/v1/data/(?P<name>[^/]+/(snapshots/)?[\w-]+\.(csv|json|zip))\Z")
_EVIDENCE = re.compile(r"/api/v1/evidence/(?P<id>[0-9]+)/file/\Z")
# The parameters that select another part of a long list. Filters and clocks would make too many
# pages.
_PARTS = ("page", "before")
_NUMBER = re.compile(r"[0-9]+\Z")
# A commitment may have the number `index.html`, the name of the file of a list.
_FOLDER_NAMED_AS_FILE = re.compile(r"(\.html_*)/", re.IGNORECASE)


class ExportedAddresses:
    """The addresses of a site that are exported.

    `suffixes` maps the ID of each piece of evidence with a public file to the ending of the file's
    name.
    """

    def __init__(self, suffixes: Mapping[int, str]) -> None:
        self._suffixes = suffixes

    def file_of(self, address: str) -> PurePosixPath | None:
        """Return the path of the file for an address without the host, or None if it is not
        exported."""
        parts = urlsplit(address)
        path = unquote(parts.path)
        if parts.query:
            return _part_of_list(path, parts.query)
        if _PAGE.match(path) or path.startswith(settings.STATIC_URL):
            file = _FOLDER_NAMED_AS_FILE.sub(r"\1_/", path[1:])
            return PurePosixPath(f"{file}{INDEX}" if file.endswith("/") else file)
        if table := _TABLE.match(path):
            return DATA / table["name"]
        if evidence := _EVIDENCE.match(path):
            return self._evidence_file(int(evidence["id"]))
        return None

    def _evidence_file(self, pk: int) -> PurePosixPath | None:
        suffix = self._suffixes.get(pk)
        return None if suffix is None else DATA / f"evidence/{pk}{suffix}"


def _part_of_list(path: str, query: str) -> PurePosixPath | None:
    parameters = parse_qsl(query, keep_blank_values=True)
    if len(parameters) > 1 or not (path.endswith("/") and _PAGE.match(path)):
        return None
    for name, value in parameters:
        if name in _PARTS and _NUMBER.match(value):
            return PurePosixPath(f"{path[1:]}{name}-{value}.html")
    return None
