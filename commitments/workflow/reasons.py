"""Reasons of changes, which readers see with them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commitments.choices import ErrorCode
from commitments.exceptions import Problem
from commitments.texts.visible import is_blank, refusal_of


def reason_problems(reason: str) -> list[Problem]:
    """Return why a text cannot be the reason of a change: nothing of it can be read, or it has
    characters that no text may have."""
    if is_blank(reason):
        return [Problem(("reason",), _("Give a reason."), ErrorCode.REQUIRED)]
    refusal = refusal_of(reason)
    return [Problem(("reason",), str(refusal), ErrorCode.NOT_ALLOWED)] if refusal else []
