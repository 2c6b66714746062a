"""Texts in English and Chinese: a pair of columns read and written as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

from django.utils.translation import get_language

LANGUAGES = ("en", "zh")


def reading_order() -> tuple[str, ...]:
    """The languages, the reader's first."""
    return ("zh", "en") if (get_language() or "en").startswith("zh") else LANGUAGES


@dataclass(frozen=True, slots=True)
class Text:
    """One text in two languages; either may be empty.

    `str()` gives the reader's language, or the other one where that is empty. Blanks alone are no
    text: such a pair is false.
    """

    en: str = ""
    zh: str = ""

    @classmethod
    def of(cls, pair: Mapping[str, str] | None) -> Text:
        """From `{"en": …, "zh": …}`; a missing language is empty."""
        pair = pair or {}
        return cls(en=pair.get("en") or "", zh=pair.get("zh") or "")

    def __str__(self) -> str:
        first, other = reading_order()
        return str(getattr(self, first) or getattr(self, other))

    def __bool__(self) -> bool:
        return bool(self.en.strip() or self.zh.strip())

    def as_dict(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}


class Bilingual:
    """The columns `<name>_en` and `<name>_zh` of a model as one `Text`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.columns = (f"{name}_en", f"{name}_zh")

    @overload
    def __get__(self, instance: None, owner: type) -> Bilingual: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Text: ...
    def __get__(self, instance: object | None, owner: type) -> Bilingual | Text:
        if instance is None:
            return self
        en, zh = (getattr(instance, column) for column in self.columns)
        return Text(en=en, zh=zh)

    def __set__(self, instance: Any, value: Text) -> None:
        en, zh = self.columns
        setattr(instance, en, value.en)
        setattr(instance, zh, value.zh)
