"""Plans, partner forums and offices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from commitments.choices import INTERNAL_CONTENT_STATES, ScheduleDate, SubjectType, Visibility
from commitments.clocks import Clock
from commitments.models.querysets.forum_tree import ForumTree
from commitments.models.querysets.lookups import among
from commitments.models.querysets.shared import related_rows, shown_inside
from commitments.texts.search_terms import SearchTerm, search_terms
from commitments.texts.text import Text

if TYPE_CHECKING:
    from commitments.models import Forum, Office, Plan, ProgressUpdate  # noqa: F401
    from commitments.roles import Person


# A plan's time zone and, in days, the review interval that it had at the time of a clock.
KnownInterval = tuple[str, int]


class ReviewPeriod(NamedTuple):
    """Plans that share a review interval and, under a clock, the local day.

    They are those with this interval now in these time zones, without `moved`, which had another at
    the time of the clock, and with `members`, those among `moved` that had this one.
    """

    time_zones: tuple[str, ...]
    day: date
    interval_days: int
    members: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()

    def includes(self, plan: str) -> Q:
        """Return the condition that the plan at the end of this path is one of these."""
        included = Q(
            (f"{plan}__time_zone__in", self.time_zones),
            (f"{plan}__review_interval_days", self.interval_days),
        )
        if self.moved:
            included &= ~among(plan, self.moved)
        return included | among(plan, self.members) if self.members else included

    def covers(self, plan: Plan) -> bool:
        """Return whether a plan is one of these."""
        if plan.pk in self.moved:
            return plan.pk in self.members
        shared = plan.time_zone in self.time_zones
        return shared and plan.review_interval_days == self.interval_days


def review_periods(
    intervals: Iterable[tuple[str, int]], moved: Mapping[int, KnownInterval], clock: Clock
) -> list[ReviewPeriod]:
    """Return one period for each distinct pair of local day and review interval.

    `intervals` are pairs (time zone, review interval in days) of today, `moved` those at the time
    of the clock of the plans, by id, that had another interval then. A query with one branch per
    period is as long for a thousand plans as for two.
    """
    zones: dict[tuple[date, int], set[str]] = defaultdict(set)
    members: dict[tuple[date, int], list[int]] = defaultdict(list)
    for time_zone, interval_days in intervals:
        zones[clock.day(time_zone), interval_days].add(time_zone)
    for plan, (time_zone, interval_days) in moved.items():
        members[clock.day(time_zone), interval_days].append(plan)
    return [
        ReviewPeriod(
            tuple(sorted(zones[key])),
            day=key[0],
            interval_days=key[1],
            members=tuple(members[key]),
            moved=tuple(moved),
        )
        for key in sorted({*zones, *members})
    ]


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_order(self) -> PlanQuerySet:
        return self.order_by("code")

    def for_home(self) -> PlanQuerySet:
        """Return the plans as the home page lists them: the latest first, archived ones last."""
        archived = Case(When(visibility=Visibility.ARCHIVED, then=1), default=0)
        return self.order_by(archived, F("adopted_on").desc(nulls_last=True), "code")

    def visible_to(self, user: Person) -> PlanQuerySet:
        """Return the plans that this person may see: drafts are for staff."""
        visible: PlanQuerySet = of_visible_plans(self.all(), "", user)
        return visible

    def with_parts(self) -> PlanQuerySet:
        """Add which parts each plan has, `has_goals`, `has_areas`, `has_forums`, `has_offices` and
        `has_dates`: forums that its commitments or public updates name, offices of its
        commitments, and due dates or milestones, also former ones."""
        plan = OuterRef("pk")
        updates = related_rows(self, "commitments__updates").filter(
            commitment__plan=plan, forums__isnull=False
        )
        # As a negation: SQLite would begin with all published updates, by the index of states.
        updates = updates.exclude(state__in=INTERNAL_CONTENT_STATES)
        partnerships = related_rows(self, "commitments__partnerships")
        commitments = related_rows(self, "commitments").filter(plan=plan)
        with_office = Q(lead_office__isnull=False) | Q(supporting_offices__isnull=False)
        dates = related_rows(self, "commitments__known_dates").filter(name=ScheduleDate.DUE_ON)
        return self.annotate(
            has_goals=Exists(related_rows(self, "goals").filter(plan=plan)),
            has_areas=Exists(related_rows(self, "areas").filter(plan=plan)),
            has_forums=Exists(partnerships.filter(commitment__plan=plan)) | Exists(updates),
            has_offices=Exists(commitments.filter(with_office)),
            has_dates=Exists(dates.filter(commitment__plan=plan)),
        )

    def review_periods(
        self, clock: Clock, plans: Collection[Plan] | None = None
    ) -> list[ReviewPeriod]:
        """Return the distinct review periods of these rows; one query, under `known_at` two.

        `plans`, if the caller has read them, are those wanted, and save the first query.
        """
        if plans is None:
            every = self.order_by().values_list("time_zone", "review_interval_days").distinct()
            return review_periods(every, self.moved_intervals(clock), clock)
        moved = self.filter(pk__in=[plan.pk for plan in plans]).moved_intervals(clock)
        others = [plan for plan in plans if plan.pk not in moved]
        pairs = ((plan.time_zone, plan.review_interval_days) for plan in others)
        return review_periods(pairs, moved, clock)

    def moved_intervals(self, clock: Clock) -> dict[int, KnownInterval]:
        """Return the interval at `known_at` of each of these plans, by id, that has another one
        today. Without `known_at` there are none, and no query is made."""
        if clock.known_at is None:
            return {}
        recorded = related_rows(self, "decisions__contents").filter(
            subject_type=SubjectType.PLAN,
            subject_key=OuterRef("code"),
            decision__at__lte=clock.known_at,
        )
        days = recorded.order_by("-id").values("content__review_interval_days")[:1]
        known, today = Cast(Subquery(days), models.IntegerField()), F("review_interval_days")
        interval = Coalesce(known, today, output_field=models.IntegerField())
        rows = self.annotate(known_interval=interval)
        moved = rows.exclude(known_interval=F("review_interval_days")).order_by("pk")
        columns = moved.values_list("pk", "time_zone", "known_interval")
        return {plan: (time_zone, days) for plan, time_zone, days in columns}

    def bump_revision(self) -> None:
        """Increment the revision, after a change that readers of these plans can see."""
        self.update(revision=F("revision") + 1)


def _is_draft(path: str) -> Q:
    """Return the condition that the plan at the end of this path is a draft."""
    return Q((f"{path}__visibility" if path else "visibility", Visibility.DRAFT))


def of_visible_plans(queryset: models.QuerySet[Any], path: str, user: Person) -> Any:
    """Return the rows whose plan, at the end of this path of relations, this person may see; the
    path of plans themselves is empty."""
    return queryset.filter(~_is_draft(path) | shown_inside(user, path))


class OfficeQuerySet(models.QuerySet["Office"]):
    def open(self) -> OfficeQuerySet:
        """Return the offices that can be given commitments, in order."""
        return self.filter(closed_on__isnull=True).order_by("code")

    def of_plan(self, plan: Plan) -> OfficeQuerySet:
        """Return the offices that lead or support commitments of a plan, in order."""
        return self.of_commitments(related_rows(self, "led_commitments").filter(plan=plan))

    def of_commitments(self, commitments: models.QuerySet[Any]) -> OfficeQuerySet:
        """Return the offices that lead or support one of these commitments, in order."""
        # Joins would combine each commitment that an office leads with each that it supports.
        leading = Q(pk__in=commitments.values("lead_office"))
        supporting = Q(pk__in=commitments.values("supporting_offices"))
        return self.filter(leading | supporting).order_by("code")


class ForumQuerySet(models.QuerySet["Forum"]):
    def in_order(self) -> ForumQuerySet:
        return self.order_by("code")

    def with_commitment_count(self) -> ForumQuerySet:
        """Add `commitment_count`, the number of commitments that name the forum, without those of
        draft plans."""
        return self._counting(related_rows(self, "partnerships").exclude(pk__in=self._of_drafts()))

    def named_in_plans(self, plans: Collection[Plan]) -> ForumQuerySet:
        """Return the forums that commitments of these plans name, with `commitment_count`, the
        number of these commitments."""
        links = related_rows(self, "partnerships").filter(commitment__plan__in=plans)
        return self._counting(links).filter(pk__in=links.order_by().values("forum"))

    def _counting(self, links: models.QuerySet[Any]) -> ForumQuerySet:
        """Add `commitment_count`, the number of these links that are the forum's."""
        own = links.filter(forum=OuterRef("pk")).order_by().values("forum")
        counted = own.annotate(count=Count("pk")).values("count")
        return self.annotate(commitment_count=Coalesce(Subquery(counted), 0))

    def _of_drafts(self) -> models.QuerySet[Any]:
        """Return where commitments of draft plans name a forum. There are few: without them, what
        other plans hold is read without their commitments."""
        links = related_rows(self, "partnerships").filter(_is_draft("commitment__plan"))
        return links.order_by().values("pk")

    def with_commitments_in(self, plans: Collection[Plan]) -> list[Forum]:
        """Return the forums that have commitments in these plans, in order: those that commitments
        name, those of which they are part, and the successors of either. Two queries."""
        links = related_rows(self, "partnerships").filter(commitment__plan__in=plans)
        named = set(links.values_list("forum", flat=True))
        rows = list(self.in_order())
        tree = ForumTree.of(rows)
        return [row for row in rows if tree.commitments_through(row.pk) & named]

    def used_in(self, plan: Plan) -> set[int]:
        """Return the ids of the forums that this plan uses: those `with_commitments_in` it, and
        those that its updates name. Three queries."""
        through_updates = self.filter(updates__commitment__plan=plan).values_list("pk", flat=True)
        return {row.pk for row in self.with_commitments_in([plan])} | set(through_updates)

    def search_terms(self, query: str) -> list[SearchTerm]:
        """Return the terms of a query. Where it gives a name of a forum, all names of that forum
        are searched for: its code, its name in each language, and the words with which texts of
        commitments name it, except those of draft plans. One query, or none without words."""
        if not query.strip():
            return []
        texts = related_rows(self, "partnerships").exclude(pk__in=self._of_drafts()).order_by()
        # Not the column itself: by its index, SQLite would read the texts one by one.
        quotes = texts.annotate(owner=F("forum") + Value(0)).values_list(
            "owner", Value(""), Cast("quote", models.TextField())
        )
        own = self.order_by().values_list("pk", "code", Cast("name", models.TextField()))
        names: dict[int, set[str]] = defaultdict(set)
        for forum, code, stored in own.union(quotes.distinct(), all=True):
            names[forum] |= {code, *Text.from_json(stored).values()} - {""}
        return search_terms(query, names.values())

    def tree(self) -> ForumTree:
        """Return how all forums nest and succeed one another; one query."""
        return ForumTree(self.model.objects.values_list("id", "parent", "successor_of"))
