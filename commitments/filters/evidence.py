"""Filters of evidence."""

from __future__ import annotations

from collections.abc import Sequence

import django_filters as df

from commitments.choices import EvidenceKind, LinkFilter, Source
from commitments.filters.fields import (
    NONE,
    CommitmentCodesFilter,
    LanguageTagFilter,
    PublisherFilter,
    SearchFilter,
    choice_filter,
    code_filter,
    named_rows_of,
    reader_of,
)
from commitments.filters.query import QueryFilterSet
from commitments.models import Evidence, Forum, Plan
from commitments.models.querysets import EvidenceQuerySet
from commitments.texts.search_terms import SearchTerm


class LinkResultFilter(df.MultipleChoiceFilter):
    """The results of checking links, as `LinkFilter` lists them."""


class EvidenceFilter(QueryFilterSet):
    plan = code_filter(Plan, "update__commitment__plan")
    commitment = CommitmentCodesFilter(field_name="update__commitment")
    forum = code_filter(Forum, "update__forums", method="filter_forum", or_none=True)
    kind = choice_filter("kind", EvidenceKind.choices)
    source = choice_filter("source", Source.choices)
    publisher = PublisherFilter("publisher")
    language = LanguageTagFilter("language")
    link = LinkResultFilter(choices=LinkFilter.choices, method="filter_link")
    q = SearchFilter(method="filter_q")

    class Meta:
        model = Evidence
        fields: list[str] = []

    def filter_forum(
        self, queryset: EvidenceQuerySet, name: str, value: Sequence[Forum | str]
    ) -> EvidenceQuerySet:
        if not value:
            return queryset
        forums, reader = named_rows_of(value), reader_of(self.request)
        return queryset.at_forums(forums, reader, or_none=NONE in value)

    def filter_link(
        self, queryset: EvidenceQuerySet, name: str, value: Sequence[str]
    ) -> EvidenceQuerySet:
        return queryset.with_link(value) if value else queryset

    def filter_q(
        self, queryset: EvidenceQuerySet, name: str, value: Sequence[SearchTerm]
    ) -> EvidenceQuerySet:
        return queryset.search(value)
