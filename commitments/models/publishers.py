"""Who published the sources of updates."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.models.base import BaseModel
from commitments.models.querysets import PublisherQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words
from commitments.texts.scripts import folded


class Publisher(BaseModel):
    """A publisher of sources, with its name in each language that has one.

    `key` is the name under which it was first recorded. It never changes, so the digests of the
    ledger name a publisher by it.
    """

    key = models.CharField(_("first recorded as"), max_length=300, unique=True, editable=False)
    name = MultilingualField(_("name"), max_length=300)
    search_index = SearchIndexField(texts=("key", "name"))

    objects = PublisherQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of sources", "publisher")
        verbose_name_plural = pgettext_lazy("of sources", "publishers")
        constraints = [
            models.CheckConstraint(condition=has_words("name"), name="publisher_name_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def has_one_of(self, names: Iterable[str]) -> bool:
        """Return whether the publisher has one of these names in some language, or had it when it
        was first recorded; capitals, accents and blanks make no difference."""
        own = {folded(name) for name in (self.key, *self.name.values())}
        return any(folded(name) in own for name in names)
