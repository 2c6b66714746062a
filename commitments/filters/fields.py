"""The kinds of filters that the filter sets are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import django_filters as df
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from commitments.form_fields import (
    AwareDateTimeField,
    CommitmentCodesField,
    IsoDateField,
    PublishersField,
    ReferencesField,
    SearchTermsField,
    SourceLanguagesField,
)
from commitments.models import ActionArea, Forum, Office, Plan, StrategicGoal
from commitments.models.plan_parts import PlanPart
from commitments.models.querysets import PlanQuerySet

NamedRow = TypeVar("NamedRow", bound="Model | PlanPart")
FilteredRows = TypeVar("FilteredRows", bound="QuerySet[Model]")
Choices = Callable[[], Iterable[tuple[object, object]]]

MAX_SEQ = 10**18
# The code that selects what has no goal, area, forum or office.
NONE = "none"
OR_NONE: dict[str, Any] = {"null_value": NONE, "null_label": gettext_lazy("Not assigned")}


def named_rows_of(value: Iterable[NamedRow | str]) -> list[NamedRow]:
    """Return the rows among the values of a filter that may contain `NONE`."""
    return [row for row in value if not isinstance(row, str)]


class DayFilter(df.Filter):
    field_class = IsoDateField


class AwareDateTimeFilter(df.Filter):
    field_class = AwareDateTimeField


class SearchFilter(df.Filter):
    field_class = SearchTermsField


class SequenceNumberField(forms.IntegerField):
    """The sequence number of a link of the ledger."""

    default_error_messages = {"invalid": gettext_lazy("Give one whole number, such as 812.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"min_value": 1, "max_value": MAX_SEQ})


class SequenceFilter(df.Filter):
    field_class = SequenceNumberField


class NumberFilter(df.MultipleChoiceFilter):
    """The numbers that goals or areas have."""

    null_options: Mapping[str, Any] = {}

    def __init__(
        self,
        model: type[StrategicGoal | ActionArea],
        *,
        field_name: str | None = None,
        method: str | None = None,
    ) -> None:
        def choices() -> list[tuple[int, int]]:
            rows = model._default_manager.order_by("number")
            numbers: Iterable[int] = rows.values_list("number", flat=True).distinct()
            return [(number, number) for number in numbers]

        options: dict[str, Any] = {"choices": choices, "method": method, "distinct": False}
        super().__init__(field_name, **options, **self.null_options)


class NumberOrNoneFilter(NumberFilter):
    """The numbers that goals or areas have, or `NONE`."""

    null_options = OR_NONE


class AnyOfFilter(df.Filter):
    """A filter for rows whose column has one of the given values."""

    def filter(self, qs: QuerySet[Model], value: list[object]) -> QuerySet[Model]:
        return qs.filter((f"{self.field_name}__in", value)) if value else qs


class CommitmentCodesFilter(AnyOfFilter):
    field_class = CommitmentCodesField


class PublisherFilter(df.Filter):
    field_class = PublishersField


class LanguageTagFilter(AnyOfFilter):
    field_class = SourceLanguagesField


class ReferenceFilter(AnyOfFilter):
    field_class = ReferencesField


def choice_filter(field_name: str, choices: Choices) -> df.MultipleChoiceFilter:
    # The column belongs to the row itself or to a row that it refers to, so no row is found twice.
    return df.MultipleChoiceFilter(field_name, choices=choices, distinct=False)


class PlanCodeFilter(df.ModelMultipleChoiceFilter):
    """A filter by the codes of those plans that the caller may see."""

    def get_queryset(self, request: HttpRequest | None) -> PlanQuerySet:
        reader = AnonymousUser() if request is None else request.user
        return Plan.objects.visible_to(reader).order_by("code")

    @property
    def field(self) -> forms.Field:
        """The field for this caller. Filters are shared by all instances of the class, so a cached
        field would keep the choices of the first caller."""
        self.__dict__.pop("_field", None)
        return super().field


def code_filter(
    model: type[Plan | Forum | Office],
    relation: str,
    method: str | None = None,
    *,
    or_none: bool = False,
) -> df.ModelMultipleChoiceFilter:
    """Return a filter by the codes of rows; without a `method`, of those to which a row belongs by
    a relation to one. With `or_none` the value may contain `NONE` beside rows."""
    kind = PlanCodeFilter if model is Plan else df.ModelMultipleChoiceFilter
    return kind(
        f"{relation}__code",
        queryset=model._default_manager.order_by("code"),
        to_field_name="code",
        method=method,
        distinct=False,
        **(OR_NONE if or_none else {}),
    )
