"""Evidence: read and changed while its update may be, its file, its archived address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from commitments import workflow
from commitments.api.conditional import etag, seen_revision
from commitments.api.requests import checked, person, pointing_below
from commitments.api.serializers.evidence import ArchiveSerializer, EvidenceSerializer
from commitments.api.strict import StrictQuery
from commitments.choices import Action
from commitments.drafts import EvidenceChanges
from commitments.models import Evidence, ProgressUpdate

# Whatever the file is, a browser neither guesses its type nor runs anything in it.
SAFELY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class EvidenceView(
    StrictQuery,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Evidence],
):
    """One piece of evidence. `If-Match` takes the update's ETag; answers carry the new one."""

    queryset = Evidence.objects.all()
    serializer_class = EvidenceSerializer
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Evidence]:
        visible = Evidence.objects.visible_to(self.request.user)
        return visible.select_related("update").prefetch_related("link_checks")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        item = self.get_object()
        return Response(self.get_serializer(item).data, headers={"ETag": etag(item.update)})

    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes a piece of evidence while its update may be edited."""
        item = self.get_object()
        seen = seen_revision(request)
        fields = checked(self.get_serializer(item, data=request.data, partial=True))
        changed = self._write(request, item, seen, EvidenceChanges(change={item.pk: fields}))
        fresh = changed.evidence.get(pk=item.pk)
        return Response(self.get_serializer(fresh).data, headers={"ETag": etag(changed)})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Takes a piece of evidence away while its update may be edited."""
        item = self.get_object()
        seen = seen_revision(request)
        changed = self._write(request, item, seen, EvidenceChanges(remove=[item.pk]))
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"ETag": etag(changed)})

    def _write(
        self, request: Request, item: Evidence, seen: int, changes: EvidenceChanges
    ) -> ProgressUpdate:
        with pointing_below("evidence", str(item.pk)):
            return workflow.write(
                item.update, by=person(request), at=timezone.now(), seen=seen, evidence=changes
            )

    @extend_schema(responses={(200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponse | FileResponse:
        """The file, as an attachment under its own name."""
        item = self.get_object()
        if not item.file:
            raise Http404
        try:
            stream = item.file.open("rb")
        except FileNotFoundError as error:
            raise NotFound(_("The file is missing from the store.")) from error
        return FileResponse(
            stream,
            as_attachment=True,
            filename=item.file_name,
            content_type=item.file_type,
            headers=SAFELY,
        )

    @extend_schema(request=ArchiveSerializer, responses=EvidenceSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Adds the address of an archived copy to a published link; for a reviewer other than the
        author. It stands beside the link and in the ledger."""
        item = self.get_object()
        seen = seen_revision(request)
        fields = checked(ArchiveSerializer(data=request.data))
        update = workflow.perform(
            item.update,
            Action.ARCHIVE,
            by=person(request),
            at=timezone.now(),
            seen=seen,
            note=fields.get("note", ""),
            evidence=item.pk,
            archived_url=fields["archived_url"],
        )
        fresh = update.evidence.get(pk=item.pk)
        return Response(self.get_serializer(fresh).data, headers={"ETag": etag(update)})
