"""Queries that are composed once: to compose a long one takes longer than to run it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from threading import local
from typing import Any, TypeVar

from django.db.models import QuerySet

Composed = TypeVar("Composed", bound="QuerySet[Any]")

# Of one function, in each thread: the query of today, and those of some other days.
MAX_KEPT_QUERIES = 16


def composed_once(compose: Callable[..., Composed]) -> Callable[..., Composed]:
    """Return the function, with the query sets that it composed kept for the next call with the
    same arguments. What it returns has read no rows.

    Each thread keeps its own: Django counts references within a query while it writes the SQL.
    """
    threads = local()

    @wraps(compose)
    def composed(*arguments: Hashable) -> Composed:
        if not hasattr(threads, "compose"):
            threads.compose = lru_cache(MAX_KEPT_QUERIES)(compose)
        kept: Composed = threads.compose(*arguments)
        return kept.all()

    return composed
