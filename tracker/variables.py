"""Variables of the environment, read strictly: a misspelt value is refused, never taken for another
one. What is refused is named together with what is allowed."""

from __future__ import annotations

import math
import os
from typing import NoReturn

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})

_Bound = int | None


class Variables(environ.Env):
    """The variables of the environment by type. Each method raises ImproperlyConfigured for a value
    that it does not allow; an empty one is not the default."""

    def bool(self, var: str, default: bool) -> bool:
        text = os.environ.get(var)
        if text is None:
            return default
        word = text.strip().lower()
        if word not in TRUE | FALSE:
            _refuse(var, text, "true or false (or yes, no, on, off, 1, 0)")
        return word in TRUE

    def int(
        self, var: str, default: int, *, at_least: _Bound = None, at_most: _Bound = None
    ) -> int:
        text = os.environ.get(var)
        if text is None:
            return default
        allowed = f"a whole number{_range(at_least, at_most)}"
        try:
            number = int(text)
        except ValueError:
            _refuse(var, text, allowed)
        if not _is_within(number, at_least, at_most):
            _refuse(var, text, allowed)
        return number

    def float(self, var: str, default: float, *, at_least: _Bound = None) -> float:
        text = os.environ.get(var)
        if text is None:
            return default
        allowed = f"a number{_range(at_least, None)}"
        try:
            number = float(text)
        except ValueError:
            _refuse(var, text, allowed)
        if not (math.isfinite(number) and _is_within(number, at_least, None)):
            _refuse(var, text, allowed)
        return number

    def choice(self, var: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of a few words, as they are written."""
        text = os.environ.get(var, default)
        if text not in choices:
            _refuse(var, text, f"one of {', '.join(choices)}")
        return text


def _refuse(var: str, text: str, allowed: str) -> NoReturn:
    raise ImproperlyConfigured(f"{var} is {text!r}. Write {allowed}.")


def _range(at_least: _Bound, at_most: _Bound) -> str:
    if at_most is not None:
        return f" from {at_least} to {at_most}"
    return "" if at_least is None else f" of at least {at_least}"


def _is_within(number: float, at_least: _Bound, at_most: _Bound) -> bool:
    return (at_least is None or number >= at_least) and (at_most is None or number <= at_most)
