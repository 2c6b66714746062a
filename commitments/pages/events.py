"""The events on record for a plan: what happened in the world, whoever recorded it and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments.choices import EventType
from commitments.filters import CommitmentFilter, UpdateFilter
from commitments.models import ProgressUpdate
from commitments.models.namings import fetch_evidence, fetch_named
from commitments.models.plan_parts import PlanPart
from commitments.models.querysets import ProgressUpdateQuerySet, narrowed
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.facet_counts import CountedPaginator
from commitments.pages.facets import (
    Facet,
    active_filters,
    facet,
    part_options,
)
from commitments.pages.querystrings import CLOCKS, only, without_blanks
from commitments.pages.terms import terms_of
from commitments.pages.updates import PageUpdate, page_updates
from commitments.roles import ANONYMOUS

EVENTS_PER_PAGE = 50
# All filters except the event type, whose options are counted under these filters.
OTHER_FILTERS = ("goal", "forum", "office", "commitment", "effective_from", "effective_to")
FILTERS = ("event_type", *OTHER_FILTERS)


@dataclass(frozen=True)
class EventYear:
    """The events of a year, newest first."""

    year: int
    events: list[PageUpdate]


def event_years(events: Iterable[PageUpdate]) -> list[EventYear]:
    """Group events, which must be in order, by the year in which they happened."""
    years = groupby(events, key=lambda row: row.effective_on.year)
    return [EventYear(year, list(rows)) for year, rows in years]


def _counts_by_type(events: ProgressUpdateQuerySet) -> dict[str, int]:
    """Return the number of events of each type; one query."""
    rows: Any = events.values_list("event_type")
    return dict(rows.annotate(n=Count("pk")))


def _in_order(events: ProgressUpdateQuerySet) -> ProgressUpdateQuerySet:
    """Return events with their commitments, newest first."""
    return events.select_related("commitment__plan").defer("search_index").latest_first()


class EventsPage(PlanPage):
    """All events that count under the clocks, newest first, with the filters of the API."""

    template_name = "commitments/events.html"
    menu_entry = "events"
    parameters = (*CLOCKS, *FILTERS, "page")

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The filter set of the clocks only; the other parameters select events."""
        return self.valid_filterset(lambda query: self.commitments_by(only(query, CLOCKS)))

    @property
    def events(self) -> ProgressUpdateQuerySet:
        """The events of the plan that count. Those withdrawn since then have no text."""
        rows = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        rows = rows.filter(commitment__plan=self.plan, event_type__isnull=False)
        return rows.with_public_content()

    def selected_by(
        self, names: Collection[str], events: ProgressUpdateQuerySet
    ) -> ProgressUpdateQuerySet:
        """Return those of the events that these filters select."""

        def make(query: QueryDict) -> UpdateFilter:
            given = only(query, names)
            return UpdateFilter(given, events, now=self.now, user=ANONYMOUS, plans=[self.plan])

        return narrowed(self.valid_filterset(make).qs, ProgressUpdateQuerySet)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        others = self.selected_by(OTHER_FILTERS, self.events)
        events = self.selected_by(["event_type"], others)
        counts = _counts_by_type(others)
        chosen = {*without_blanks(self.query).getlist("event_type")} or counts
        pages = CountedPaginator(
            _in_order(events), EVENTS_PER_PAGE, sum(counts.get(n, 0) for n in chosen)
        )
        page = pages.get_page(self.query.get("page"))
        facets = [found for found in self._facets(counts) if found.options]
        return super().get_context_data(
            years=event_years(self._read(page.object_list)),
            page=page,
            facets=facets,
            active_filters=active_filters(facets, self.query, exclude=["page"]),
            # The form has no field for this filter.
            commitments=[("commitment", code) for code in self.query.getlist("commitment")],
            effective_from=self.query.get("effective_from"),
            effective_to=self.query.get("effective_to"),
            api_query=self._api_query(),
            **kwargs,
        )

    def _facets(self, counts: dict[str, int]) -> Iterable[Facet]:
        query, terms = self.query, terms_of(self.plan)
        yield facet("event_type", _("Type"), EventType.choices(), query, counts=counts)
        if has_parts(self.plan, ["goals"]):
            goals = part_options(self.parts.by_code("goals").values())
            yield facet("goal", terms["goal"].or_else(_("Primary goal")), goals, query)
        if has_parts(self.plan, ["forums"]):
            forums = part_options(self._forums())
            yield facet("forum", terms["forum"].or_else(_("Forum")), forums, query)
        if has_parts(self.plan, ["offices"]):
            offices = part_options(self.parts.used("offices"))
            yield facet("office", _("Office"), offices, query)

    def _forums(self) -> list[PlanPart]:
        """Return the forums that commitments or events of the plan name, and those chosen in the
        query, which may be a parent of these."""
        named: Any = self.events.order_by().values_list("forums__code", flat=True).distinct()
        codes = {row.code for row in self.parts.used("forums")} | {*named}
        codes |= {*self.query.getlist("forum")}
        return [row for row in self.parts.by_code("forums").values() if row.code in codes]

    def _read(self, rows: Iterable[ProgressUpdate]) -> list[PageUpdate]:
        """Return the events of one page of the list, with their forums and sources."""
        events = list(rows)
        fetch_evidence(events)
        fetch_named(events)
        return page_updates(events)

    def _api_query(self) -> str:
        """Return the query string with which the API selects the same events."""
        query = only(without_blanks(self.query), [*CLOCKS, *FILTERS])
        query["plan"] = self.plan.code
        if "event_type" not in query:
            query.setlist("event_type", EventType.values())
        return query.urlencode()
