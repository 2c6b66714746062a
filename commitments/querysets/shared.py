"""What the questions have in common: words to look for, and rows of related tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from commitments.clocks import Clock

if TYPE_CHECKING:
    from commitments.models import Plan


def each_word(words: str, columns: Iterable[str]) -> Q:
    found = Q()
    for word in words.split():
        found &= reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))
    return found


def days_of(
    queryset: Any, path: str, clock: Clock, plans: Iterable[Plan] | None
) -> list[tuple[int, date, int]]:
    """Of each plan its id, the day that is looked at there, and its review interval: of `plans`
    where they are given, else of all plans, which `path` leads to."""
    if plans is None:
        plans = related(queryset, path).only("time_zone", "review_interval_days")
    return [(plan.pk, clock.day(plan.time_zone), plan.review_interval_days) for plan in plans]


def related(queryset: Any, path: str, *, through: bool = False) -> Any:
    """All rows of a related table (or of the table between the two), for a subquery.

    By the model's own fields, since this module stands below the models.
    """
    model = queryset.model
    *first, last = path.split("__")
    for name in first:
        model = model._meta.get_field(name).related_model
    field = model._meta.get_field(last)
    return (field.remote_field.through if through else field.related_model).objects.all()
