"""Meetings of forums, for which officers prepare and from which they report. They are for staff
only, and no part of the record: what came of a meeting is logged as progress."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.models.forums import Forum, Office
from commitments.models.querysets import MeetingQuerySet
from commitments.texts.fields import MultilingualField


class Meeting(models.Model):
    """A session of a forum. Days are those of the place where it meets.

    `papers_due_on` is the last day on which papers are taken; `offices` are those that go.
    """

    forum = models.ForeignKey(
        Forum, models.PROTECT, related_name="meetings", verbose_name=_("partner forum")
    )
    title = MultilingualField(
        _("title"),
        max_length=300,
        blank=True,
        help_text=_("If it has one, such as “seventh session”."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    place = MultilingualField(_("place"), max_length=300, blank=True)
    url = models.URLField(_("link"), max_length=2000, blank=True)
    papers_due_on = models.DateField(_("papers due on"), null=True, blank=True)
    offices = models.ManyToManyField(
        Office, blank=True, related_name="meetings", verbose_name=_("offices that go")
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="meeting_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(papers_due_on__isnull=True) | Q(papers_due_on__lte=F("ends_on")),
                name="meeting_papers_before_its_end",
                violation_error_message=_("Papers would be due after the last day."),
            ),
        ]

    def __str__(self) -> str:
        title = self.title.inline() if self.title else self.forum.name.inline()
        return f"{self.forum.code} {title}"
