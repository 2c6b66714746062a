"""Views of evidence: reading, changing and removing a piece, its file, its archived address."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from commitments import workflow
from commitments.api.byte_ranges import file_response
from commitments.api.idempotency import idempotent
from commitments.api.lists import RetrieveMixin
from commitments.api.operations import (
    ACT,
    CHANGE,
    FILE,
    PUBLIC_LIST,
    REMOVE,
    REVISED_ITEM,
    operation,
)
from commitments.api.pagination import UpdateCursorPagination
from commitments.api.preconditions import etag, require_if_match
from commitments.api.request_data import pointing_below, signed_in_user, validated
from commitments.api.serializers.evidence import (
    ArchiveSerializer,
    EvidenceSerializer,
    ListedEvidenceSerializer,
)
from commitments.choices import SCOPE_OF_ACTION, Action, TokenScope
from commitments.db import WHOLE_NUMBER_PATTERN
from commitments.exceptions import StoredFileChanged
from commitments.files.faults import fault_words
from commitments.filters import EvidenceFilter
from commitments.models import Evidence, ProgressUpdate
from commitments.workflow import EvidenceChanges

# They keep browsers from guessing the type of a file and from running anything in it.
DOWNLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class EvidencePagination(UpdateCursorPagination):
    """Pages as those of updates."""

    list_name = "evidence"


@extend_schema_view(list=operation("evidence_list", PUBLIC_LIST, ListedEvidenceSerializer))
class EvidenceView(RetrieveMixin):
    """List the evidence behind updates, the newest first: what is public and, for staff, what they
    may see of the updates still in the workflow."""

    queryset = Evidence.objects.all()
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilter
    pagination_class = EvidencePagination
    lookup_value_regex = WHOLE_NUMBER_PATTERN
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    unconditional_actions = ("file",)
    token_scopes = {
        "partial_update": TokenScope.WRITE,
        "destroy": TokenScope.WRITE,
        "archive": SCOPE_OF_ACTION[Action.ARCHIVE],
    }

    def get_queryset(self) -> QuerySet[Evidence]:
        visible = Evidence.objects.visible_to(self.request.user)
        related = visible.select_related("update__commitment__plan", "publisher")
        return related.prefetch_related("link_checks").order_by(EvidencePagination.ordering)

    def get_serializer_class(self) -> type[EvidenceSerializer]:
        reading = self.action in ("list", "retrieve")
        return ListedEvidenceSerializer if reading else EvidenceSerializer

    @operation("evidence_retrieve", REVISED_ITEM, ListedEvidenceSerializer, filters=True)
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Show a piece of evidence."""
        item = self.get_object()
        return Response(self.represented([item])[0], headers={"ETag": etag(item.update)})

    @operation("evidence_partial_update", CHANGE, EvidenceSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a piece of evidence while its update can be edited."""
        item = self.get_object()
        expected_revision = require_if_match(request, item.update)
        fields = validated(self.get_serializer(item, data=request.data, partial=True))
        changed = self._write(
            request, item, expected_revision, EvidenceChanges(change={item.pk: fields})
        )
        fresh = changed.evidence.get(pk=item.pk)
        return Response(self.get_serializer(fresh).data, headers={"ETag": etag(changed)})

    @operation("evidence_destroy", REMOVE, None)
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a piece of evidence while its update can be edited."""
        item = self.get_object()
        expected_revision = require_if_match(request, item.update)
        changed = self._write(request, item, expected_revision, EvidenceChanges(remove=[item.pk]))
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"ETag": etag(changed)})

    def _write(
        self, request: Request, item: Evidence, expected_revision: int, changes: EvidenceChanges
    ) -> ProgressUpdate:
        with pointing_below("evidence", str(item.pk)):
            return workflow.edit_draft(
                item.update,
                by=signed_in_user(request),
                at=timezone.now(),
                expected_revision=expected_revision,
                evidence=changes,
            )

    @operation("evidence_file", FILE, OpenApiTypes.BINARY, media_type="*/*")
    @action(detail=True, methods=["get"], formats=())
    def file(self, request: Request, pk: str) -> HttpResponse | FileResponse:
        """Download the file, or a range of its bytes, as an attachment under its own name. Its ETag
        is its SHA-256."""
        item = self.get_object()
        if not item.file:
            raise Http404
        headers = {**DOWNLOAD_HEADERS, "ETag": f'"{item.file_sha256}"'}
        try:
            return file_response(
                request, item.open_file, headers, name=item.file_name, media_type=item.file_type
            )
        except (FileNotFoundError, StoredFileChanged) as error:
            raise NotFound(fault_words(item.file_name, error)) from error

    @operation("evidence_archive", ACT, EvidenceSerializer, request=ArchiveSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def archive(self, request: Request, pk: str) -> Response:
        """Add the address of an archived copy to a published link. Requires a reviewer other than
        the author. The address is shown beside the link and recorded in the ledger."""
        item = self.get_object()
        expected_revision = require_if_match(request, item.update)
        fields = validated(ArchiveSerializer(data=request.data))
        update = workflow.perform(
            item.update,
            Action.ARCHIVE,
            by=signed_in_user(request),
            at=timezone.now(),
            expected_revision=expected_revision,
            note=fields.get("note", ""),
            evidence=item.pk,
            archived_url=fields["archived_url"],
        )
        fresh = update.evidence.get(pk=item.pk)
        return Response(self.get_serializer(fresh).data, headers={"ETag": etag(update)})
