"""The events on record for a plan: what happened in the world, whoever recorded it and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.choices import EventType, State
from commitments.filters import CommitmentFilter, UpdateFilter
from commitments.models import ProgressUpdate
from commitments.models.namings import fetch_evidence, fetch_named
from commitments.models.plan_parts import PartGroup
from commitments.models.querysets import ProgressUpdateQuerySet, narrowed
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.event_counts import COUNTED_OF_EVENTS, event_counts
from commitments.pages.facet_counts import CountedPaginator, chosen_options
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
# The filters that have no options to be counted.
OTHER_FILTERS = ("commitment", "effective_from", "effective_to")
FILTERS = (*COUNTED_OF_EVENTS, *OTHER_FILTERS)


@dataclass(frozen=True)
class EventYear:
    """The events of a year, newest first."""

    year: int
    events: list[PageUpdate]


def event_years(events: Iterable[PageUpdate]) -> list[EventYear]:
    """Group events, which must be in order, by the year in which they happened."""
    years = groupby(events, key=lambda row: row.effective_on.year)
    return [EventYear(year, list(rows)) for year, rows in years]


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
    def counting(self) -> ProgressUpdateQuerySet:
        """The events of the plan that count, those that were withdrawn since among them."""
        rows = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        return rows.of_plans([self.plan]).filter(event_type__isnull=False)

    @property
    def events(self) -> ProgressUpdateQuerySet:
        """The events of the plan that count and whose text everybody may read."""
        return self.counting.with_public_content()

    def withdrawn(self) -> str:
        """Return how many events of the plan are not listed because they were withdrawn, whatever
        the filters select: what these ask for is withheld of them. Now there are none."""
        if self.clock.known_at is None:
            return ""
        n = self.counting.filter(state=State.RETRACTED).count()
        if not n:
            return ""
        message = ngettext(
            "Not listed: %(n)s event of the plan that counted then and was withdrawn since.",
            "Not listed: %(n)s events of the plan that counted then and were withdrawn since.",
            n,
        )
        return message % {"n": n}

    def selection(self, names: Collection[str], events: ProgressUpdateQuerySet) -> UpdateFilter:
        """Return the filter set that selects from the events by the filters of these names."""

        def make(query: QueryDict) -> UpdateFilter:
            given = only(query, names)
            return UpdateFilter(given, events, now=self.now, user=ANONYMOUS, plans=[self.plan])

        return self.valid_filterset(make)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        others = narrowed(self.selection(OTHER_FILTERS, self.events).qs, ProgressUpdateQuerySet)
        selection = self.selection(COUNTED_OF_EVENTS, others)
        chosen = chosen_options(selection.form.cleaned_data, COUNTED_OF_EVENTS)
        counts = event_counts(others, self.parts, chosen)
        events = narrowed(selection.qs, ProgressUpdateQuerySet)
        pages = CountedPaginator(_in_order(events), EVENTS_PER_PAGE, counts.found)
        page = pages.get_page(self.query.get("page"))
        facets = [found for found in self._facets(counts.options) if found.options]
        return super().get_context_data(
            years=event_years(self._read(page.object_list)),
            page=page,
            facets=facets,
            active_filters=active_filters(facets, self.query, exclude=["page"]),
            withdrawn=self.withdrawn(),
            # The form has no field for this filter.
            commitments=[("commitment", code) for code in self.query.getlist("commitment")],
            effective_from=self.query.get("effective_from"),
            effective_to=self.query.get("effective_to"),
            api_query=self._api_query(),
            **kwargs,
        )

    def _facets(self, counts: Mapping[str, Mapping[str, int]]) -> Iterable[Facet]:
        terms = terms_of(self.plan)

        def of(group: PartGroup) -> list[tuple[str, object]]:
            has = has_parts(self.plan, [group])
            return part_options(self.parts.by_code(group).values()) if has else []

        offered: list[tuple[str, object, Iterable[tuple[object, object]]]] = [
            ("event_type", _("Type"), EventType.choices()),
            ("goal", terms["goal"].or_else(_("Primary goal")), of("goals")),
            ("forum", terms["forum"].or_else(_("Forum")), of("forums")),
            ("office", _("Office"), of("offices")),
        ]
        for name, label, options in offered:
            yield facet(name, label, options, self.query, counts=counts[name])

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
