"""The history of a commitment: wordings, readings, forums, offices and dates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from commitments import history
from commitments.api.pagination import Pages
from commitments.api.serializers.history import EventSerializer
from commitments.api.strict import StrictQuery
from commitments.api.unchanged import Unchanged
from commitments.models import Commitment


class HistoryView(Unchanged, StrictQuery, GenericAPIView[Any]):
    """What became of a commitment's wording, readings, forums, offices and dates: the latest
    first, with reasons. What became of its status is told by its updates."""

    queryset: Any = Commitment.objects.all()
    serializer_class = EventSerializer
    pagination_class = Pages
    filter_backends = []

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | set(Pages.parameters)

    @extend_schema(responses=EventSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        commitment = get_object_or_404(Commitment.objects.by_codes([code]))
        events: Any = history.of(commitment)
        page: Any = self.paginate_queryset(events)
        return self.get_paginated_response(EventSerializer(page, many=True).data)
