"""Paths of pages and of the API, each composed once."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language

# How many paths a process keeps: a list of the API gives two for each row.
MAX_KEPT_PATHS = 20_000


def path_to(route: str, *arguments: object) -> str:
    """Return the path of a route with these arguments, as `reverse` does, for a page in the
    language that is active."""
    return _path(route, arguments, get_language(), get_script_prefix())


@lru_cache(MAX_KEPT_PATHS)
def _path(route: str, arguments: tuple[object, ...], language: str | None, prefix: str) -> str:
    # The language and the prefix stand in what `reverse` returns.
    return reverse(route, args=arguments)
