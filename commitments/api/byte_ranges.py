"""Responses with a whole file, a range of its bytes (RFC 9110, section 14), or 304 if the caller
already has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files import File
from django.http import FileResponse, HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request

from commitments.api.refusals import RangeNotSatisfiable

# One range of bytes; its first or its last byte may be left out.
_RANGE = re.compile(r"bytes=\s*(\d{1,18})?-(\d{1,18})?\s*\Z", re.ASCII | re.IGNORECASE)

# Sent with every response for a file, also with 304.
IN_PARTS = {"Accept-Ranges": "bytes"}


class FilePart:
    """The bytes of an open file from its position on, as many as `length`."""

    def __init__(self, file: File[Any], length: int) -> None:
        self.file, self.left = file, length

    def read(self, size: int) -> bytes:
        data: bytes = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.file.close()


def file_response(
    request: Request,
    open_file: Callable[[], File[Any]],
    headers: Mapping[str, str],
    *,
    name: str,
    media_type: str,
) -> HttpResponse | FileResponse:
    """Return a stored file as an attachment: 304 if the caller has it, without opening it; 206 with
    the range if a single one is requested; else the whole file (also for several ranges, as the
    RFC allows). Raise RangeNotSatisfiable for a range beyond the end, and what `open_file` raises.
    `headers` has the file's strong ETag."""
    tag = headers["ETag"]
    if has_copy(request, tag):
        return HttpResponse(status=304, headers={**headers, **IN_PARTS})
    file = open_file()
    size = file.size
    try:
        part = _asked_for(request, size, tag)
    except RangeNotSatisfiable:
        file.close()
        raise
    first, last = part or (0, size - 1)
    file.seek(first)
    lengths = {**IN_PARTS, "Content-Length": str(last + 1 - first)}
    if part is not None:
        lengths["Content-Range"] = f"bytes {first}-{last}/{size}"
    return FileResponse(
        FilePart(file, last + 1 - first),
        as_attachment=True,
        filename=name,
        content_type=media_type,
        headers={**headers, **lengths},
        status=200 if part is None else 206,
    )


def has_copy(request: Request, tag: str) -> bool:
    """Return whether the caller has the file with this ETag, which a compressing proxy may have
    weakened."""
    known = parse_etags(_header(request, "If-None-Match"))
    return tag in [each.removeprefix("W/") for each in known]


def _asked_for(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Return the first and the last byte of the requested range; None for the whole file."""
    given = _RANGE.match(_header(request, "Range"))
    if given is None or request.method != "GET" or _header(request, "If-Range") not in ("", tag):
        return None
    first, last = (None if number is None else int(number) for number in given.groups())
    if (first is None and last is None) or (first and last is not None and last < first):
        return None
    if first is None:
        # A suffix range: the number is how many bytes at the end are wanted.
        first, last = max(0, size - (last or 0)), None
    end = size - 1 if last is None else min(size - 1, last)
    if first > end:
        raise RangeNotSatisfiable(size)
    return first, end


def _header(request: Request, name: str) -> str:
    return request.headers.get(name, "").strip()
