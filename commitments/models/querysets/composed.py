"""Queries that are composed once, since composing a long one takes longer than running it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import local
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Arguments = TypeVarTuple("Arguments")
Composed = TypeVar("Composed", bound="QuerySet[Model]")

# Kept per function and thread: the query of today, and those of some other days.
MAX_KEPT_QUERIES = 16
# Clones of a query share the dictionary of this name, in which a related query that is joined with
# one of them puts its objects.
RELATED_OBJECTS = "_known_related_objects"


def composed_once(compose: Callable[[*Arguments], Composed]) -> Callable[[*Arguments], Composed]:
    """Return a function that caches the query sets that `compose` returns, by their arguments,
    which must be hashable. A query set that it returns has read no rows.

    Each thread keeps its own: Django counts references within a query while it writes the SQL.
    """

    class Kept(local):
        def __init__(self) -> None:
            self.compose = lru_cache(MAX_KEPT_QUERIES)(compose)

    kept = Kept()

    @wraps(compose)
    def composed(*arguments: *Arguments) -> Composed:
        rows = kept.compose(*arguments).all()
        setattr(rows, RELATED_OBJECTS, {})
        return rows

    return composed
