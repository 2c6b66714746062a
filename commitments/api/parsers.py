"""What the API reads and writes: JSON, strictly, whatever the `Accept` header says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JSONOnly(DefaultContentNegotiation):
    """There is one representation; a request for another gets it all the same."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or "application/json"


class StrictJSONParser(JSONParser):
    """RFC 8259 in UTF-8: no key twice, no NaN, no lone surrogate, no bottomless nesting."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, **STRICTLY)
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except (ValueError, UnicodeError) as error:
            raise ParseError(
                _("This is not JSON in UTF-8: %(error)s") % {"error": error}
            ) from error
        return value


class Form(dict[str, Any]):
    """A form's fields, each once, and its file."""


class Watched:
    """A stream that counts in passing how often it holds some bytes, and remembers its last
    kilobyte."""

    def __init__(self, stream: IO[Any], counted: bytes) -> None:
        self.stream, self.counted, self.found = stream, counted, 0
        # A form may begin at once: as if there were a line before.
        self.last = b"\r\n"

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size)
        # What was counted before is not counted again: too few bytes are kept for that.
        kept = self.last[-(len(self.counted) - 1) :]
        self.found += (kept + data).count(self.counted)
        self.last = (self.last + data)[-1024:]
        return data


class StrictFormParser(MultiPartParser):
    """`multipart/form-data`, to its end: no field twice; `public` is a truth value as in JSON."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        boundary = parse_header_parameters(media_type or "")[1].get("boundary", "")
        watched: Any = Watched(stream, f"\r\n--{boundary}".encode())
        parsed: Any = super().parse(watched, media_type, parser_context)
        if f"--{boundary}--".encode() not in watched.last:
            raise ParseError(_("The form is cut short: its closing boundary is missing."))
        taken = sum(
            len(values) for part in (parsed.data, parsed.files) for _n, values in part.lists()
        )
        # The last boundary closes the form.
        if watched.found - 1 != taken:
            raise ParseError(_("A part of the form has no name that can be read."))
        form = Form()
        for name, values in (*parsed.data.lists(), *parsed.files.lists()):
            if name in form or len(values) > 1:
                raise ParseError(_("The field “%(name)s” is there twice.") % {"name": name})
            form[name] = values[0]
            if isinstance(values[0], str) and "\ufffd" in values[0]:
                raise ParseError(_("The field “%(name)s” is not in UTF-8.") % {"name": name})
        if "public" in form:
            form["public"] = TRUTH.get(form["public"], form["public"])
        return form


TRUTH = {"true": True, "false": False}
MOST_DIGITS = 1000


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _no_endless_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(digits)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has a key twice")
    return value


STRICTLY: Mapping[str, Any] = {
    "parse_constant": _no_constant,
    "parse_int": _no_endless_number,
    "object_pairs_hook": _no_key_twice,
}
