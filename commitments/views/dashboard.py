"""The dashboard of a plan, and its methodology."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from commitments import choices, links, rollups
from commitments.choices import STATUS_RULES, Freshness, Schedule, Source, Status
from commitments.clocks import lapses_on, local_day
from commitments.health import Coverage
from commitments.models import Decision
from commitments.readings import Reading
from commitments.trend import Step, trend_of
from commitments.views import charts
from commitments.views.base import CLOCKS, PlanPage
from commitments.views.changes import latest_moves
from commitments.views.filters import TIMELESS, asked_of_the_api, chips, filters_of, timeless
from commitments.views.tally import tally

# In each list beside the figures; the page behind it has them all.
SHOWN = 5
AGEING = (Freshness.CURRENT, Freshness.DUE)


@dataclass(frozen=True)
class Lookout:
    """Commitments that somebody should look at, and the filters that select them; `undated` is said
    where none of them has a date set."""

    title: Any
    selects: dict[str, str]
    wanted: Callable[[Any], bool]
    undated: Any = ""

    def among(self, rows: list[Any]) -> dict[str, Any]:
        found = [row for row in rows if self.wanted(row)]
        dated = any(row.schedule != Schedule.NONE for row in rows)
        told = {"title": self.title, "selects": self.selects, "n": len(found)}
        return told | {"rows": found[:SHOWN], "remark": "" if dated else self.undated}


LOOKOUTS = (
    Lookout(
        gettext_lazy("Overdue"),
        {"schedule": "overdue"},
        lambda row: row.schedule == Schedule.OVERDUE,
        gettext_lazy("None of these commitments has a date set, so none can be overdue."),
    ),
    Lookout(
        gettext_lazy("Lapsed claims"),
        {"freshness": "lapsed"},
        lambda row: row.freshness == Freshness.LAPSED,
    ),
    Lookout(
        gettext_lazy("Not yet assessed by anybody"),
        {"status": "unassessed"},
        lambda row: row.claim_status == Status.UNASSESSED,
    ),
)


def _coverage(rows: list[Any]) -> list[tuple[Coverage, int]]:
    """How many rest on thin evidence, by what is thin about it."""
    counts = [(code, sum(getattr(row, code) for row in rows)) for code in Coverage]
    return [(code, n) for code, n in counts if n]


class DashboardPage(PlanPage):
    template_name = "commitments/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selected, clock = self.selected, self.clock
        rows: list[Any] = list(selected.with_coverage_facts().select_related("goal", "area"))
        total = rollups.total(rows)
        items = rollups.items_from(rows)
        groups = rollups.breakdowns(selected, items, ("goal", "area", "forum"), clock)
        kinds = {row.pk: row.kind for row in rows}
        return super().get_context_data(
            page="dashboard",
            selects={},
            total=total,
            coverage=_coverage(rows),
            tally=tally(total),
            bars=charts.bars(total),
            trend=charts.series(trend_of(kinds, self.plan, Step.YEAR, clock), {}),
            changes=latest_moves(self.plan, clock, SHOWN),
            lapsing=self._lapsing(rows),
            due=total.freshness[Freshness.DUE.value],
            silent=clock.known_at is not None and not any(row.update_count for row in rows),
            lookouts=[lookout.among(rows) for lookout in LOOKOUTS],
            goals=charts.rows(groups["goal"], "goal"),
            areas=charts.rows(groups["area"], "area"),
            forums=charts.rows_of_forums(groups["forum"]),
            without_forum=sum(group.commitments for group in groups["forum"] if not group.key),
            **kwargs,
        )

    def _lapsing(self, rows: list[Any]) -> list[tuple[date, Any]]:
        """The next claims to lapse, unless somebody reviews them, with the day of that."""
        interval = self.plan.review_interval_days
        ageing = [row for row in rows if row.freshness in AGEING]
        days = [(lapses_on(row.claim_effective_on, interval), row) for row in ageing]
        coming = [(day, row) for day, row in days if day is not None]
        return sorted(coming, key=lambda pair: (pair[0], pair[1].position))[:SHOWN]


class TrendPage(PlanPage):
    """How commitments stood at the end of each year: those of the plan, or what filters select that
    find the same on any day."""

    template_name = "commitments/trend.html"
    parameters = (*CLOCKS, *TIMELESS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = dict(self.selected.order_by().values_list("id", "kind"))
        years = trend_of(kinds, self.plan, Step.YEAR, self.clock)
        return super().get_context_data(
            of=len(kinds),
            trend=charts.series(years, timeless(self.query)),
            chips=chips(filters_of(self.plan, self.query), self.query),
            asked=asked_of_the_api(self.plan, self.query),
            **kwargs,
        )


class MethodologyPage(PlanPage):
    """From the same definitions as the code."""

    template_name = "commitments/methodology.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            page="methodology",
            version=choices.METHODOLOGY,
            statuses=STATUS_RULES.items(),
            sources=list(Source),
            readings=list(Reading),
            **links.looked_at(self.plan),
            files=self._files(),
            **kwargs,
        )

    def _files(self) -> list[dict[str, Any]]:
        """Files from which public updates were loaded, with the day of that on the plan's
        calendar."""
        rows = Decision.objects.filter(plan=self.plan).files(self.clock)
        return [{**row, "loaded_on": local_day(row["at"], self.plan.time_zone)} for row in rows]
