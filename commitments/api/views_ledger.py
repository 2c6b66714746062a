"""The ledger for outsiders: its links, its head, and the content that its digests cover."""

from __future__ import annotations

from typing import Any

import rfc8785
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commitments import ledger
from commitments.api.pagination import Cursor
from commitments.api.serializers.ledger import (
    ContentSerializer,
    HeadSerializer,
    LedgerLinkSerializer,
)
from commitments.api.strict import StrictQuery
from commitments.models import Decision, LedgerHead, ProgressUpdate


class Links(Cursor):
    """In the order of the chain."""

    ordering = "seq"
    page_size = 200


class LedgerView(StrictQuery, ListAPIView[Decision]):
    """Every link of the chain, first to last, so that an outsider can recompute it."""

    queryset = Decision.objects.select_related("plan", "commitment__plan", "update")
    serializer_class = LedgerLinkSerializer
    pagination_class = Links

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | set(Links.parameters)


class HeadView(StrictQuery, APIView):
    """The last link of the ledger: pin it, and a rewritten past will show."""

    @extend_schema(responses=HeadSerializer)
    def get(self, request: Request) -> Response:
        return Response(HeadSerializer(LedgerHead.objects.get()).data)


class CanonicalRenderer(JSONRenderer):
    """RFC 8785: the answer's bytes are those that a digest is made of."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return rfc8785.dumps(data)


class ContentView(StrictQuery, GenericAPIView[ProgressUpdate]):
    """The content of a published or superseded update, byte for byte as the ledger's digest
    covers it: the SHA-256 of the answer is `content_sha256`."""

    queryset: QuerySet[ProgressUpdate] = (
        ProgressUpdate.objects.with_public_content()
        .select_related("commitment__plan")
        .prefetch_related("evidence", "forums")
    )
    renderer_classes = [CanonicalRenderer]
    serializer_class = ContentSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(responses=ContentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ledger.content(self.get_object()))
