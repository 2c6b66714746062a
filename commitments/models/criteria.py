"""The criteria of commitments."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.models.base import BaseModel
from commitments.models.commitments import KEY_LENGTH, Commitment, validate_key
from commitments.models.querysets import CriterionQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words

# How many criteria a commitment has at one time.
MIN_CRITERIA, MAX_CRITERIA = 2, 6


class Criterion(BaseModel):
    """One thing that sources would have to show if the commitment were carried out.

    `quote` holds the words of the commitment's text that it comes from. A criterion never changes
    and its key is never used again: it is replaced, by an amendment or a curator, at `retired_at`.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="criteria", verbose_name=_("commitment")
    )
    key = models.CharField(_("key"), max_length=KEY_LENGTH, validators=[validate_key])
    position = models.PositiveIntegerField(_("position"), editable=False)
    text = MultilingualField(pgettext_lazy("of a criterion", "text"), max_length=500)
    quote = MultilingualField(_("quoted words"), max_length=500, blank=True)
    added_at = models.DateTimeField(_("added at"), editable=False)
    retired_at = models.DateTimeField(_("replaced at"), null=True, blank=True, editable=False)
    search_index = SearchIndexField(texts=("key", "text"))

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["commitment", "key"], name="criterion_key_used_once"),
            models.CheckConstraint(condition=has_words("text"), name="criterion_text_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text.inline()}"

    @property
    def is_in_use(self) -> bool:
        """Return whether the criterion is in use now, by the rule of `CriterionQuerySet.known`."""
        return self.retired_at is None
