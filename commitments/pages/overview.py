"""The overview of a plan, and its trend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from commitments import rollups
from commitments.choices import (
    CoverageGap,
    Freshness,
    PeriodUnit,
    Schedule,
    Status,
)
from commitments.clocks import lapses_on
from commitments.pages import charts
from commitments.pages.base import CLOCKS, PlanPage, has_parts
from commitments.pages.changes import latest_status_changes
from commitments.pages.facets import (
    CLOCK_INDEPENDENT,
    active_filters,
    api_query,
    clock_independent_filters,
    commitment_facets,
)
from commitments.pages.phrases import commitments_phrase, renewal_period
from commitments.pages.rows import ListedCommitment
from commitments.pages.summary import summarise
from commitments.pages.timeline import MAX_YEARS
from commitments.rollups.trend import trend_of
from commitments.texts.lists import COUNTS, with_separators

# Shown where a plan has the thing, in this order.
SECTIONS = ("goal", "area", "office", "forum")
# The page behind each box has them all.
ROWS_PER_BOX = 5
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
    """Commitments that need attention: how they are found here and by the list's filters."""

    title: Any
    filters: Mapping[str, str]
    applies_to: Callable[[Any], bool]


@dataclass(frozen=True)
class AttentionBox:
    """The first commitments to which a rule applies, and the number of all."""

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


class OverviewPage(PlanPage):
    template_name = "commitments/overview.html"
    menu_entry = "overview"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        selected, clock = self.selected, self.clock
        rows: list[Any] = list(self.listed.with_coverage_gap_flags(clock))
        total = rollups.total(rows)
        items = rollups.items_from(rows)
        groupings = [name for name in SECTIONS if has_parts(self.plan, [f"{name}s"])]
        groups = rollups.breakdowns(selected, items, groupings, self.filterset.activity)
        kinds = {row.pk: row.kind for row in rows}
        return super().get_context_data(
            group_filters={},
            summary=summarise(total, self.day),
            bars=charts.bars(total, self.interval),
            tones=[tone for tone, n in total.tones.items() if n],
            lapsed_count=total.freshness[Freshness.LAPSED.value],
            due_count=total.freshness[Freshness.DUE.value],
            thin_evidence=thin_evidence(rows),
            trend=charts.series(
                trend_of(kinds, self.plan, PeriodUnit.YEAR, clock)[-MAX_YEARS:], {}, self.interval
            ),
            renewal_period=renewal_period(self.interval),
            changes=latest_status_changes(self.plan, clock, ROWS_PER_BOX),
            expiring=self._expiring(rows),
            has_no_updates=not any(row.update_count for row in rows),
            attention_boxes=attention_boxes(rows),
            **{
                f"{name}s": charts.chart_rows(found, name, self.interval)
                for name, found in groups.items()
                if name != "forum"
            },
            forums=charts.forum_chart_rows(groups.get("forum", ()), self.interval),
            without_forum=sum(row.commitments for row in groups.get("forum", ()) if not row.key),
            **kwargs,
        )

    def _expiring(self, rows: list[Any]) -> list[tuple[date, ListedCommitment]]:
        """Return the commitments whose assessments lapse next, each with the day of that."""
        ageing = [row for row in rows if row.freshness in AGEING_FRESHNESS]
        days = []
        for row in ageing:
            needs_action = Status(row.assessment_status).rule.needs_action
            acted_on = row.basis_action_on if needs_action else None
            day = lapses_on(row.assessment_effective_on, self.interval, acted_on, row.known_ends_on)
            days.append((day, row))
        coming = [(day, row) for day, row in days if day is not None]
        coming.sort(key=lambda pair: (pair[0], pair[1].position))
        return [(day, ListedCommitment(row)) for day, row in coming[:ROWS_PER_BOX]]


class TrendPage(PlanPage):
    """Status at each year's end, of the plan or of the commitments that filters select.

    Only filters that select the same commitments on any date are understood.
    """

    template_name = "commitments/trend.html"
    parameters = (*CLOCKS, *CLOCK_INDEPENDENT)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        kinds = dict(self.selected.order_by().values_list("id", "kind"))
        years = trend_of(kinds, self.plan, PeriodUnit.YEAR, self.clock)
        facets = commitment_facets(self.plan, self.interval, self.query)
        return super().get_context_data(
            count=commitments_phrase(len(kinds)),
            trend=charts.series(years, clock_independent_filters(self.query), self.interval),
            renewal_period=renewal_period(self.interval),
            active_filters=active_filters(facets, self.query),
            api_query=api_query(self.plan, self.query),
            **kwargs,
        )
