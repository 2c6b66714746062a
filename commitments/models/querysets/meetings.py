"""Meetings of forums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncMonth, TruncYear

from commitments.choices import REPORTED_STATES, DatePrecision
from commitments.models.querysets.forum_tree import ForumTree
from commitments.models.querysets.plans import ForumQuerySet
from commitments.models.querysets.shared import related, related_rows
from commitments.roles import is_staff, plan_limits

if TYPE_CHECKING:
    from commitments.models import Commitment, Forum, Meeting, Plan  # noqa: F401
    from commitments.roles import Person


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Person) -> MeetingQuerySet:
        """Return the meetings that this person may know of: the public ones and, for staff, also
        the others. With an access token that is limited to plans, the others are only those that
        concern one of these plans, which takes three more queries."""
        if not is_staff(user):
            return self.filter(public=True)
        limits = plan_limits(user)
        if limits is None:
            return self.all()
        plans = related_rows(self, "forum__commitments__plan").filter(code__in=limits)
        forums = [forum for forum, codes in self.plans_concerned(plans).items() if codes]
        return self.filter(Q(public=True) | Q(forum__in=forums))

    def in_order(self) -> MeetingQuerySet:
        """Return the meetings with their forums, the earliest first."""
        return self.select_related("forum").order_by("starts_on", "ends_on", "id")

    def latest_first(self) -> MeetingQuerySet:
        """Return the meetings with their forums, the latest first."""
        return self.select_related("forum").order_by("-starts_on", "-id")

    def held(self) -> MeetingQuerySet:
        """Return the meetings that are not cancelled."""
        return self.filter(cancelled=False)

    def ahead(self, day: date) -> MeetingQuerySet:
        """Return the meetings that are not over on this day."""
        return self.filter(ends_on__gte=day)

    def over(self, day: date) -> MeetingQuerySet:
        """Return the meetings that ended before this day."""
        return self.filter(ends_on__lt=day)

    def between(self, first: date, last: date) -> MeetingQuerySet:
        """Return the meetings with at least one day from `first` to `last`."""
        return self.filter(ends_on__gte=first, starts_on__lte=last)

    def attended_by(self, offices: Collection[int]) -> MeetingQuerySet:
        """Return the meetings that one of these offices attends."""
        going = self.model.offices.through.objects.filter(office__in=offices).values("meeting")
        return self.filter(pk__in=going)

    def unreported(self) -> MeetingQuerySet:
        """Return the meetings for whose days no update was reported at their forum, a part of it or
        a successor of either, and for which nobody has said that there is nothing to report. Two
        queries; one if there are no meetings."""
        met = self._forums_met()
        if not met:
            return self.none()
        tree = related(self, "forum", ForumQuerySet).tree()
        return self.filter(answer=None).exclude(self._reported(met, tree))

    def _reported(self, met: Iterable[int], tree: ForumTree) -> Q:
        """Return the condition that something was reported for a meeting's days. An update that
        is dated by its month or year is of these days if the month or the year has one of them."""
        day, month, year = DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR
        last = OuterRef("ends_on")
        begun = (
            Q(date_precision=day, effective_on__lte=last)
            | Q(date_precision=month, month__lte=last)
            | Q(date_precision=year, year__lte=last)
        )
        updates = related_rows(self, "forum__updates").filter(state__in=REPORTED_STATES)
        updates = updates.annotate(month=TruncMonth("effective_on"), year=TruncYear("effective_on"))
        of_days = updates.filter(begun, effective_on__gte=OuterRef("starts_on"))
        reported = Q(Exists(of_days.filter(forums=OuterRef("forum"))))
        for forum in met:
            others = tree.activity_through(forum) - {forum}
            if others:
                reported |= Q(forum=forum) & Q(Exists(of_days.filter(forums__in=others)))
        return reported

    def at_forum(self, forum: Forum, tree: ForumTree | None = None) -> MeetingQuerySet:
        """Return the meetings of a forum, its parts, and the successors of either. `tree`, if the
        caller has it, saves a query."""
        tree = tree or related(self, "forum", ForumQuerySet).tree()
        return self.filter(forum__in=tree.activity_through(forum.pk))

    def at_forums(self, forums: Iterable[Forum]) -> MeetingQuerySet:
        """Return the meetings of any of these forums, as `at_forum` does; one more query."""
        tree = related(self, "forum", ForumQuerySet).tree()
        through = {pk for forum in forums for pk in tree.activity_through(forum.pk)}
        return self.filter(forum__in=through)

    def of_plans(self, plans: Collection[Plan]) -> MeetingQuerySet:
        """Return the meetings of the forums of these plans: see `plans_concerned`. Three queries;
        one if there are no meetings."""
        rows = related_rows(self, "forum__commitments__plan").filter(
            pk__in=[plan.pk for plan in plans]
        )
        concerned = self.plans_concerned(rows)
        return self.filter(forum__in=[forum for forum, codes in concerned.items() if codes])

    def plans_concerned(self, plans: models.QuerySet[models.Model]) -> dict[int, list[str]]:
        """Return, by the id of each forum, the codes of these plans that its meetings concern:
        those with a commitment that names it or a forum for which it meets (`ForumTree.meets_for`).
        Three queries; one if there are no meetings."""
        met = self._forums_met()
        if not met:
            return {}
        forums = related(self, "forum", ForumQuerySet)
        naming: dict[int, set[str]] = defaultdict(set)
        links = related_rows(forums, "partnerships").filter(commitment__plan__in=plans)
        for forum, code in links.values_list("forum", "commitment__plan__code").distinct():
            naming[forum].add(code)
        tree = forums.tree()
        return {
            forum: sorted({code for named in tree.meets_for(forum) for code in naming[named]})
            for forum in met
        }

    def for_work_on(
        self, commitments: models.QuerySet[Commitment], offices: Collection[int]
    ) -> MeetingQuerySet:
        """Return the meetings that one of these offices attends, and those of forums that count
        these commitments as theirs: see `ForumTree.commitments_through`. Three queries; one if
        there are no meetings."""
        met = self._forums_met()
        if not met:
            return self.none()
        forums = related(self, "forum", ForumQuerySet)
        links = related_rows(forums, "partnerships")
        named = set(links.filter(commitment__in=commitments).values_list("forum", flat=True))
        tree = forums.tree()
        theirs = [forum for forum in met if tree.commitments_through(forum) & named]
        going = self.model.offices.through.objects.filter(office__in=offices).values("meeting")
        return self.filter(Q(forum__in=theirs) | Q(pk__in=going))

    def _forums_met(self) -> set[int]:
        """Return the ids of the forums of these meetings."""
        return set(self.order_by().values_list("forum", flat=True))
