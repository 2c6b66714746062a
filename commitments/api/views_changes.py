"""Public changes of the record, in the order of the ledger."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from urllib.parse import urlencode

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.operations import PUBLIC_LIST, operation
from commitments.api.pagination import MAX_PAGE_SIZE, invalid_cursor, page_size
from commitments.api.requests import parameters_except
from commitments.api.serializers.changes import ChangesSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.filters import ChangeFilter
from commitments.ledger import changes
from commitments.models import Decision

CHANGES_PAGE_SIZE = 100
# A sequence number of the ledger, with a version so that cursors can have other contents later.
_CURSOR = re.compile(rb"1:(\d{1,18})\Z")


class ChangesView(ConditionalGetMixin, StrictQuery, GenericAPIView[Decision]):
    """List all public changes in ledger order. A change published later always comes later, so a
    client that continues from `cursor` neither misses nor repeats any."""

    queryset = Decision.objects.none()
    serializer_class = ChangesSerializer
    filterset_class = ChangeFilter
    pagination_class = None
    other_parameters = {
        "cursor": {"type": "string"},
        "page_size": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE},
    }

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *ChangeFilter.base_filters}

    @operation("changes", PUBLIC_LIST, ChangesSerializer, filters=True)
    def get(self, request: Request) -> Response:
        after, size = _sequence_number(request), page_size(request, CHANGES_PAGE_SIZE)
        every = Decision.objects.public().in_order().select_related("plan", "update")
        rows = FilterBackend().filter_queryset(request, every, self).filter(seq__gt=after)
        found = list(rows.select_related("commitment__plan")[: size + 1])
        page = found[:size]
        cursor = _cursor(page[-1].seq if page else after)
        payload = {
            "results": changes.with_status_changes(page),
            "next": _next_address(request, cursor) if len(found) > size else None,
            "cursor": cursor,
        }
        return Response(ChangesSerializer(payload).data)


def _cursor(seq: int) -> str:
    return urlsafe_b64encode(f"1:{seq}".encode()).decode().rstrip("=")


def _sequence_number(request: Request) -> int:
    """Return the sequence number after which the page begins."""
    given = request.query_params.getlist("cursor")
    if not given:
        return 0
    try:
        match = _CURSOR.match(urlsafe_b64decode(given[0] + "=" * (-len(given[0]) % 4)))
    except (NotBase64, ValueError):
        match = None
    if match is None or len(given) > 1:
        raise invalid_cursor()
    return int(match[1])


def _next_address(request: Request, cursor: str) -> str:
    query = [*parameters_except(request, "cursor"), ("cursor", cursor)]
    return f"{reverse('api:changes', request=request)}?{urlencode(query)}"
