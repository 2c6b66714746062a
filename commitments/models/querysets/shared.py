"""Parts of queries that several query sets use."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

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
from commitments.roles import is_staff, plan_limits

if TYPE_CHECKING:
    from commitments.roles import Person

Rows = TypeVar("Rows", bound="QuerySet[Model]")

# Longer than any pause before the next try of a mail or of a webhook.
BEYOND_ANY_PAUSE = timedelta(days=2)


def due_by(now: datetime) -> Q:
    """Return the condition that the `due_at` of a mail or a subscriber has come, or is so far ahead
    that the clock was wrong when it was set."""
    return Q(due_at__lte=now) | Q(due_at__gt=now + BEYOND_ANY_PAUSE)


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
    highest: QuerySet[Model] = evidence.annotate(level=level).order_by("-level")
    levels: QuerySet[Model, object] = highest.values("level")
    return Coalesce(Subquery(levels[:1]), 0)


def sees_inside_of_all(user: Person) -> bool:
    """Return whether this person may see what is not public of every plan."""
    return is_staff(user) and plan_limits(user) is None


def shown_inside(user: Person, path: str) -> Q:
    """Return the condition that this person may see what is not public of the plan at the end of a
    path of relations, empty for plans themselves: staff may, but with an access token that is
    limited to plans only on these plans."""
    if not is_staff(user):
        return Q(pk__in=[])
    if sees_inside_of_all(user):
        return ~Q(pk__in=[])
    return Q((f"{path}__code__in" if path else "code__in", plan_limits(user)))


def of_offices(queryset: QuerySet[Model], offices: Collection[int], commitment: str = "") -> Q:
    """Return the condition that one of these offices leads or supports the commitment: the row
    itself, or its relation of this name."""
    prefix = f"{commitment}__" if commitment else ""
    supporting = related_rows(queryset, f"{prefix}supporting_offices").filter(
        supported_commitments=OuterRef(commitment or "pk"), pk__in=offices
    )
    return Q((f"{prefix}lead_office__in", offices)) | Q(Exists(supporting))
