"""The overview of a plan, and its trend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from commitments import rollups
from commitments.choices import (
    CoverageGap,
    Freshness,
    Schedule,
    Status,
)
from commitments.clocks import Clock, lapses_on
from commitments.models import Commitment, ProgressUpdate
from commitments.models.querysets import CommitmentQuerySet, ReviewPeriod
from commitments.models.querysets.composed import read_by
from commitments.pages import charts
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.grid import by_area
from commitments.pages.groups import MAX_LISTED
from commitments.pages.phrases import silence_phrase
from commitments.pages.rows import ListedCommitment
from commitments.pages.sharing import group_sharing
from commitments.pages.summary import summarise
from commitments.pages.updates import PageUpdate, page_updates
from commitments.texts.lists import COUNTS, with_separators
from commitments.texts.phrases import CountedPhrase

# The page behind each box lists all of them.
ROWS_PER_BOX = 5
MAX_LATEST_EVENTS = 3
# Assessments that lapse later than this are not listed as needing attention.
EXPIRING_DAYS = 90
AGEING_FRESHNESS = (Freshness.CURRENT, Freshness.DUE)

COVERAGE_PHRASES: Mapping[CoverageGap, Callable[[int], str]] = {
    CoverageGap.ONE_SOURCE: lambda n: ngettext(
        "%(n)s rests on one source only", "%(n)s rest on one source only", n
    ),
    CoverageGap.STATEMENTS_ONLY: lambda n: ngettext(
        "%(n)s rests only on statements by a party", "%(n)s rest only on statements by a party", n
    ),
    CoverageGap.DEAD_LINKS: lambda n: ngettext(
        "%(n)s rests on dead links only", "%(n)s rest on dead links only", n
    ),
    CoverageGap.RENEWED_WITHOUT_ACTION: lambda n: ngettext(
        "%(n)s was renewed without a new action", "%(n)s were renewed without a new action", n
    ),
    CoverageGap.RESTS_ON_RETRACTED: lambda n: ngettext(
        "%(n)s rests on a withdrawn event", "%(n)s rest on a withdrawn event", n
    ),
    CoverageGap.RESTS_ON_CHANGED: lambda n: ngettext(
        "%(n)s rests on an event corrected since", "%(n)s rest on an event corrected since", n
    ),
    CoverageGap.CRITERIA_CHANGED: lambda n: ngettext(
        "%(n)s was judged by former criteria", "%(n)s were judged by former criteria", n
    ),
}


@dataclass(frozen=True)
class AttentionRule:
    """A reason why commitments need attention: how they are found here, and the filters of the list
    that select them."""

    title: Any
    filters: Mapping[str, str]
    applies_to: Callable[[Any], bool]


@dataclass(frozen=True)
class AttentionBox:
    """The first commitments to which a rule applies, and the number of all of them."""

    title: Any
    filters: Mapping[str, str]
    n: int
    rows: list[ListedCommitment]


ATTENTION_RULES = (
    AttentionRule(
        gettext_lazy("Overdue"),
        {"schedule": "overdue"},
        lambda row: row.schedule == Schedule.OVERDUE,
    ),
    AttentionRule(
        gettext_lazy("Lapsed assessments"),
        {"freshness": "lapsed"},
        lambda row: row.freshness == Freshness.LAPSED,
    ),
    AttentionRule(
        gettext_lazy("Not yet assessed"),
        {"status": "unassessed"},
        lambda row: row.assessment_status == Status.UNASSESSED,
    ),
)


def attention_boxes(rows: list[Any]) -> list[AttentionBox]:
    """Return a box for each rule that applies to any of these commitments."""
    boxes = []
    for rule in ATTENTION_RULES:
        found = [ListedCommitment(row) for row in rows if rule.applies_to(row)]
        if found:
            boxes.append(AttentionBox(rule.title, rule.filters, len(found), found[:ROWS_PER_BOX]))
    return boxes


def thin_evidence(rows: list[Any]) -> list[tuple[CoverageGap, str, str]]:
    """Return (code, phrase, separator that follows) for each gap in coverage that occurs."""
    counts = [(code, sum(getattr(row, code) for row in rows)) for code in CoverageGap]
    phrases = [(code, COVERAGE_PHRASES[code](n) % {"n": n}) for code, n in counts if n]
    return [(*phrase, following) for phrase, following in with_separators(phrases, COUNTS)]


def _with_gaps(clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
    """Return all commitments, those of a plan in order, with the columns that an overview counts
    and shows."""
    rows = Commitment.objects.at(clock, periods).with_findings().with_coverage_gap_flags(clock)
    return rows.order_by("position", "id").with_listed_relations()


_read_all = read_by(_with_gaps, "plan")


class OverviewPage(PlanPage):
    """The current state of the plan, what happened last, and what needs attention."""

    template_name = "commitments/overview.html"
    menu_entry = "overview"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows = self.read_commitments(_read_all)
        items, total = rollups.items_from(rows), rollups.total(rows)
        shown = rows[:MAX_LISTED]
        return super().get_context_data(
            group_filters={},
            summary=summarise(total, self.day),
            silence=self._silence(items),
            # The headline covers the same commitments as the summary.
            grid=self.grid(shown, heading=by_area, counted=rows),
            commitment_count=len(rows),
            is_cut=len(rows) > len(shown),
            bars=charts.bars(total, self.interval, self.day),
            due_count=total.freshness[Freshness.DUE.value],
            thin_evidence=thin_evidence(rows),
            events=self._latest_events(),
            expiring=self._expiring(rows),
            has_no_updates=not any(row.update_count for row in rows),
            attention_boxes=attention_boxes(rows),
            goals=self._goals(items),
            lasting_address=self.lasting_address,
            sharing=group_sharing(self.addresses, self.plan.title.inline()),
            **kwargs,
        )

    def _latest_events(self) -> list[PageUpdate]:
        """Return the newest events by date, whenever they were recorded."""
        updates = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        events = updates.filter(commitment__plan=self.plan, event_type__isnull=False)
        # Under `known_at`, events may count that have been withdrawn since.
        readable = events.with_public_content()
        return page_updates(
            readable.latest_first().select_related("commitment")[:MAX_LATEST_EVENTS]
        )

    def _silence(self, items: list[rollups.Item]) -> CountedPhrase | None:
        """Return how many of the forums have no activity on record; None if every forum has
        some."""
        if not has_parts(self.plan, ["forums"]):
            return None
        forums = rollups.forum_rows(items, self.filterset.activity)
        return silence_phrase([row.active for row in forums], self.interval)

    def _goals(self, items: list[rollups.Item]) -> list[charts.ChartRow]:
        if not has_parts(self.plan, ["goals"]):
            return []
        groups = rollups.breakdowns(items, ["goal"], self.filterset.activity)
        return charts.chart_rows(groups["goal"], "goal", self.interval, self.day)

    def _expiring(self, rows: list[Any]) -> list[tuple[date, ListedCommitment]]:
        """Return the commitments whose assessments lapse within `EXPIRING_DAYS`, each after the day
        on which it lapses, in order of that day."""
        horizon = self.day + timedelta(days=EXPIRING_DAYS)
        ageing = [row for row in rows if row.freshness in AGEING_FRESHNESS]
        days = []
        for row in ageing:
            needs_action = Status(row.assessment_status).rule.needs_action
            acted_on = row.basis_action_on if needs_action else None
            day = lapses_on(row.assessment_effective_on, self.interval, acted_on, row.known_ends_on)
            days.append((day, row))
        coming = [(day, row) for day, row in days if day is not None and day <= horizon]
        coming.sort(key=lambda pair: (pair[0], pair[1].position))
        return [(day, ListedCommitment(row)) for day, row in coming[:ROWS_PER_BOX]]
