"""The base class of lists: pages, filters, strict parameters and an ETag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import mixins, viewsets
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api import sparse
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.pagination import NumberedPagination
from commitments.api.reading import all_represented
from commitments.api.refusals import InvalidQuery, QueryCheck, parameter_error
from commitments.api.strict import StrictQuery
from commitments.choices import ErrorCode
from commitments.models.querysets import of_visible_plans

FORMAT_PARAMETER = "format"
PAGE_FORMAT = "json"


class VisibleRows(GenericAPIView[Any]):
    """A view of the rows whose plan the caller may see."""

    # The path of relations to the plan of a row; None for what plans share.
    plan_path: str | None = None

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if self.plan_path is None:
            return rows
        visible: QuerySet[Any] = of_visible_plans(rows, self.plan_path, self.request.user)
        return visible


class ListView(
    ConditionalGetMixin,
    StrictQuery,
    VisibleRows,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Any],
):
    """A paginated list with the filters of its filter set."""

    filterset_class: Any = None
    pagination_class: Any = NumberedPagination

    other_parameters = {sparse.NAME: sparse.SCHEMA}

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if self.action in ("list", "retrieve") and self.request is not None:
            sparse.keep_requested(serializer, self.request)
        return serializer

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        if sparse.NAME in self.known_parameters():
            # It looks at the fields that are asked for.
            yield self.get_serializer
        if self.action == "list":
            yield partial(_check_format, request)

    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        _check_format(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.represented(page or []))

    def represented(self, rows: Iterable[object]) -> Any:
        """Return the representation of each row, with the fields that are asked for."""
        if sparse.NAME in self.request.query_params:
            return self.get_serializer(rows, many=True).data
        return all_represented(self.get_serializer_class(), rows, self.get_serializer_context())

    @property
    def list_parameters(self) -> Mapping[str, Mapping[str, object]]:
        """The list's parameters other than filters and pages, each with its JSON schema."""
        return {FORMAT_PARAMETER: {"type": "string", "enum": [PAGE_FORMAT]}}

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action not in ("list", "retrieve"):
            known.discard(sparse.NAME)
        if self.action == "list":
            known |= {*self.list_parameters, *self.pagination_class.parameters}
            known |= set(self.filterset_class.base_filters) if self.filterset_class else set()
        return known


class RetrieveMixin(ListView):
    """A list whose rows have addresses of their own."""

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(self.represented([self.get_object()])[0])


def _check_format(request: Request) -> None:
    """Raise InvalidQuery if a page is asked for as anything else than JSON."""
    if request.query_params.getlist(FORMAT_PARAMETER) not in ([], [PAGE_FORMAT]):
        sentence = _(
            "Lists are JSON only. Commitments and updates can be downloaded as files at “export/”."
        )
        raise InvalidQuery(
            [parameter_error(FORMAT_PARAMETER, sentence, ErrorCode.NOT_ALLOWED, [PAGE_FORMAT])]
        )
