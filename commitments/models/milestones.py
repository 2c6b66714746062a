"""The milestones of commitments, and the dates of schedules as they were known."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import ScheduleDate
from commitments.models.base import BaseModel
from commitments.models.commitments import KEY_LENGTH, Commitment, validate_key
from commitments.models.fields import CodeField
from commitments.models.querysets import KnownDateQuerySet, MilestoneQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words


class Milestone(BaseModel):
    """A dated step towards a commitment. It is met by the progress updates that say so.

    Its key is never used again. A milestone that is no longer intended is retired, not deleted.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="milestones", verbose_name=_("commitment")
    )
    key = models.CharField(_("key"), max_length=KEY_LENGTH, validators=[validate_key])
    title = MultilingualField(_("title"), max_length=300)
    due_on = models.DateField(_("due date"))
    retired_at = models.DateTimeField(_("dropped at"), null=True, blank=True, editable=False)
    search_index = SearchIndexField(texts=("key", "title"))

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(fields=["commitment", "key"], name="milestone_key_used_once"),
            models.CheckConstraint(condition=has_words("title"), name="milestone_title_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title.inline()} · {self.due_on}"


class KnownDate(BaseModel):
    """A date of a commitment or of one of its milestones, as the record gave it for a time.

    `day` is null where a date was removed. The rows of one date follow one another, from
    `known_from` until before `known_until`, which is null for the one that holds now. They are made
    from recorded contents, so that queries under `known_at` need not read these.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="known_dates", verbose_name=_("commitment")
    )
    milestone = models.ForeignKey(
        Milestone,
        models.PROTECT,
        null=True,
        related_name="known_dates",
        verbose_name=_("milestone"),
    )
    name = CodeField(_("date"), max_length=10, codes=ScheduleDate)
    day = models.DateField(_("day"), null=True)
    known_from = models.DateTimeField(_("known from"))
    known_until = models.DateTimeField(_("known until"), null=True)

    objects = KnownDateQuerySet.as_manager()

    class Meta:
        verbose_name = _("known date")
        verbose_name_plural = _("known dates")
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "name"],
                condition=Q(milestone__isnull=True, known_until__isnull=True),
                name="known_date_once_per_commitment",
            ),
            models.UniqueConstraint(
                fields=["milestone", "name"],
                condition=Q(milestone__isnull=False, known_until__isnull=True),
                name="known_date_once_per_milestone",
            ),
            models.CheckConstraint(
                condition=Q(name__in=ScheduleDate.values()), name="known_date_name_known"
            ),
        ]
        indexes = [
            models.Index(fields=["commitment", "name"], name="known_date_of_commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
