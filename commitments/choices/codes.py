"""The base class of the closed lists of codes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Codes(StrEnum):
    """A closed list of codes.

    Each member has a `label` and may have a `definition`, both translated into the language that
    is active when they are used.
    """

    label: StrOrPromise
    definition: StrOrPromise

    def __new__(cls, value: str, label: StrOrPromise = "", definition: StrOrPromise = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.definition = definition
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, StrOrPromise]]:
        """Return pairs of code and label for the `choices` of a model field.

        Pass the method itself, so that the choices never enter a migration.
        """
        return [(member.value, member.label) for member in cls]

    @classmethod
    def in_default_language(cls) -> list[tuple[str, str]]:
        """Return pairs of code and label in the language of the API's descriptions."""
        with translation.override(settings.LANGUAGE_CODE):
            return [(member.value, str(member.label)) for member in cls]

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]
