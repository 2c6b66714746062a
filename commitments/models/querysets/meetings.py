"""Meetings of forums."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from commitments.choices import State
from commitments.models.querysets.plans import ForumQuerySet
from commitments.models.querysets.shared import related, related_rows

if TYPE_CHECKING:
    from commitments.models import Commitment, Meeting  # noqa: F401


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def in_order(self) -> MeetingQuerySet:
        """Return the meetings with their forums, the earliest first."""
        return self.select_related("forum").order_by("starts_on", "ends_on", "id")

    def ahead(self, day: date) -> MeetingQuerySet:
        """Return the meetings that are not over on this day."""
        return self.filter(ends_on__gte=day)

    def over(self, day: date) -> MeetingQuerySet:
        """Return the meetings that ended before this day."""
        return self.filter(ends_on__lt=day)

    def between(self, first: date, last: date) -> MeetingQuerySet:
        """Return the meetings with a day from a first to a last one."""
        return self.filter(ends_on__gte=first, starts_on__lte=last)

    def unreported(self) -> MeetingQuerySet:
        """Return the meetings since whose first day nothing was logged at their forum."""
        logged = related_rows(self, "forum__updates").filter(
            forums=OuterRef("forum"), effective_on__gte=OuterRef("starts_on")
        )
        return self.exclude(Exists(logged.exclude(state=State.DISCARDED)))

    def for_work_on(
        self, commitments: models.QuerySet[Commitment], offices: Collection[int]
    ) -> MeetingQuerySet:
        """Return the meetings to which one of these offices goes, and those of forums that count
        these commitments as theirs: see `ForumTree.commitments_through`. Three queries; one if
        there are no meetings."""
        met = set(self.order_by().values_list("forum", flat=True))
        if not met:
            return self.none()
        forums = related(self, "forum", ForumQuerySet)
        links = related_rows(forums, "partnerships")
        named = set(links.filter(commitment__in=commitments).values_list("forum", flat=True))
        tree = forums.tree()
        theirs = [forum for forum in met if tree.commitments_through(forum) & named]
        going = self.model.offices.through.objects.filter(office__in=offices).values("meeting")
        return self.filter(Q(forum__in=theirs) | Q(pk__in=going))
