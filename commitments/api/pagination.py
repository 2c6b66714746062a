"""Pages of lists, with at most `MAX_PAGE_SIZE` rows; invalid page parameters are refused."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from commitments.api.refusals import InvalidQuery, QueryCheck, parameter_error
from commitments.choices import ErrorCode
from commitments.db import row_count, whole_number

PageRow = TypeVar("PageRow")

MAX_PAGE_SIZE = 200
# In cursors, besides the tokens of REST framework.
LIST_KEY = "list"
MAX_PAGE_NUMBER = 999_999
PAGE_SIZE_DESCRIPTION = "Number of results per page."
# Null where there is no such page. In OpenAPI 3.1's notation; REST framework uses that of 3.0.
_PAGE_LINK = {"type": ["string", "null"], "format": "uri", "example": None}
PAGE_LINKS = {"next": _PAGE_LINK, "previous": _PAGE_LINK}


def _number_up_to(request: Request, name: str, default: int, largest: int) -> int:
    given = request.query_params.getlist(name)
    if not given:
        return default
    number = whole_number(given[0]) if len(given) == 1 else None
    if number is not None and 1 <= number <= largest:
        return number
    sentence = _("Must be a single whole number from 1 to %(largest)s.") % {"largest": largest}
    raise InvalidQuery([parameter_error(name, sentence, ErrorCode.OUT_OF_RANGE)])


def page_size(request: Request, default: int) -> int:
    """Return the number of rows requested for a page. Raise InvalidQuery if it is not one from 1 to
    `MAX_PAGE_SIZE`."""
    return _number_up_to(request, "page_size", default, MAX_PAGE_SIZE)


class DescribedPagination(pagination.BasePagination):
    """A pagination described with the limits of each number and with all keys of a response."""

    # The query parameters that it reads.
    parameters: tuple[str, ...] = ()
    # The largest value of each numeric parameter.
    limits = {"page": MAX_PAGE_NUMBER, "page_size": MAX_PAGE_SIZE}
    # The keys of a page besides its results.
    page_keys: Mapping[str, Mapping[str, Any]] = {}

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, object]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] in self.limits:
                limit = self.limits[parameter["name"]]
                parameter["schema"] |= {"minimum": 1, "maximum": limit}
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, object]) -> dict[str, object]:
        properties = {**self.page_keys, "results": schema}
        return {
            "type": "object",
            "description": "A page of a list; `next` and `previous` are null if there is none.",
            "properties": properties,
            "required": list(properties),
        }


class LazyCountPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that counts the rows only if necessary: a first page that is not full gives their
    number."""

    def page(self, number: object) -> Page[Any]:
        if number != 1:
            return super().page(number)  # type: ignore[arg-type]
        rows = list(self.object_list[: self.per_page + 1])
        if len(rows) <= self.per_page:
            # Fill the cached property, which would otherwise count the rows.
            self.__dict__["count"] = len(rows)
        return Page(rows[: self.per_page], 1, self)

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return row_count(rows) if isinstance(rows, QuerySet) else len(rows)


class NumberedPagination(DescribedPagination, pagination.PageNumberPagination):
    """Numbered pages, with the total number of rows."""

    django_paginator_class = LazyCountPaginator
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    parameters = ("page", "page_size")
    page_query_description = "Number of the page, from 1."
    page_size_query_description = PAGE_SIZE_DESCRIPTION
    page_keys = {"count": {"type": "integer", "example": 1}, **PAGE_LINKS}

    def get_page_size(self, request: Request) -> int:
        return page_size(request, self.page_size)

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield partial(self.get_page_size, request)
        yield partial(self.get_page_number, request, None)

    def get_page_number(self, request: Request, paginator: object) -> int:
        return _number_up_to(request, "page", 1, MAX_PAGE_NUMBER)

    def paginate_queryset(
        self,
        queryset: QuerySet[Model, PageRow] | Sequence[PageRow],
        request: Request,
        view: APIView | None = None,
    ) -> list[PageRow] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            sentence = _("This page does not exist.")
            raise InvalidQuery([parameter_error("page", sentence, ErrorCode.NOT_FOUND)]) from error


class UpdateCursorPagination(DescribedPagination, pagination.CursorPagination):
    """Pages, newest first by id, that neither skip nor repeat rows while others are added."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    ordering = "-id"
    parameters = ("cursor", "page_size")
    cursor_query_description = "Position in the list, as in `next` and `previous`."
    page_size_query_description = PAGE_SIZE_DESCRIPTION
    page_keys = PAGE_LINKS
    list_name = "updates"

    def get_page_size(self, request: Request) -> int:
        return page_size(request, self.page_size)

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield partial(self.get_page_size, request)
        yield partial(self.decode_cursor, request)

    def decode_cursor(self, request: Request) -> pagination.Cursor | None:
        given = request.query_params.getlist("cursor")
        try:
            cursor = super().decode_cursor(request)
        except (NotFound, BadRequest, OverflowError):
            cursor = None
        position = cursor and cursor.position
        if given and (cursor is None or len(given) > 1 or _list_of(given[0]) != self.list_name):
            raise invalid_cursor()
        if position is not None and whole_number(str(position)) is None:
            raise invalid_cursor()
        return cursor

    def encode_cursor(self, cursor: pagination.Cursor) -> str:
        """Return the address of a page; its cursor names the list, which lists of other rows
        refuse."""
        address: str = super().encode_cursor(cursor)
        [tokens] = parse_qs(urlsplit(address).query)["cursor"]
        named = f"{b64decode(tokens).decode()}&{LIST_KEY}={self.list_name}"
        return replace_query_param(address, "cursor", b64encode(named.encode()).decode())


def invalid_cursor() -> InvalidQuery:
    """Return the error for a cursor that is damaged or belongs to another list."""
    sentence = _("The cursor is not valid for this list.")
    return InvalidQuery([parameter_error("cursor", sentence, ErrorCode.INVALID_CURSOR)])


def _list_of(cursor: str) -> str | None:
    """Return the name of the list to which a cursor belongs, or None if the cursor names none."""
    tokens = parse_qs(b64decode(cursor).decode("ascii"))
    return tokens.get(LIST_KEY, [None])[0]
