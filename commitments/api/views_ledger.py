"""The ledger: its links, its head, and the content that its digests cover."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commitments import ledger
from commitments.access import policies
from commitments.api import etags
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.lists import ListView
from commitments.api.operations import PUBLIC_ITEM, PUBLIC_LIST, WITHDRAWABLE_ITEM, operation
from commitments.api.pagination import UpdateCursorPagination
from commitments.api.read_serializers import all_represented
from commitments.api.refusals import Withdrawn
from commitments.api.serializers.ledger import (
    ContentSerializer,
    HeadSerializer,
    LedgerLinkSerializer,
    RecordedContentSerializer,
)
from commitments.api.strict import StrictQuery
from commitments.filters import ContentFilter, LedgerFilter
from commitments.ledger.hashing import canonical_json
from commitments.models import Decision, LedgerHead, ProgressUpdate, RecordedContent
from commitments.roles import ANONYMOUS

# The schema of a recorded content, whose fields depend on its type.
CONTENT = {"type": "object", "additionalProperties": True}


class LedgerPagination(UpdateCursorPagination):
    """Pages in the order of the ledger."""

    ordering = "seq"
    page_size = 200
    list_name = "ledger"


class LedgerTagMixin(ConditionalGetMixin):
    """A view of the ledger itself. Its tag changes with every link: those that are not public are
    part of the chain too."""

    caches_responses = False

    def tag_of(self, request: Request, at: datetime) -> str:
        return etags.ledger_etag(request)


@extend_schema_view(get=operation("ledger", PUBLIC_LIST, LedgerLinkSerializer(many=True)))
class LedgerView(LedgerTagMixin, StrictQuery, GenericAPIView[Decision]):
    """List every link of the chain, oldest first, so that anyone can recompute it."""

    queryset = Decision.objects.select_related("plan", "commitment__plan", "update")
    serializer_class = LedgerLinkSerializer
    filterset_class = LedgerFilter
    pagination_class = LedgerPagination

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        links = all_represented(LedgerLinkSerializer, page or [])
        return self.get_paginated_response(links)

    def known_parameters(self) -> set[str]:
        own = {*LedgerPagination.parameters, *LedgerFilter.base_filters}
        return super().known_parameters() | own


class HeadView(LedgerTagMixin, StrictQuery, APIView):
    """Show the last link of the ledger. Anyone who keeps it can later detect changes to earlier
    links."""

    @operation("ledger_head", PUBLIC_LIST, HeadSerializer)
    def get(self, request: Request) -> Response:
        return Response(HeadSerializer(LedgerHead.objects.get()).data)


class CanonicalRenderer(JSONRenderer):
    """Canonical JSON (RFC 8785): the bytes of the response are those that the digest covers."""

    def render(self, data: Any, *args: object, **kwargs: object) -> bytes:
        return canonical_json(data)


class ContentView(ConditionalGetMixin, StrictQuery, GenericAPIView[ProgressUpdate]):
    """Show the content of a published or corrected update exactly as hashed for the ledger: the
    SHA-256 of the response body is `content_sha256`. That of a withdrawn one is gone (410)."""

    queryset: QuerySet[ProgressUpdate] = (
        ProgressUpdate.objects.visible_to(ANONYMOUS)
        .select_related("commitment__plan")
        .prefetch_related("evidence", "forums", "decisions")
    )
    renderer_classes = [CanonicalRenderer]
    serializer_class = ContentSerializer
    caches_responses = False
    pagination_class = None
    filter_backends = []

    @operation("updates_content", WITHDRAWABLE_ITEM, ContentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        update = self.get_object()
        if not policies.may_see_content(ANONYMOUS, update):
            raise Withdrawn
        return Response(ledger.canonical_content(update, ledger.frozen_version(update)))


class ContentPagination(LedgerPagination):
    """Pages in the order in which contents were recorded."""

    ordering = "id"
    list_name = "contents"


@extend_schema_view(list=operation("contents_list", PUBLIC_LIST, RecordedContentSerializer))
class ContentsView(ListView):
    """List what the ledger recorded, oldest first: the contents of plans, goals, areas,
    commitments, forums, offices and publishers. The last of each is what the tracker shows now."""

    queryset = RecordedContent.objects.public().select_related("decision").in_order()
    serializer_class = RecordedContentSerializer
    filterset_class = ContentFilter
    caches_responses = False
    pagination_class = ContentPagination


class SubjectContentView(ConditionalGetMixin, StrictQuery, GenericAPIView[RecordedContent]):
    """Show the content of a plan, goal, area, commitment, forum, office or publisher exactly as
    hashed for the ledger: the SHA-256 of the response body is the last digest recorded of it."""

    queryset = RecordedContent.objects.all()
    caches_responses = False
    renderer_classes = [CanonicalRenderer]
    serializer_class = RecordedContentSerializer
    pagination_class = None
    filter_backends = []

    @operation("contents_retrieve", PUBLIC_ITEM, CONTENT)
    def get(self, request: Request, subject_type: str, key: str) -> Response:
        last = RecordedContent.objects.public().of(subject_type, key).last()
        if last is None or last.content is None:
            raise NotFound
        return Response(last.content)
