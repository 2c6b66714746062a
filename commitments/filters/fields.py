"""The kinds of filters that the filter sets are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import django_filters as df
from django import forms
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
from commitments.models import ActionArea, Commitment, Forum, Office, Plan, Publisher, StrategicGoal
from commitments.models.plan_parts import PlanPart
from commitments.models.querysets import (
    CommitmentQuerySet,
    PlanQuerySet,
    PublisherQuerySet,
    of_visible_plans,
)
from commitments.roles import ANONYMOUS

if TYPE_CHECKING:
    from commitments.roles import Person

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


def reader_of(request: HttpRequest | None) -> Person:
    """Return who asks; nobody in particular where filters are described without a request."""
    return ANONYMOUS if request is None else request.user


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


class AnyOfFilter(df.Filter):
    """A filter for rows whose column has one of the given values."""

    def filter(self, qs: QuerySet[Model], value: list[object]) -> QuerySet[Model]:
        return qs.filter((f"{self.field_name}__in", value)) if value else qs


class LanguageTagFilter(AnyOfFilter):
    field_class = SourceLanguagesField


class ReferenceFilter(AnyOfFilter):
    field_class = ReferencesField


def choice_filter(field_name: str, choices: Choices) -> df.MultipleChoiceFilter:
    # The column belongs to the row itself or to a row that it refers to, so no row is found twice.
    return df.MultipleChoiceFilter(field_name, choices=choices, distinct=False)


class CallersRowsMixin(df.filters.QuerySetRequestMixin):
    """A filter by those rows that the caller may see."""

    @property
    def field(self) -> forms.Field:
        """The field for this caller. Filters are shared by all instances of the class, so a cached
        field would keep the choices of the first caller."""
        self.__dict__.pop("_field", None)
        return super().field


class NumbersField(df.fields.MultipleChoiceField):
    """Numbers that some of these goals or areas have."""

    def __init__(self, *, queryset: QuerySet[Any], **kwargs: Any) -> None:
        def choices() -> list[tuple[int, int]]:
            numbers = queryset.order_by("number").values_list("number", flat=True).distinct()
            return [(number, number) for number in numbers]

        super().__init__(**kwargs | {"choices": choices})


class NumberFilter(CallersRowsMixin, df.MultipleChoiceFilter):
    """The numbers of those goals or areas that the caller may see."""

    field_class = NumbersField
    null_options: Mapping[str, Any] = {}

    def __init__(
        self,
        model: type[StrategicGoal | ActionArea],
        *,
        field_name: str | None = None,
        method: str | None = None,
    ) -> None:
        names: dict[str, Any] = {"field_name": field_name, "method": method, "distinct": False}
        super().__init__(**names, **self.null_options)
        self._rows = model._default_manager.all()

    def get_queryset(self, request: HttpRequest | None) -> QuerySet[Any]:
        rows: QuerySet[Any] = of_visible_plans(self._rows, "plan", reader_of(request))
        return rows


class NumberOrNoneFilter(NumberFilter):
    """The numbers of those goals or areas that the caller may see, or `NONE`."""

    null_options = OR_NONE


class PlanCodeFilter(CallersRowsMixin, df.ModelMultipleChoiceFilter):
    """A filter by the codes of those plans that the caller may see."""

    def get_queryset(self, request: HttpRequest | None) -> PlanQuerySet:
        return Plan.objects.visible_to(reader_of(request)).order_by("code")


class CallersRowsFilter(CallersRowsMixin, AnyOfFilter):
    """A filter by those rows that the caller may see; its field takes them as `queryset`."""

    def __init__(self, field_name: str | None = None, *, method: str | None = None) -> None:
        names: dict[str, Any] = {"field_name": field_name, "method": method}
        super().__init__(**names)


class CommitmentCodesFilter(CallersRowsFilter):
    field_class = CommitmentCodesField

    def get_queryset(self, request: HttpRequest | None) -> CommitmentQuerySet:
        rows: CommitmentQuerySet = of_visible_plans(
            Commitment.objects.all(), "plan", reader_of(request)
        )
        return rows


class PublisherFilter(CallersRowsFilter):
    field_class = PublishersField

    def get_queryset(self, request: HttpRequest | None) -> PublisherQuerySet:
        return Publisher.objects.visible_to(reader_of(request))


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
