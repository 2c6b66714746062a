"""The history of a commitment: wordings, readings, forums, offices and dates."""

from __future__ import annotations

from typing import Any

from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.operations import PUBLIC_ITEM, operation
from commitments.api.pagination import NumberedPagination
from commitments.api.serializers.history import HistoryEntrySerializer
from commitments.api.strict import StrictQuery
from commitments.curation import history
from commitments.models import Commitment


class HistoryView(ConditionalGetMixin, StrictQuery, GenericAPIView[Any]):
    """List edits to a commitment's wording, readings, forums, offices and dates, newest first, with
    reasons. For changes of status see its updates."""

    queryset: Any = Commitment.objects.all()
    serializer_class = HistoryEntrySerializer
    pagination_class = NumberedPagination
    filter_backends = []

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | set(NumberedPagination.parameters)

    @operation("commitments_history", PUBLIC_ITEM, HistoryEntrySerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        commitment = get_object_or_404(Commitment.objects.by_codes([code]))
        entries: Any = history.entries_of(commitment)
        page: Any = self.paginate_queryset(entries)
        return self.get_paginated_response(HistoryEntrySerializer(page, many=True).data)
