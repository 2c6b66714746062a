"""Strict parsers of request bodies, and content negotiation."""

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
    """Content negotiation for views with a single renderer: the `Accept` header is ignored."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or "application/json"


class StrictJSONParser(JSONParser):
    """RFC 8259 in UTF-8. Duplicate keys, NaN, lone surrogates and too deep nesting are refused."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, **STRICT_JSON)
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except json.JSONDecodeError as error:
            sentence = _(
                "The request body is not valid JSON: see line %(line)s, column %(column)s."
            )
            place = {"line": error.lineno, "column": error.colno}
            raise ParseError(sentence % place) from error
        except UnicodeError as error:
            raise ParseError(_("The request body is not valid UTF-8.")) from error
        except NotJson as error:
            sentence = _("The request body is not valid JSON: %(error)s")
            raise ParseError(sentence % {"error": error}) from error
        return value


class WatchedStream:
    """A stream that counts the occurrences of some bytes while it is read, and keeps the last
    kilobyte."""

    def __init__(self, stream: IO[Any], counted: bytes) -> None:
        self.stream, self.counted, self.found = stream, counted, 0
        # A line break is assumed before the first boundary, which has none.
        self.last = b"\r\n"

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size)
        # Too few bytes to contain an occurrence that has already been counted.
        kept = self.last[-(len(self.counted) - 1) :]
        self.found += (kept + data).count(self.counted)
        self.last = (self.last + data)[-1024:]
        return data


class StrictFormParser(MultiPartParser):
    """Complete `multipart/form-data` without duplicate fields, as a dict of its fields and files by
    name; `public` becomes a boolean."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        boundary = parse_header_parameters(media_type or "")[1].get("boundary", "")
        watched: Any = WatchedStream(stream, f"\r\n--{boundary}".encode())
        parsed: Any = super().parse(watched, media_type, parser_context)
        if f"--{boundary}--".encode() not in watched.last:
            raise ParseError(_("The form is incomplete: its closing boundary is missing."))
        parts = sum(
            len(values) for part in (parsed.data, parsed.files) for _n, values in part.lists()
        )
        # The last boundary closes the form and begins no part.
        if watched.found - 1 != parts:
            raise ParseError(_("A form field or file has no readable name (UTF-8)."))
        form: dict[str, Any] = {}
        for name, values in (*parsed.data.lists(), *parsed.files.lists()):
            if name in form or len(values) > 1:
                raise ParseError(_("The field “%(name)s” appears twice.") % {"name": name})
            form[name] = values[0]
            if isinstance(values[0], str) and "\ufffd" in values[0]:
                raise ParseError(_("The field “%(name)s” is not valid UTF-8.") % {"name": name})
        if "public" in form:
            form["public"] = BOOLEANS.get(form["public"], form["public"])
        return form


BOOLEANS = {"true": True, "false": False}
MAX_NUMBER_DIGITS = 1000


class NotJson(ValueError):
    """A value that the standard does not allow, or nobody means. `str()` is a sentence."""


def _refuse_constant(name: str) -> Any:
    raise NotJson(_("%(name)s is no value of JSON.") % {"name": name})


def _read_integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise NotJson(_("A number has more than %(most)s digits.") % {"most": MAX_NUMBER_DIGITS})
    return int(digits)


def _refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotJson(_("An object has a key twice."))
    return value


STRICT_JSON: Mapping[str, Any] = {
    "parse_constant": _refuse_constant,
    "parse_int": _read_integer,
    "object_pairs_hook": _refuse_duplicate_keys,
}
