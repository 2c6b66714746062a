"""What every list of the API has: pages, filters, strictness, an ETag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import mixins, viewsets

from commitments.api.pagination import Pages
from commitments.api.strict import StrictQuery
from commitments.api.unchanged import Unchanged


class ListView(Unchanged, StrictQuery, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """A list, in pages, with the filters of its filter set."""

    filterset_class: Any = None
    pagination_class: Any = Pages

    @property
    def list_parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Those of the list that neither filters nor pages read, each with its JSON schema."""
        return {}

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "list":
            known |= {*self.list_parameters, *self.pagination_class.parameters}
            known |= set(self.filterset_class.base_filters) if self.filterset_class else set()
        return known


class DetailToo(mixins.RetrieveModelMixin):
    """A list whose members have addresses of their own."""
