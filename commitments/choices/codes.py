"""The base class of the closed lists of codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from commitments.texts.bilingual import NO_TEXT, Text


class Codes(StrEnum):
    """A closed list of codes; each member has a bilingual `label` and may have a `definition`."""

    label: Text
    definition: Text

    def __new__(cls, value: str, en: str = "", zh: str = "", definition: Text = NO_TEXT) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = Text(en, zh)
        member.definition = definition
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Text]]:
        """Return pairs of code and label for the `choices` of a model field.

        Pass the method itself, so that the choices never enter a migration.
        """
        return [(member.value, member.label) for member in cls]

    @classmethod
    def in_english(cls) -> list[tuple[str, str]]:
        """Return pairs of code and English label, for the API's schema."""
        return [(member.value, member.label.en) for member in cls]

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]
