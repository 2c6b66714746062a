"""The dashboard of a plan, and its methodology."""

from __future__ import annotations

from typing import Any

from commitments import choices, rollups
from commitments.choices import STATUS_RULES, Source, Tone
from commitments.clocks import local_day
from commitments.models import Decision
from commitments.views.base import PlanPage
from commitments.views.charts import ORDER, bars


def tally(group: rollups.Group) -> list[tuple[Tone, int]]:
    """The tones that there are in a group, with their counts; what is adverse is told also where
    there is none."""
    counts = group.tones
    return [(tone, counts[tone]) for tone in ORDER if counts[tone] or tone is Tone.ADVERSE]


class DashboardPage(PlanPage):
    template_name = "commitments/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, clock = self.selected, self.clock
        goals = rollups.report(rows, "goal", clock)
        areas = rollups.report(rows, "area", clock)
        return super().get_context_data(
            page="dashboard",
            selects="",
            total=goals.total,
            coverage=[(code, n) for code, n in rows.coverage_counts().items() if n],
            tally=tally(goals.total),
            bars=bars(goals.total),
            goals=[(group, bars(group)) for group in goals.groups],
            areas=[(group, bars(group)) for group in areas.groups],
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
            files=self._files(),
            **kwargs,
        )

    def _files(self) -> list[dict[str, Any]]:
        """Files from which public updates were loaded, with the day of that on the plan's
        calendar."""
        rows = Decision.objects.filter(plan=self.plan).files(self.clock)
        return [{**row, "loaded_on": local_day(row["at"], self.plan.time_zone)} for row in rows]
