"""Pages of lists: `page_size` up to 200; more, or nonsense, is refused."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from commitments.api.problems import InvalidQuery

LARGEST = 200
LAST_PAGE = 999_999
WHOLE_NUMBER = re.compile(r"[0-9]{1,18}\Z")


def _whole_number(request: Request, name: str, usual: int, largest: int) -> int:
    given = request.query_params.getlist(name)
    if not given:
        return usual
    if len(given) == 1 and WHOLE_NUMBER.match(given[0]) and 1 <= int(given[0]) <= largest:
        return int(given[0])
    sentence = _("Give one whole number from 1 to %(largest)s.") % {"largest": largest}
    raise InvalidQuery([{"parameter": name, "detail": sentence}])


def page_size(request: Request, usual: int) -> int:
    """How many rows a page is asked to have. Raises InvalidQuery."""
    return _whole_number(request, "page_size", usual, LARGEST)


def _with_all_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """An answer has all its keys; `next` and `previous` are null where there is no such page."""
    told = {name: _nullable(each) for name, each in schema["properties"].items()}
    return {**schema, "properties": told, "required": list(told)}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """As OpenAPI 3.1 writes it; REST framework still writes that of 3.0."""
    rest = {name: value for name, value in schema.items() if name != "nullable"}
    return rest | ({"type": [rest["type"], "null"]} if schema.get("nullable") else {})


def _bounded(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With what is refused otherwise."""
    most = {"page": LAST_PAGE, "page_size": LARGEST}
    return [
        {**each, "schema": {**each["schema"], "minimum": 1, "maximum": most[each["name"]]}}
        if each["name"] in most
        else each
        for each in parameters
    ]


class Pages(pagination.PageNumberPagination):
    """Numbered pages, with a count of all."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST
    parameters = ("page", "page_size")

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return _bounded(super().get_schema_operation_parameters(view))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return _with_all_keys(super().get_paginated_response_schema(schema))

    def get_page_size(self, request: Request) -> int:
        return page_size(request, self.page_size)

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return _whole_number(request, "page", 1, LAST_PAGE)

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            raise InvalidQuery(
                [{"parameter": "page", "detail": _("There is no such page.")}]
            ) from error


class Cursor(pagination.CursorPagination):
    """Pages that neither skip nor repeat while rows are added: newest first, by id."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST
    ordering = "-id"
    parameters = ("cursor", "page_size")

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return _bounded(super().get_schema_operation_parameters(view))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return _with_all_keys(super().get_paginated_response_schema(schema))

    def get_page_size(self, request: Request) -> int:
        return page_size(request, self.page_size)

    def decode_cursor(self, request: Request) -> Any:
        given = request.query_params.getlist("cursor")
        try:
            cursor = super().decode_cursor(request)
        except (NotFound, BadRequest, OverflowError):
            cursor = None
        position = cursor and cursor.position
        if given and (cursor is None or len(given) > 1 or "" in given):
            raise InvalidQuery([self._not_ours()])
        if position is not None and not WHOLE_NUMBER.match(str(position)):
            raise InvalidQuery([self._not_ours()])
        return cursor

    def _not_ours(self) -> dict[str, str]:
        return {"parameter": "cursor", "detail": _("This is not a cursor of this list.")}
