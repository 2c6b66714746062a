"""Queries that are composed once: to compose a long one takes longer than to run it."""

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


def composed_once(compose: Callable[[*Arguments], Composed]) -> Callable[[*Arguments], Composed]:
    """Return the function, with the query sets that it composed kept for the next call with the
    same arguments, which are hashable. What it returns has read no rows.

    Each thread keeps its own: Django counts references within a query while it writes the SQL.
    """

    class Kept(local):
        def __init__(self) -> None:
            self.compose = lru_cache(MAX_KEPT_QUERIES)(compose)

    kept = Kept()

    @wraps(compose)
    def composed(*arguments: *Arguments) -> Composed:
        return kept.compose(*arguments).all()

    return composed
