"""Filter sets of queries."""

from __future__ import annotations

from collections import OrderedDict

import django_filters as df
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict


class QueryFilterSet(df.FilterSet):
    """A filter set with those of its filters that the query names. To make all of them, with their
    choices, takes longer than many a query; one that is not named filters nothing."""

    def __init__(
        self,
        data: QueryDict | None = None,
        queryset: QuerySet[Model] | None = None,
        *,
        request: HttpRequest | None = None,
    ) -> None:
        named = [item for item in self.base_filters.items() if data and item[0] in data]
        self.base_filters = OrderedDict(named)
        super().__init__(data, queryset, request=request)
