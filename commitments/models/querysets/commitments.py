"""Commitments, and their state under the two clocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)

from commitments.choices import Action, FindingResult, Freshness, Role, Tone, statuses_where
from commitments.clocks import ACTION_LAPSE_INTERVALS, LAPSE_INTERVALS, Clock
from commitments.db import storable
from commitments.models.querysets.coverage import gap_flags, predecessor, source_count
from commitments.models.querysets.criteria import CriterionQuerySet
from commitments.models.querysets.decisions import DecisionQuerySet
from commitments.models.querysets.findings import FindingQuerySet
from commitments.models.querysets.forum_tree import ForumTree
from commitments.models.querysets.milestones import (
    KnownDateQuerySet,
    MilestoneQuerySet,
    date_history,
)
from commitments.models.querysets.nested import event_values, nested_rows
from commitments.models.querysets.plans import ForumQuerySet, PlanQuerySet, ReviewPeriod
from commitments.models.querysets.report_answers import UNANSWERED, answer_columns, call_columns
from commitments.models.querysets.schedule import (
    by_period,
    freshness,
    known_date_joins,
    known_dates,
    next_due_on,
    review_due_on,
    schedule,
)
from commitments.models.querysets.shared import (
    of_offices,
    related,
    related_rows,
)
from commitments.models.querysets.state import further_columns, stored_state, with_state
from commitments.models.querysets.updates import ANY_DAY, ProgressUpdateQuerySet
from commitments.models.querysets.words import contains_all
from commitments.roles import holders_of, offices_of, roles_of
from commitments.texts.search_terms import SearchTerm

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from commitments.models import Commitment, Forum
    from commitments.models.plan_parts import PlanPart
    from commitments.models.querysets.columns import ClockColumns
    from commitments.roles import Person

    _Forums = Iterable[Forum | PlanPart]
    CommitmentAtClock = WithAnnotations[Commitment, ClockColumns]


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def in_order(self) -> CommitmentQuerySet:
        return self.order_by("plan__code", "position", "id")

    def with_listed_relations(self) -> CommitmentQuerySet:
        """Fetch the goal, the area and the lead office, which lists and files show."""
        return self.select_related("goal", "area", "lead_office")

    def with_neighbours(self, clock: Clock) -> CommitmentQuerySet:
        """Add `previous` and `following`, the numbers of the commitments before and after in the
        plan as it was `in_plan_by` the clock, or None."""
        plan = self.model.objects.in_plan_by(clock).filter(plan=OuterRef("plan"))
        here = Q(position=OuterRef("position"))
        before = plan.filter(Q(position__lt=OuterRef("position")) | here & Q(id__lt=OuterRef("id")))
        after = plan.filter(Q(position__gt=OuterRef("position")) | here & Q(id__gt=OuterRef("id")))
        return self.annotate(
            previous=Subquery(before.order_by("-position", "-id").values("number")[:1]),
            following=Subquery(after.order_by("position", "id").values("number")[:1]),
        )

    def with_is_edited(self) -> CommitmentQuerySet:
        """Add `is_edited`, whether more than one content of the commitment is recorded: only then
        does it have an edit history."""
        contents = related_rows(self, "contents").filter(commitment=OuterRef("pk")).order_by()
        several = contents.values("commitment").annotate(n=Count("pk")).filter(n__gt=1)
        return self.annotate(is_edited=Exists(several))

    def in_plan_by(self, clock: Clock) -> CommitmentQuerySet:
        """Return the commitments without those that an amendment added after `known_at`. A plan has
        those with which it was loaded at all times."""
        if clock.known_at is None:
            return self
        contents = related_rows(self, "contents")
        with_plan = Q(decision__action=Action.LOAD)
        before = contents.filter(with_plan | Q(decision__at__lte=clock.known_at))
        added_later = contents.filter(
            ~Exists(before.filter(commitment=OuterRef("commitment"))),
            commitment=OuterRef("pk"),
            decision__action=Action.AMEND,
            decision__at__gt=clock.known_at,
        )
        return self.filter(~Exists(added_later))

    def by_codes(self, codes: Iterable[str]) -> CommitmentQuerySet:
        """Return the commitments with these public identifiers, such as `ISCC-3.2`; other texts
        among the codes match none."""
        has_code = Q(pk__in=[])
        for code in storable(codes):
            plan, _, number = code.partition("-")
            has_code |= Q(plan__code=plan, number=number)
        return self.filter(has_code).select_related("plan")

    def for_forums(
        self, forums: _Forums, tree: ForumTree | None = None, *, or_none: bool = False
    ) -> CommitmentQuerySet:
        """Return the commitments of one of these forums or its parts, and of the predecessors of
        either; with `or_none` also those without a forum. `tree`, if the caller has it, saves a
        query."""
        tree = tree or self._forum_tree()
        found = self._of_forums(forums, tree)
        if or_none:
            linked = related_rows(self, "partnerships").filter(commitment=OuterRef("pk"))
            found |= ~Q(Exists(linked))
        return self.filter(found)

    def _forum_tree(self) -> ForumTree:
        return related(self, "forums", ForumQuerySet).tree()

    def _of_forums(self, forums: _Forums, tree: ForumTree) -> Q:
        through = {pk for forum in forums for pk in tree.commitments_through(forum.pk)}
        links = related_rows(self, "partnerships").filter(
            commitment=OuterRef("pk"), forum__in=through
        )
        return Q(Exists(links))

    def active_at(
        self,
        forums: _Forums,
        clock: Clock,
        tree: ForumTree | None = None,
        periods: Sequence[ReviewPeriod] | None = None,
    ) -> CommitmentQuerySet:
        """Return the commitments of one of these forums, as `for_forums`, with activity there;
        `periods` as for `at`."""
        tree = tree or self._forum_tree()
        activity = related(self, "updates", ProgressUpdateQuerySet).activity(clock, periods)
        is_active = Q(pk__in=[])
        for forum in forums:
            there = activity.filter(
                commitment=OuterRef("pk"), forums__in=tree.activity_through(forum.pk)
            )
            is_active |= self._of_forums([forum], tree) & Q(Exists(there))
        return self.filter(is_active)

    def search(self, terms: Iterable[SearchTerm]) -> CommitmentQuerySet:
        """Return the commitments whose code, title or text contains each of these terms, in any
        language."""
        return self.filter(contains_all(terms, ["search_index"]))

    def with_coverage_gaps(self, gaps: Collection[str], clock: Clock) -> CommitmentQuerySet:
        """Return the commitments that have one of these gaps, which are codes of `CoverageGap`.

        Call it after `at` with this clock. Dead links are those of today under every clock.
        """
        has_gap = Q(pk__in=[])
        for code in gaps:
            has_gap |= Q((code, True))
        return self.with_coverage_gap_flags(clock).filter(has_gap)

    def with_coverage_gap_flags(self, clock: Clock) -> CommitmentQuerySet:
        """Add a boolean for each code of `CoverageGap`, under its name. Call it after `at` with
        this clock."""
        updates = related(self, "updates", ProgressUpdateQuerySet)
        rows = self.with_further_columns(clock).annotate(
            sources=source_count(self, clock), predecessor_id=predecessor(self, clock)
        )
        rows = rows.annotate(
            predecessor_action_on=updates.newest_action_behind("predecessor_id", clock)
        )
        return rows.annotate(**gap_flags(self, clock))

    def with_answers(self) -> CommitmentQuerySet:
        """Add `called_at` and `call_due_on` of the call for reports that is in force, and the times
        of its answers, `reported_at` and `checked_at`."""
        return self.annotate(**call_columns(self)).annotate(**answer_columns(self))

    def unanswered(self) -> CommitmentQuerySet:
        """Return the commitments `with_answers` on which reports were called for and nobody has
        answered yet, the earliest deadline first."""
        rows = self.with_answers().filter(UNANSWERED)
        return rows.order_by(F("call_due_on"), "plan__code", "position")

    def with_findings(self) -> CommitmentQuerySet:
        """Add `findings_shown` and so on, the number of criteria for each result in the current
        assessment, unless it was withdrawn since. Call it after `at`."""
        findings = self._findings()
        counts = {f"findings_{code.value}": findings.count_of(code) for code in FindingResult}
        return self.annotate(**counts)

    def with_known_criteria(self, clock: Clock) -> CommitmentQuerySet:
        """Fetch the criteria in use at `known_at`, or now, as `known_criteria`."""
        criteria = related(self, "criteria", CriterionQuerySet).known(clock.known_at).in_order()
        return self.prefetch_related(Prefetch("criteria", criteria, to_attr="known_criteria"))

    def with_nested_rows(
        self, clock: Clock, periods: Sequence[ReviewPeriod], names: Iterable[str]
    ) -> CommitmentQuerySet:
        """Add what `nested_rows` gives under these names; `periods` as for `at`."""
        nested = nested_rows(self, clock, periods)
        return self.annotate(**{name: nested[name] for name in names})

    def with_finding(self, results: Collection[str]) -> CommitmentQuerySet:
        """Return the commitments whose current assessment finds one of these results for a
        criterion. Call it after `at`."""
        return self.filter(Exists(self._findings().filter(result__in=results)))

    def _findings(self) -> FindingQuerySet:
        return related(self, "updates__findings", FindingQuerySet).of_current_assessment()

    def with_traits(self, clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
        """Add what tells which filter options a commitment matches: the flags of coverage gaps,
        `event_values`, and as `finding_results` a sum of `FINDING_BITS`. Call it after `at`."""
        results = self._findings().bits()
        values = {"finding_results": results, **event_values(self, clock, periods)}
        return self.annotate(**values).with_coverage_gap_flags(clock)

    def with_event(self, event_types: Collection[str], clock: Clock) -> CommitmentQuerySet:
        """Return the commitments with an event of one of these types that counts under the clock.
        Call it after `at` with this clock."""
        events = related(self, "updates", ProgressUpdateQuerySet).counting(clock)
        found = events.filter(
            commitment=OuterRef("pk"), effective_on__lte=OuterRef("day"), event_type__in=event_types
        )
        return self.filter(Exists(found))

    def with_tone(self) -> CommitmentQuerySet:
        """Add `tone`, the effective tone as in `rollups.Item.tone`. Call it after `at`."""
        lapsed = When(freshness=Freshness.LAPSED, then=Value(Tone.UNKNOWN.value))
        # A status that is excluded from assessment never lapses, so `lapsed` may come first.
        by_status = (
            When(assessment_status__in=statuses_where(tone=tone), then=Value(tone.value))
            for tone in Tone
        )
        return self.annotate(tone=Case(lapsed, *by_status, output_field=CharField()))

    def changed_since(self, time: datetime) -> CommitmentQuerySet:
        """Return the commitments that a public change since this time concerned: one of an update,
        an edit, or the loading or an amendment of the plan."""
        changes = related(self, "decisions", DecisionQuerySet).public()
        changes = changes.filter(commitment=OuterRef("pk"), at__gte=time)
        recorded = related_rows(self, "contents").filter(
            commitment=OuterRef("pk"), decision__at__gte=time
        )
        return self.filter(Exists(changes) | Exists(recorded))

    def of_offices(self, offices: Collection[int], *, or_none: bool = False) -> CommitmentQuerySet:
        """Return the commitments that one of these offices leads or supports; with `or_none` also
        those without an office."""
        found = of_offices(self, offices)
        return self.filter(found | self._without_office() if or_none else found)

    def _without_office(self) -> Q:
        supporting = related_rows(self, "supporting_offices").filter(
            supported_commitments=OuterRef("pk")
        )
        return Q(lead_office__isnull=True) & ~Q(Exists(supporting))

    def without_reporters(self) -> CommitmentQuerySet:
        """Return the commitments that have offices, none of them with a reporter: by
        `policies.may_report` nobody may report on them. Two queries."""
        offices = related_rows(self, "lead_office")
        staffed = set(
            offices.filter(members__in=holders_of(Role.REPORTER)).values_list("pk", flat=True)
        )
        others = set(offices.exclude(pk__in=staffed).values_list("pk", flat=True))
        return self.filter(of_offices(self, others)).exclude(of_offices(self, staffed))

    def reportable_by(self, user: Person) -> CommitmentQuerySet:
        """Return the commitments that this person may report on, by the rule of
        `policies.may_report`."""
        if Role.REPORTER not in roles_of(user):
            return self.none()
        return self.filter(self._without_office() | of_offices(self, offices_of(user)))

    def at(self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None) -> CommitmentQuerySet:
        """Add the state of each commitment under the two clocks, `ClockColumns`.

        `periods` are the review periods under this clock of all plans that the commitments can
        belong to; a caller with several queries under one clock reads them once and passes them.
        """
        return self.selectable_at(clock, periods).with_further_columns(clock)

    def selectable_at(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None
    ) -> CommitmentQuerySet:
        """Add the state `at` a clock without the further columns: all that commitments are
        selected, sorted and counted by, without a join to their updates, which counting would
        make too."""
        rows = self.in_plan_by(clock)._with_days(clock, periods)
        rows = rows.annotate(**stored_state()) if clock.is_default else with_state(rows, clock)
        return rows.annotate(freshness=freshness()).annotate(schedule=schedule(self, clock))

    def with_further_columns(self, clock: Clock) -> CommitmentQuerySet:
        """Add to commitments `selectable_at` a clock what `at` adds besides: further columns of
        the assessment and of the last action."""
        # Under other clocks, these columns were found with the others.
        return self.annotate(**further_columns()) if clock.is_default else self

    def with_published_state(self) -> CommitmentQuerySet:
        """Add the columns of `CURRENT_STATE` as published updates give them, whatever the day."""
        return with_state(self.annotate(day=Value(date.max, DateField())), ANY_DAY)

    def _with_days(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None
    ) -> CommitmentQuerySet:
        """Add `day`, the dates known at the time of the clock, and the days one, two and three
        review intervals before `day`; the last two are counted from the end of a duty that has
        ended."""
        if periods is None:
            periods = related(self, "plan", PlanQuerySet).review_periods(clock)
        default = clock.day("UTC")
        rows = self.annotate(day=by_period(periods, 0, default))
        rows = rows.alias(**known_date_joins(clock)).annotate(**known_dates(clock))
        return rows.annotate(
            current_from=by_period(periods, 1, default),
            due_from=by_period(periods, LAPSE_INTERVALS, default, end="known_ends_on"),
            action_due_from=by_period(
                periods, ACTION_LAPSE_INTERVALS, default, end="known_ends_on"
            ),
        )

    def with_due_days(self, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
        """Add `review_due_on` and `next_due_on`, the days on which the assessment of a commitment,
        or the commitment itself, becomes due. Call it after `at` with these periods."""
        return self.annotate(review_due_on=review_due_on(periods)).annotate(
            next_due_on=next_due_on()
        )

    def with_date_history(self, clock: Clock) -> CommitmentQuerySet:
        """Add `due_on_first`, the first due date, and `due_on_changes`, how often it was changed
        until the time of the clock."""
        dates = related(self, "known_dates", KnownDateQuerySet).known_by(clock.known_at)
        own = dates.filter(milestone__isnull=True).of_present_kinds()
        return self.annotate(**date_history(own, "commitment"))

    def with_milestones(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None
    ) -> CommitmentQuerySet:
        """Fetch the milestones known at the time of the clock, as `MilestoneQuerySet.at` gives
        them, as `known_milestones`; `periods` as for `at`."""
        milestones = related(self, "milestones", MilestoneQuerySet).at(clock, periods).in_order()
        return self.prefetch_related(Prefetch("milestones", milestones, to_attr="known_milestones"))
