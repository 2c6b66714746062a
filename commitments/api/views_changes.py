"""What was publicly done, first to last: for mirrors of the tracker."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import changes
from commitments.api.pagination import LARGEST, page_size
from commitments.api.problems import InvalidQuery
from commitments.api.requests import parameters_but
from commitments.api.serializers.changes import ChangesSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.api.unchanged import Unchanged
from commitments.filters import ChangeFilter
from commitments.models import Decision

PAGE = 100
# A number of the ledger behind a version, so that it need not stay one.
_CURSOR = re.compile(rb"1:(\d{1,18})\Z")


class ChangesView(Unchanged, StrictQuery, GenericAPIView[Decision]):
    """Every public act in the ledger's order. An act that is published later comes later: whoever
    goes on from `cursor` misses none and meets none twice."""

    queryset = Decision.objects.none()
    serializer_class = ChangesSerializer
    filterset_class = ChangeFilter
    pagination_class = None
    other_parameters = {
        "cursor": {"type": "string"},
        "page_size": {"type": "integer", "minimum": 1, "maximum": LARGEST},
    }

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *ChangeFilter.base_filters}

    @extend_schema(responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        begin, size = _begin(request), page_size(request, PAGE)
        every = Decision.objects.public().in_order().select_related("plan", "update")
        rows = FilterBackend().filter_queryset(request, every, self).filter(seq__gt=begin)
        found = list(rows.select_related("commitment__plan")[: size + 1])
        shown = found[:size]
        cursor = _cursor(shown[-1].seq if shown else begin)
        payload = {
            "results": changes.told(shown),
            "next": _address(request, cursor) if len(found) > size else None,
            "cursor": cursor,
        }
        return Response(ChangesSerializer(payload).data)


def _cursor(seq: int) -> str:
    return urlsafe_b64encode(f"1:{seq}".encode()).decode().rstrip("=")


def _begin(request: Request) -> int:
    """The number after which the page begins."""
    given = request.query_params.getlist("cursor")
    if not given:
        return 0
    try:
        match = _CURSOR.match(urlsafe_b64decode(given[0] + "=" * (-len(given[0]) % 4)))
    except (NotBase64, ValueError):
        match = None
    if match is None or len(given) > 1:
        sentence = _("This is not a cursor of this list.")
        raise InvalidQuery([{"parameter": "cursor", "detail": sentence}])
    return int(match[1])


def _address(request: Request, cursor: str) -> str:
    query = [*parameters_but(request, "cursor"), ("cursor", cursor)]
    return f"{reverse('api:changes', request=request)}?{urlencode(query)}"
