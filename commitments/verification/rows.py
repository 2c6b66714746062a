"""Checks of single rows, even of those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from commitments.exceptions import Problem, StorageUnavailable

ROWS_PER_CHUNK = 500


def check_row(place: str, check: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
    """Yield the problems that a check of one row finds. If it raises, that is a problem too. Raise
    StorageUnavailable if the row's file cannot be read now."""
    try:
        yield from list(check())
    except StorageUnavailable:
        # The store is unavailable, which says nothing about this row.
        raise
    except Exception as error:
        # A value changed behind the application can raise any exception, in any layer.
        sentence = _("cannot be read: %(error)s")
        yield Problem((place,), sentence % {"error": f"{type(error).__name__}: {error}"})
