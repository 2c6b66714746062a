"""What became of each commitment between two days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.clocks import a_year_before
from commitments.filters import IsoDateField
from commitments.readings import Turn
from commitments.views.base import CLOCKS, PlanPage, ignored


class ComparePage(PlanPage):
    """From `since` to the reader's day, both by what is known under the reader's clock."""

    template_name = "commitments/compare.html"
    parameters = (*CLOCKS, "since")

    @cached_property
    def since(self) -> date:
        """As asked for, else a year before the reader's day."""
        day = self.clock.day(self.plan.time_zone)
        asked = self.query.get("since")
        if asked:
            try:
                since: date = IsoDateField().clean(asked)
            except forms.ValidationError as refusal:
                self.notices += [ignored("since", message) for message in refusal.messages]
            else:
                if since <= day:
                    return since
                sentence = _("This day is after the one that is looked at.")
                self.notices.append(ignored("since", sentence))
        return a_year_before(day)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        since = self.since
        now: list[Any] = list(self.selected.select_related("goal", "area"))
        clock = replace(self.clock, as_of=since)
        rows = self.plan.commitments.select_related("goal", "area")
        then = {row.pk: row for row in rows.at(clock, [self.plan])}
        turns: dict[Turn | None, list[Any]] = {turn: [] for turn in (*Turn, None)}
        before = rollups.items_from(then[row.pk] for row in now)
        for row, *items in zip(now, before, rollups.items_from(now), strict=True):
            turns[rollups.turn(*items)].append((then[row.pk], row))
        same = turns.pop(None)
        return super().get_context_data(since=since, turns=turns, same=len(same), **kwargs)
