"""Model fields for texts in several languages and for searching them.

A migration sees each as Django's `TextField`, so that this code can move.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import Contains, EndsWith
from django.utils.translation import gettext_lazy as _

from commitments.texts.forms import MultilingualFormField
from commitments.texts.scripts import search_index
from commitments.texts.search_lookups import ContainsByTrigrams, EndsWithByTrigrams
from commitments.texts.text import NO_TEXT, Text
from commitments.texts.visible import is_blank, refusal_of

# The limit, in characters, of a text in each of its languages.
MAX_LENGTH = 100_000


if TYPE_CHECKING:
    # At run time Django's class takes no type arguments.
    BaseField = models.TextField[Text, Text]
else:
    BaseField = models.TextField


class MultilingualField(BaseField):
    """A `Text`, stored as a JSON object from language tags to words, in the order of the text.

    `max_length` is the limit of the words in each language. Where a text is required, the model has
    a constraint with `has_words`.
    """

    _pyi_private_set_type: Text  # type: ignore[assignment]
    _pyi_private_get_type: Text  # type: ignore[assignment]
    empty_values = [None, NO_TEXT]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": MAX_LENGTH, "default": Text, **kwargs})

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        del kwargs["default"]
        kwargs.pop("max_length", None)
        return name, "django.db.models.TextField", list(args), kwargs

    def from_db_value(self, value: str | None, *args: object) -> Text | None:
        return None if value is None else Text.from_json(value)

    def to_python(self, value: Mapping[str, str] | str | None) -> Text:
        if isinstance(value, Text):
            return value
        return Text(json.loads(value) if isinstance(value, str) else value)

    def get_prep_value(self, value: Mapping[str, str] | str | None) -> str:
        return self.to_python(value).as_json()

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        # The admin passes a widget for one text, which does not fit.
        kwargs.pop("widget", None)
        options = {
            "form_class": MultilingualFormField,
            "max_length": self.max_length,
            "initial": Text,
            "show_hidden_initial": False,
            **kwargs,
        }
        return models.Field.formfield(self, **options)

    def run_validators(self, value: Text) -> None:
        """Raise ValidationError for words that are too long, show nothing, or have characters
        that are not allowed."""
        for words in value.values():
            if self.max_length is not None and len(words) > self.max_length:
                raise ValidationError(
                    _("At most %(longest)s characters."),
                    "max_length",
                    {"longest": self.max_length},
                )
            if "\x00" in words:
                raise ValidationError(_("Null characters are not allowed."))
            if is_blank(words):
                raise ValidationError(_("This text has nothing that can be read."), "blank")
            if refusal := refusal_of(words):
                raise ValidationError(refusal)


def has_words(field: str) -> models.Q:
    """Return the condition that a text has words in some language, for a constraint."""
    return models.Q((f"{field}__startswith", '{"'))


class SearchIndexField(models.TextField):  # type: ignore[type-arg]
    """The `search_index` of some texts and strings of the same row, made anew whenever the row is
    saved.

    With `has_trigrams` its table has the trigram index of `search_lookups`, made by a migration, so
    that a search need not read all rows.
    """

    def __init__(
        self, *args: Any, texts: tuple[str, ...] = (), has_trigrams: bool = False, **kwargs: Any
    ) -> None:
        self.texts, self.has_trigrams = texts, has_trigrams
        super().__init__(*args, **{"editable": False, "default": "", **kwargs})

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", list(args), kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        values = [getattr(model_instance, name) for name in self.texts]
        texts = [[value] if isinstance(value, str) else value.values() for value in values]
        index = search_index(words for text in texts for words in text)
        setattr(model_instance, self.attname, index)
        return index


SearchIndexField.register_lookup(ContainsByTrigrams)
SearchIndexField.register_lookup(EndsWithByTrigrams)
SearchIndexField.register_lookup(Contains, "contains_unindexed")
SearchIndexField.register_lookup(EndsWith, "endswith_unindexed")
