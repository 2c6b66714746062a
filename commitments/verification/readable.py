"""Rows that somebody spoiled so that they cannot even be read are differences like others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from commitments.exceptions import Problem


def readable(place: str, check: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
    """What a check of one row finds; what it stumbles over is named, and the next row looked at."""
    try:
        yield from list(check())
    except Exception as error:
        # Whatever a spoiled value can raise, on any of the layers below.
        sentence = _("cannot be read: %(error)s")
        yield Problem((place,), sentence % {"error": f"{type(error).__name__}: {error}"})
