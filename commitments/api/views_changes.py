"""Public changes of the record, in the order of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.api import etags
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.operations import CONTINUED_LIST, operation
from commitments.api.pagination import MAX_PAGE_SIZE, invalid_cursor, page_size
from commitments.api.read_serializers import represented
from commitments.api.refusals import QueryCheck, UnknownPosition
from commitments.api.request_data import parameters_except
from commitments.api.serializers.changes import ChangesSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.filters import ChangeFilter
from commitments.ledger import START, Position, changes
from commitments.models import Decision

CHANGES_PAGE_SIZE = 100
# No change says what its commitment or its update contains.
LONG_TEXTS = (
    "commitment__text",
    "commitment__search_index",
    "update__summary",
    "update__search_note",
    "update__search_index",
)


class ChangesView(ConditionalGetMixin, StrictQuery, GenericAPIView[Decision]):
    """List all public changes in ledger order. A change published later always comes later, so a
    client that continues from `cursor` neither misses nor repeats any. A cursor of which the ledger
    no longer has the position, as after a restore from a backup, is refused with 410."""

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

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(_position, request)
        yield partial(page_size, request, CHANGES_PAGE_SIZE)

    def tag_of(self, request: Request, at: datetime) -> str:
        return etags.position_etag(request, at)

    @operation("changes", CONTINUED_LIST, ChangesSerializer, filters=True)
    def get(self, request: Request) -> Response:
        after, size = _position(request), page_size(request, CHANGES_PAGE_SIZE)
        # Read before the rows, so that no row up to the head can be missing.
        head = Position.of_head()
        every = Decision.objects.public().in_order().select_related("plan")
        rows = FilterBackend().filter_queryset(request, every, self).filter(seq__gt=after.seq)
        if not after.is_in_chain():
            raise UnknownPosition
        related = rows.select_related("commitment__plan", "update").defer(*LONG_TEXTS)
        found = list(related[: size + 1])
        page = found[:size]
        has_more = len(found) > size
        cursor = _position_after(page, head, has_more=has_more).as_text()
        payload = {
            "results": changes.with_status_changes(page),
            "next": _next_address(request, cursor) if has_more else None,
            "cursor": cursor,
        }
        return Response(represented(ChangesSerializer, payload))


def _position(request: Request) -> Position:
    """Return the position after which the page begins, as the cursor gives it."""
    given = request.query_params.getlist("cursor")
    if not given:
        return START
    try:
        [text] = given
        return Position.from_text(text)
    except ValueError as error:
        raise invalid_cursor() from error


def _position_after(page: Sequence[Decision], head: Position, *, has_more: bool) -> Position:
    """Return the position that a page reaches: its last row or, if no row follows, the end of the
    chain. So the loss of any link is noticed, even of one that is not public or that the filters
    exclude."""
    if not page:
        return head
    last = Position(page[-1].seq, page[-1].hash)
    return last if has_more else max(last, head)


def _next_address(request: Request, cursor: str) -> str:
    query = [*parameters_except(request, "cursor"), ("cursor", cursor)]
    return f"{reverse('api:changes', request=request)}?{urlencode(query)}"
