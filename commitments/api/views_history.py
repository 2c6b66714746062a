"""The histories of commitments, plans, forums and offices: their edits, with reasons."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema_view
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.operations import PUBLIC_ITEM, operation
from commitments.api.pagination import NumberedPagination
from commitments.api.read_serializers import all_represented
from commitments.api.serializers.history import HistoryEntrySerializer
from commitments.api.strict import StrictQuery
from commitments.choices import SubjectType
from commitments.curation import history
from commitments.ledger import Subject
from commitments.models import Plan, RecordedContent
from commitments.models.plans import languages_of


class HistoryView(ConditionalGetMixin, StrictQuery, GenericAPIView[Any]):
    """The history of a subject of this type, newest first."""

    subject_type: ClassVar[SubjectType]
    queryset: Any = RecordedContent.objects.all()
    serializer_class = HistoryEntrySerializer
    pagination_class = NumberedPagination
    filter_backends = []

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | set(NumberedPagination.parameters)

    def get(self, request: Request, code: str) -> Response:
        languages = languages_of(Plan.objects.visible_to(request.user).in_order())
        entries: Any = history.entries_of(Subject(self.subject_type, code), languages)
        if not entries:
            raise Http404
        page: Any = self.paginate_queryset(entries)
        return self.get_paginated_response(all_represented(HistoryEntrySerializer, page))


def _operation(name: str) -> Any:
    return extend_schema_view(
        get=operation(f"{name}_history", PUBLIC_ITEM, HistoryEntrySerializer(many=True))
    )


@_operation("commitments")
class CommitmentHistoryView(HistoryView):
    """List edits to a commitment's wording, readings, forums, offices and dates, newest first, with
    reasons. For changes of status see its updates."""

    subject_type = SubjectType.COMMITMENT


@_operation("plans")
class PlanHistoryView(HistoryView):
    """List edits to a plan's review interval, notice and other fields, newest first, with reasons.
    For those of its goals and areas see `contents/`."""

    subject_type = SubjectType.PLAN


@_operation("forums")
class ForumHistoryView(HistoryView):
    """List edits to a partner forum, newest first, with reasons."""

    subject_type = SubjectType.FORUM


@_operation("offices")
class OfficeHistoryView(HistoryView):
    """List edits to an office, newest first, with reasons."""

    subject_type = SubjectType.OFFICE
