"""Checks of single rows, even of those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from commitments.exceptions import Problem

ROWS_PER_CHUNK = 500


def check_row(place: str, check: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
    """Yield the problems that a check of one row finds. If it raises, that is a problem too."""
    try:
        yield from list(check())
    except Exception as error:
        # A value changed behind the application can raise any exception, in any layer.
        sentence = _("cannot be read: %(error)s")
        yield Problem((place,), sentence % {"error": f"{type(error).__name__}: {error}"})
