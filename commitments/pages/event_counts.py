"""How many events the list would have with each option of its filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from commitments.models.plan_parts import PlanParts
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.pages.facet_counts import (
    NOTHING_GIVEN,
    FacetCounts,
    Options,
    OptionsOfParts,
    count_options,
    given_option,
)

# The filters whose options are counted.
COUNTED_OF_EVENTS = ("event_type", "goal", "forum", "office")


class EventTraits(NamedTuple):
    """The traits of an event that the counted filters look at: its type, the ids of its commitment
    and of its forums, and the number of the goal."""

    event_type: str
    commitment: int
    goal: int | None
    forums: frozenset[int]

    def options(self, places: OptionsOfParts) -> Options:
        """Return the options that match the event, for each filter in `COUNTED_OF_EVENTS`."""
        return {
            "event_type": frozenset({self.event_type}),
            "goal": given_option(self.goal) or NOTHING_GIVEN,
            "forum": places.active_through(self.forums) or NOTHING_GIVEN,
            "office": places.of("offices", self.commitment) or NOTHING_GIVEN,
        }


def event_counts(
    events: ProgressUpdateQuerySet, parts: PlanParts, chosen: Mapping[str, set[str]]
) -> FacetCounts:
    """Return the counts for events of a plan with these parts, which are those that the filters
    that are not counted select; one query besides those of the parts. `chosen` has the options
    chosen in each filter of `COUNTED_OF_EVENTS`."""
    places = OptionsOfParts(parts)
    found = Counter(_traits_of_events(events)).items()
    return count_options(((traits.options(places), n) for traits, n in found), chosen)


def _traits_of_events(events: ProgressUpdateQuerySet) -> Iterator[EventTraits]:
    """Yield the traits of each event."""
    unordered: Any = events.order_by()
    # An event has a row for each of its forums.
    rows = unordered.values_list(
        "pk", "event_type", "commitment", "commitment__goal__number", "forums"
    )
    own: dict[int, tuple[str, int, int | None]] = {}
    forums: dict[int, set[int]] = {}
    for pk, event_type, commitment, goal, forum in rows:
        own[pk] = (event_type, commitment, goal)
        forums.setdefault(pk, set()).update(() if forum is None else (forum,))
    for pk, traits in own.items():
        yield EventTraits(*traits, frozenset(forums[pk]))
