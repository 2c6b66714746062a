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
WHOLE_NUMBER = re.compile(r"[0-9]{1,4}\Z")


def _page_size(request: Request, name: str, usual: int) -> int:
    given = request.query_params.getlist(name)
    if not given:
        return usual
    if len(given) == 1 and WHOLE_NUMBER.match(given[0]) and 1 <= int(given[0]) <= LARGEST:
        return int(given[0])
    raise InvalidQuery(
        [
            {
                "parameter": name,
                "detail": _("Give one whole number from 1 to %(largest)s.") % {"largest": LARGEST},
            }
        ]
    )


class Pages(pagination.PageNumberPagination):
    """Numbered pages, with a count of all."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST
    parameters = ("page", "page_size")

    def get_page_size(self, request: Request) -> int:
        return _page_size(request, self.page_size_query_param, self.page_size)

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

    def get_page_size(self, request: Request) -> int:
        return _page_size(request, "page_size", self.page_size)

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except (NotFound, BadRequest, OverflowError) as error:
            raise InvalidQuery(
                [{"parameter": "cursor", "detail": _("This is not a cursor of this list.")}]
            ) from error
