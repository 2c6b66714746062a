"""The base class of lists: pages, filters, strict parameters and an ETag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from rest_framework import mixins, viewsets
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api import sparse
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.pagination import NumberedPagination
from commitments.api.read_serializers import all_represented
from commitments.api.refusals import QueryCheck
from commitments.api.strict import StrictQuery
from commitments.models.querysets import of_visible_plans


class VisibleRows(GenericAPIView[Any]):
    """A view of the rows whose plan the caller may see."""

    # The lookup path from a row to its plan; None for rows that plans share.
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
            # Making the serializer checks the parameter `fields`.
            yield self.get_serializer

    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.represented(page or []))

    def represented(self, rows: Iterable[object]) -> Any:
        """Return the representation of each row, with the requested fields."""
        if sparse.NAME in self.request.query_params:
            # A serializer of many rows would keep them, as its fields refer back to it.
            serializer = self.get_serializer()
            return [serializer.to_representation(row) for row in rows]
        return all_represented(self.get_serializer_class(), rows, self.get_serializer_context())

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action not in ("list", "retrieve"):
            known.discard(sparse.NAME)
        if self.action == "list":
            known |= set(self.pagination_class.parameters)
            known |= set(self.filterset_class.base_filters) if self.filterset_class else set()
        return known


class RetrieveMixin(ListView):
    """A list whose rows have addresses of their own."""

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(self.represented([self.get_object()])[0])
