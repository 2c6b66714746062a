"""Parts of queries that several query sets use."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from commitments.choices import Source
from commitments.texts.scripts import search_term

Rows = TypeVar("Rows", bound="QuerySet[Model]")


def contains_all(words: str, indexes: Iterable[str], codes: Iterable[str] = ()) -> Q:
    """Return the condition that each of these words is found, in one of the search indexes as
    `texts.scripts.search_term` defines it, or anywhere in one of the codes and addresses."""
    indexes, codes = list(indexes), list(codes)
    condition = Q()
    for word in words.split():
        in_texts = [Q((f"{index}__contains", search_term(word))) for index in indexes]
        in_codes = [Q((f"{code}__icontains", word)) for code in codes]
        condition &= reduce(or_, [*in_texts, *in_codes])
    return condition


def related_rows(queryset: QuerySet[Model], path: str) -> QuerySet[Model]:
    """Return all rows of the table at the end of a path of relations, such as
    `updates__evidence`, for use in a subquery.

    The path leads there by the model's fields, since models import their query sets.
    """
    model: type[Model] = queryset.model
    for name in path.split("__"):
        related = model._meta.get_field(name).related_model
        if related is None:
            raise TypeError(f"{model.__name__}.{name} is not a relation")
        model = related
    return model._default_manager.all()


def narrowed(rows: QuerySet[Model], kind: type[Rows]) -> Rows:
    """Return the rows as the query set that their model has; raise TypeError if it is another."""
    if not isinstance(rows, kind):
        raise TypeError(f"{rows.model.__name__} has no {kind.__name__}")
    return rows


def related(queryset: QuerySet[Model], path: str, kind: type[Rows]) -> Rows:
    """Return `related_rows` as the query set of their model."""
    return narrowed(related_rows(queryset, path), kind)


def flag(condition: Q) -> Case:
    """Return whether a condition holds: true or false, never null."""
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def level_subquery(evidence: QuerySet[Model]) -> Coalesce:
    """Return the highest level of these rows of evidence, 1 to 3, or 0 if there are none, for an
    outer query."""
    level = Case(
        *(When(source=source, then=Value(source.level)) for source in Source),
        output_field=IntegerField(),
    )
    levels = evidence.annotate(level=level).order_by("-level").values("level")
    return Coalesce(Subquery(levels[:1]), 0)


def of_offices(queryset: QuerySet[Model], offices: Collection[int], commitment: str = "") -> Q:
    """Return the condition that one of these offices leads or supports the commitment: the row
    itself, or its relation of this name."""
    prefix = f"{commitment}__" if commitment else ""
    supporting = related_rows(queryset, f"{prefix}supporting_offices").filter(
        supported_commitments=OuterRef(commitment or "pk"), pk__in=offices
    )
    return Q((f"{prefix}lead_office__in", offices)) | Q(Exists(supporting))
