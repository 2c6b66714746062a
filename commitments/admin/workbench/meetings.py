"""Meetings of forums: the calendar, and the page on which a meeting is prepared and followed up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone

from commitments.access import policies
from commitments.admin.days import staff_day
from commitments.admin.workbench.base import StaffPage
from commitments.choices import EDITABLE_STATES, State
from commitments.clocks import Clock
from commitments.models import (
    Commitment,
    Meeting,
    Milestone,
    Partnership,
    Plan,
    ProgressUpdate,
)
from commitments.models.querysets import CommitmentQuerySet
from commitments.texts.text import Text

# How far the calendar goes back.
CALENDAR_DAYS = timedelta(days=366)
# A commitment has a card of its own on a meeting's page.
MAX_COMMITMENTS = 100


@dataclass
class Topic:
    """A commitment on the page of a meeting: the words that name its forum, and what the reader
    sees of the work on it."""

    commitment: Commitment
    may_report: bool
    quotes: list[Text] = field(default_factory=list)
    under_way: list[ProgressUpdate] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)


class MeetingsPage(StaffPage):
    """All meetings ahead, and those of the past year, the latest first."""

    template_name = "workbench/meetings.html"
    menu_entry = "meetings"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = Meeting.objects.in_order().prefetch_related("offices")
        today = staff_day(timezone.now())
        return super().get_context_data(
            ahead=rows.ahead(today),
            over=rows.over(today)
            .filter(ends_on__gte=today - CALENDAR_DAYS)
            .order_by("-starts_on", "-id"),
            may_edit=policies.may_curate(self.user),
            **kwargs,
        )


class MeetingPage(StaffPage):
    """What a meeting is about: the commitments of its forum, where each stands, what is under way,
    and what is still to be reached."""

    template_name = "workbench/meeting.html"
    menu_entry = "meetings"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = Meeting.objects.select_related("forum").prefetch_related("offices")
        meeting = get_object_or_404(rows, pk=self.kwargs["pk"])
        commitments = Commitment.objects.for_forums([meeting.forum])
        return super().get_context_data(
            meeting=meeting,
            is_over=meeting.ends_on < staff_day(timezone.now()),
            topics=self._topics(meeting, commitments),
            count=commitments.count(),
            plans=Plan.objects.filter(pk__in=commitments.values("plan")).in_order(),
            may_edit=policies.may_curate(self.user),
            **kwargs,
        )

    def _topics(self, meeting: Meeting, commitments: CommitmentQuerySet) -> list[Topic]:
        clock = Clock(now=timezone.now())
        rows = commitments.at(clock).select_related("plan", "lead_office")
        rows = rows.prefetch_related("supporting_offices").order_by("plan__code", "position")
        topics = {
            row.pk: Topic(row, policies.may_report(self.user, row))
            for row in rows[:MAX_COMMITMENTS]
        }
        for link in Partnership.objects.filter(commitment__in=topics, forum=meeting.forum):
            topics[link.commitment_id].quotes.append(link.quote)
        visible = ProgressUpdate.objects.visible_to(self.user).with_is_withheld(self.user)
        under_way = visible.select_related("author").filter(
            state__in=(*EDITABLE_STATES, State.SUBMITTED)
        )
        for update in under_way.filter(commitment__in=topics).order_by("pk"):
            topics[update.commitment_id].under_way.append(update)
        for milestone in Milestone.objects.at(clock).unmet().filter(commitment__in=topics):
            topics[milestone.commitment_id].milestones.append(milestone)
        return list(topics.values())
