"""The facts of a report on a period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from commitments import rollups
from commitments.choices import Action, CoverageGap, Freshness, Movement, Schedule, Status
from commitments.clocks import Clock
from commitments.ledger.changes import PublicChange, with_status_changes
from commitments.models import Basis, Commitment, Decision, Forum, Plan, ProgressUpdate
from commitments.models.querysets import (
    CommitmentQuerySet,
    DecisionQuerySet,
    ProgressUpdateQuerySet,
    ReviewPeriod,
    coverage_gaps,
)
from commitments.reports.period import ReportPeriod
from commitments.reports.sources import SourceList
from commitments.roles import ANONYMOUS
from commitments.workflow import PublicView, public_view

# The actions by which something was withdrawn, corrected or erased in public.
CORRECTING_ACTIONS = (Action.SUPERSEDE, Action.RETRACT, Action.ERASE)


@dataclass(frozen=True)
class ReportedUpdate:
    """An event or assessment as the public may see it, with the numbers of its sources."""

    update: PublicView
    sources: Sequence[int]


@dataclass(frozen=True)
class ReportedChange:
    """A commitment at the beginning and at the end of the period, both read under a clock, and
    their comparison. `assessment` is the one at the end, with the sources of the events on which it
    rests; None if it is not news, or was withdrawn since."""

    before: Any
    after: Any
    comparison: rollups.Comparison
    assessment: ReportedUpdate | None = None

    @property
    def is_news(self) -> bool:
        """Whether the commitment differs between the two days in anything that a report shows."""
        return self.comparison.movement is not Movement.UNCHANGED


@dataclass(frozen=True)
class CommitmentEvents:
    """A commitment with its events of the period, the newest first."""

    commitment: Any
    events: Sequence[ReportedUpdate]


@dataclass(frozen=True)
class SilentForum:
    """A forum without activity on record in the period, and the number of its commitments."""

    forum: Forum
    commitments: int


@dataclass(frozen=True)
class PeriodReport:
    """What the public record says about some commitments of a plan in a period.

    `commitments` are those at the end, `changes` their comparisons, both in the order of the plan.
    `corrections` are the decisions of the period that corrected, withdrew or erased something, the
    newest first. `withdrawn_events` counts the events of the period that counted under `known_at`
    and were withdrawn since. `clock` is that of the end of the period; `latest_entry` is the number
    of the latest public entry of the ledger known then, None without one.
    """

    plan: Plan
    period: ReportPeriod
    clock: Clock
    interval: int
    commitments: Sequence[Any]
    opening: rollups.Group
    closing: rollups.Group
    changes: Sequence[ReportedChange]
    events: Sequence[CommitmentEvents]
    corrections: Sequence[PublicChange]
    silent_forums: Sequence[SilentForum]
    forum_count: int
    withdrawn_events: int
    sources: SourceList
    latest_entry: Decision | None

    @property
    def known_at(self) -> datetime | None:
        """The time up to which the record was read: that of the clock, else that of the latest
        public entry; None if nothing was published."""
        return self.clock.known_at or (self.latest_entry.at if self.latest_entry else None)

    @property
    def movements(self) -> Mapping[Movement, int]:
        """The number of commitments by movement."""
        return Counter(row.comparison.movement for row in self.changes)

    def moved(self, movement: Movement) -> list[ReportedChange]:
        """Return the commitments of one movement."""
        return [row for row in self.changes if row.comparison.movement is movement]

    @property
    def quoted(self) -> list[Any]:
        """The commitments whose status the report quotes: those with news or events."""
        with_events = {row.commitment.pk for row in self.events}
        news = {row.after.pk for row in self.changes if row.is_news}
        return [row for row in self.commitments if row.pk in news | with_events]

    @property
    def unassessed(self) -> list[Any]:
        return [row for row in self.commitments if row.assessment_status == Status.UNASSESSED]

    @property
    def not_evidenced(self) -> list[Any]:
        """The commitments, except lapsed ones, for which no evidence of fulfilment was found."""
        found = (row for row in self.commitments if row.assessment_status == Status.NO_EVIDENCE)
        return [row for row in found if row.freshness != Freshness.LAPSED]

    @property
    def lapsed(self) -> list[Any]:
        return [row for row in self.commitments if row.freshness == Freshness.LAPSED]

    @property
    def overdue(self) -> list[Any]:
        return [row for row in self.commitments if row.schedule == Schedule.OVERDUE]

    @property
    def gaps(self) -> Mapping[CoverageGap, list[Any]]:
        """The commitments with each gap in coverage that occurs."""
        found: dict[CoverageGap, list[Any]] = {code: [] for code in CoverageGap}
        for row in self.commitments:
            for code in coverage_gaps(row):
                found[code].append(row)
        return {code: rows for code, rows in found.items() if rows}


def read_period_report(
    commitments: CommitmentQuerySet,
    plan: Plan,
    period: ReportPeriod,
    clock: Clock,
    periods: Sequence[ReviewPeriod],
) -> PeriodReport:
    """Return the report on commitments of one plan, selected `at` the clock, whose day is the last
    of the period; `periods` are the review periods of the plan under it. The number of queries does
    not depend on the number of commitments."""
    rows: list[Any] = list(
        commitments.select_related("plan", "goal", "area", "lead_office")
        .with_findings()
        .with_coverage_gap_flags(clock)
    )
    ids = [row.pk for row in rows]
    before = _at(replace(clock, as_of=period.opening_day), plan, ids)
    record = rollups.read_record(dict.fromkeys(ids, plan), clock, periods)
    compared = rollups.compare(record, ids, period.opening_day, period.last)
    changes = [
        ReportedChange(before[row.pk], row, comparison)
        for row, comparison in zip(rows, compared, strict=True)
    ]
    counting = ProgressUpdate.objects.under(clock, periods).filter(commitment__in=ids)
    dated = counting.filter(event_type__isnull=False, effective_on__gte=period.first)
    updates = _read(counting, dated, [row.after.assessment_id for row in changes if row.is_news])
    events = [row for row in updates.views if row.event_type and row.effective_on >= period.first]
    sources = SourceList()
    changes = [_with_assessment(row, updates, sources) for row in changes]
    forums = _forums(rows, period, clock)
    decisions = Decision.objects.public()
    return PeriodReport(
        plan=plan,
        period=period,
        clock=clock,
        interval=periods[0].interval_days,
        commitments=rows,
        opening=rollups.total(before[pk] for pk in ids),
        closing=rollups.total(rows),
        changes=changes,
        events=list(_events(rows, events, sources)),
        corrections=_corrections(decisions, plan, ids, period, clock),
        silent_forums=[SilentForum(row.forum, len(row.items)) for row in forums if not row.active],
        forum_count=len(forums),
        withdrawn_events=dated.count() - len(events),
        sources=sources,
        latest_entry=decisions.latest_public(clock.known_at or clock.now).first(),
    )


def _at(clock: Clock, plan: Plan, ids: Collection[int]) -> dict[int, Any]:
    """Return these commitments under another clock, by id."""
    rows = Commitment.objects.filter(pk__in=ids).select_related("plan", "goal", "area")
    read: Any = rows.at(clock, plan.review_periods(clock)).with_findings()
    return {row.pk: row for row in read}


@dataclass(frozen=True)
class _ReadUpdates:
    """Updates as the public may see them, the newest first. `basis` has the ids of those on which
    each assessment rests, itself included."""

    views: Sequence[PublicView]
    basis: Mapping[int, Sequence[int]]

    def basis_of(self, assessment: int) -> list[PublicView]:
        """Return the assessment and its events, the newest first."""
        return [row for row in self.views if row.id in self.basis[assessment]]


def _read(
    counting: ProgressUpdateQuerySet,
    dated: ProgressUpdateQuerySet,
    assessments: Sequence[int | None],
) -> _ReadUpdates:
    """Return the events of the period, these assessments, and the events on which they rest, as far
    as everybody may still read them. Of a chain of corrections, only the update that counts is
    returned."""
    chains: dict[int, set[int | None]] = defaultdict(set)
    bases = Basis.objects.filter(update__in=assessments, counts=True)
    for update, chain in bases.values_list("update", "event__chain"):
        chains[update].add(chain)
    found = counting.filter(
        Q(pk__in=dated.values("pk"))
        | Q(pk__in=assessments)
        | Q(chain__in=set().union(*chains.values()))
    )
    readable = found.with_public_content().select_related("commitment__plan").latest_first()
    rows = list(readable.prefetch_related("evidence__publisher"))
    basis = {
        pk: [row.pk for row in rows if row.pk == pk or row.chain_id in chains[pk]]
        for pk in assessments
        if pk is not None
    }
    return _ReadUpdates([public_view(row, ANONYMOUS) for row in rows], basis)


def _with_assessment(
    change: ReportedChange, updates: _ReadUpdates, sources: SourceList
) -> ReportedChange:
    """Return a change; if it is news, with the assessment at the end and all of its sources."""
    pk = change.after.assessment_id
    if pk is None or not change.is_news:
        return change
    basis = updates.basis_of(pk)
    found = [row for row in basis if row.id == pk]
    if not found:
        return change
    evidence = [piece for row in basis for piece in row.evidence]
    return replace(change, assessment=ReportedUpdate(found[0], sources.numbers(evidence)))


def _events(
    rows: Iterable[Any], events: Iterable[PublicView], sources: SourceList
) -> Iterator[CommitmentEvents]:
    """Yield the commitments that have events, in the order of the plan."""
    found: dict[int, list[PublicView]] = defaultdict(list)
    for event in events:
        found[event.commitment.pk].append(event)
    for row in rows:
        if row.pk in found:
            own = [ReportedUpdate(each, sources.numbers(each.evidence)) for each in found[row.pk]]
            yield CommitmentEvents(row, own)


def _corrections(
    decisions: DecisionQuerySet,
    plan: Plan,
    ids: Collection[int],
    period: ReportPeriod,
    clock: Clock,
) -> list[PublicChange]:
    first, end = period.times(plan.time_zone)
    found = decisions.filter(
        action__in=CORRECTING_ACTIONS, commitment__in=ids, at__gte=first, at__lt=end
    )
    if clock.known_at is not None:
        found = found.filter(at__lte=clock.known_at)
    related = found.select_related("commitment__plan", "update__commitment__plan", "plan")
    return with_status_changes(related.order_by("-seq"))


def _forums(rows: Iterable[Any], period: ReportPeriod, clock: Clock) -> list[rollups.ForumRow]:
    """Return the forums of these commitments, with those active in the period."""
    activity = ProgressUpdate.objects.public_actions(clock).filter(
        effective_on__range=(period.first, period.last)
    )
    return rollups.forum_rows(rollups.items_from(rows), activity)
