"""Texts in English and Chinese, stored in pairs of columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload

from django.utils.translation import get_language

LANGUAGES = ("en", "zh")


def reading_order() -> tuple[str, ...]:
    """Return the languages of texts, the active language first."""
    return ("zh", "en") if (get_language() or "en").startswith("zh") else LANGUAGES


@dataclass(frozen=True, slots=True)
class Text:
    """One text in two languages; either may be empty.

    `str()` is the text in the active language, or in the other one if that is empty. A text of
    nothing but white space is false.
    """

    en: str = ""
    zh: str = ""

    @classmethod
    def of(cls, pair: Mapping[str, str] | None) -> Text:
        """Return the text of `{"en": …, "zh": …}`; a missing language is empty."""
        pair = pair or {}
        return cls(en=pair.get("en") or "", zh=pair.get("zh") or "")

    def __str__(self) -> str:
        first, other = reading_order()
        return str(getattr(self, first) or getattr(self, other))

    def __bool__(self) -> bool:
        return bool(self.en.strip() or self.zh.strip())

    def as_dict(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}


NO_TEXT = Text()


class Bilingual:
    """Descriptor for the columns `<name>_en` and `<name>_zh` of a model as one `Text`."""

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

    def __set__(self, instance: object, value: Text) -> None:
        en, zh = self.columns
        setattr(instance, en, value.en)
        setattr(instance, zh, value.zh)
