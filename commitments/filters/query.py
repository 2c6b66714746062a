"""Filter sets of queries, and what is said of a wrong value."""

from __future__ import annotations

from collections import OrderedDict

import django_filters as df
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy

# Replacements for Django's messages, by its error codes.
QUERY_SENTENCES = {
    "invalid_choice": gettext_lazy("“%(value)s” is not one of the allowed values."),
    "min_value": gettext_lazy("Must be at least %(limit_value)s."),
    "max_value": gettext_lazy("Must be at most %(limit_value)s."),
}


def query_sentence(error: ValidationError) -> str:
    """Return what is wrong with the value of a parameter, in the reader's language."""
    sentence = QUERY_SENTENCES.get(error.code or "")
    return error.messages[0] if sentence is None else str(sentence) % (error.params or {})


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
