"""Meetings of forums, for which officers prepare and from which they report. They are not part of
the record: what came of a meeting is logged as progress."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.forums import Forum, Office
from commitments.models.querysets import MeetingQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField


class Meeting(BaseModel):
    """A session of a forum. Days are those of the place where it meets.

    `papers_due_on` is the last day on which the forum takes papers. `offices` are the attending
    ones, and `asks` what they are to achieve; both are for staff, whether the meeting is public or
    not.

    `uid`, `sequence` and `changed_at` are for calendars: the id that never changes, the number of
    changes of the fields that may be public, and the time of the latest (`curation.meetings`).
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
    papers_due_on = models.DateField(
        _("papers due on"),
        null=True,
        blank=True,
        help_text=_("The forum's own deadline; public if the meeting is."),
    )
    public = models.BooleanField(
        _("public"),
        default=False,
        help_text=_(
            "Readers then see forum, title, days, place, link and deadline for papers: in the "
            "calendar, its feeds and the API. Not ticked at first, since you may know of a "
            "meeting before its forum announces it. Offices, asks and drafts are never public."
        ),
    )
    cancelled = models.BooleanField(
        _("cancelled"),
        default=False,
        help_text=_("It stays in calendars, marked as cancelled. If it is moved, change its days."),
    )
    offices = models.ManyToManyField(
        Office, blank=True, related_name="meetings", verbose_name=_("offices that go")
    )
    asks = MultilingualField(
        _("asks"),
        blank=True,
        help_text=_("What we want from this meeting, point by point. Visible to staff only."),
    )
    uid = models.UUIDField(_("calendar id"), unique=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(_("number of changes"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    search_index = SearchIndexField(texts=("title", "place"))

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


class NothingToReport(BaseModel):
    """Somebody who may report from a meeting has said that nothing came of it."""

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, related_name="answer", verbose_name=_("meeting")
    )
    at = models.DateTimeField(_("answered at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="meetings_answered",
        verbose_name=_("answered by"),
    )

    class Meta:
        verbose_name = _("meeting without report")
        verbose_name_plural = _("meetings without report")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.at:%Y-%m-%d}"
