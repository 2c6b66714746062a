"""The page of a plan over time: what changed between two dates, status by year, and the latest
changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.choices import PeriodUnit
from commitments.clocks import years_before
from commitments.exports.tables import CSV_FORMAT, Table
from commitments.exports.trend import TREND_COLUMNS, trend_rows
from commitments.form_fields import IsoDateField
from commitments.pages import charts
from commitments.pages.base import PlanPage, ignored_notice
from commitments.pages.changes import change_days, latest_moves
from commitments.pages.compare import comparison_remarks, comparison_sentence, movement_groups
from commitments.pages.facets import (
    CLOCK_INDEPENDENT,
    active_filters,
    api_query,
    clock_independent_filters,
    commitment_facets,
)
from commitments.pages.phrases import commitments_phrase
from commitments.pages.querystrings import CLOCKS, only
from commitments.pages.sharing import sheet_links
from commitments.rollups.trend import TrendPeriod, trend_periods


@dataclass(frozen=True)
class Since:
    """A date to compare with, which the page offers as a link."""

    label: str
    day: date
    is_chosen: bool


class TimePage(PlanPage):
    """How the plan, or the commitments that filters select, changed over time.

    Only filters that select the same commitments on any date are understood. `since` is the date to
    compare with; by default, a year before the date shown.
    """

    template_name = "commitments/time.html"
    menu_entry = "time"
    parameters: tuple[str, ...] = (*CLOCKS, *CLOCK_INDEPENDENT, "since")

    @cached_property
    def since(self) -> date:
        """The date to compare with: that of the query, or else a year before the date shown."""
        given = self.query.get("since")
        if given:
            try:
                since: date = IsoDateField().clean(given)
            except forms.ValidationError as error:
                self.notices += [ignored_notice("since", message) for message in error.messages]
            else:
                if since <= self.day:
                    return since
                message = _("This date is after the date shown.")
                self.notices.append(ignored_notice("since", message))
        return years_before(self.day, 1)

    @cached_property
    def rows(self) -> list[Any]:
        """The commitments as of the date shown."""
        return list(self.listed)

    @cached_property
    def record(self) -> rollups.Record:
        return self.read_record(row.pk for row in self.rows)

    @property
    def years(self) -> list[TrendPeriod]:
        kinds = {row.pk: row.kind for row in self.rows}
        return trend_periods(kinds, self.record, self.plan, PeriodUnit.YEAR, self.day)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        compared = rollups.compare(self.record, [row.pk for row in self.rows], self.since, self.day)
        filters = clock_independent_filters(self.query)
        facets = commitment_facets(
            self.parts, self.interval, self.query, only=set(filters), for_labels=True
        )
        moves = latest_moves(self.plan, self.clock, self.rows if filters else None)
        return super().get_context_data(
            since=self.since,
            offers=list(self._offers()),
            phrases=comparison_sentence(
                Counter(row.movement for row in compared),
                all_known=all(row.is_known for row in compared),
            ),
            remarks=comparison_remarks(compared),
            movements=movement_groups(self._then(), self.rows, compared),
            count=commitments_phrase(len(self.rows)),
            trend=charts.series(self.years, filters, self.interval) if self.rows else [],
            active_filters=active_filters(facets, self.query, exclude=["since"]),
            api_query=api_query(self.plan, only(self.query, (*CLOCKS, *CLOCK_INDEPENDENT))),
            days=change_days(moves, self.plan.time_zone),
            kept_filters=[(name, value) for name, values in filters.items() for value in values],
            report_query=self._report_query(),
            file_query=only(self.query, (*CLOCKS, *CLOCK_INDEPENDENT)).urlencode(),
            pictures=sheet_links(self.plan, "years"),
            **kwargs,
        )

    def _report_query(self) -> str:
        """Return the query of the report on the days after the earlier date."""
        query = only(self.query, (*CLOCKS, *CLOCK_INDEPENDENT))
        if self.since < self.day:
            query["from"] = (self.since + timedelta(days=1)).isoformat()
            query["to"] = self.day.isoformat()
            query.pop("as_of", None)
        return query.urlencode()

    def _then(self) -> dict[int, Any]:
        """Return the commitments as of the earlier date, by id."""
        clock = replace(self.clock, as_of=self.since)
        rows = self.plan.commitments.filter(pk__in=[row.pk for row in self.rows])
        periods = self.plan.review_periods(clock)
        return {row.pk: row for row in rows.select_related("goal").at(clock, periods)}

    def _offers(self) -> Iterator[Since]:
        """Yield the usual dates to compare with, except those before the plan's adoption."""
        adopted = self.plan.adopted_on
        usual = [
            (_("1 year"), years_before(self.day, 1)),
            (_("2 years"), years_before(self.day, 2)),
            *([(_("since adoption"), adopted)] if adopted else []),
        ]
        for label, day in usual:
            if day < self.day and (adopted is None or day >= adopted):
                yield Since(label, day, day == self.since)


class TimeFile(TimePage):
    """The numbers by year as CSV. Because a file has no room for notices, a query with a mistake
    redirects to the page, which says what is wrong."""

    parameters = (*CLOCKS, *CLOCK_INDEPENDENT)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return {}

    def render_to_response(self, context: object, **kwargs: object) -> HttpResponse:
        years = self.years
        if self.notices:
            page = reverse("pages:time", args=[self.plan.code])
            return redirect(f"{page}?{self.request.GET.urlencode()}")
        table = Table(TREND_COLUMNS, trend_rows(years), {}, {})
        file = BytesIO()
        CSV_FORMAT.write(table, file)
        response = HttpResponse(file.getvalue(), content_type=CSV_FORMAT.media_type)
        name = f"{self.plan.code}-years-{self.day}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
