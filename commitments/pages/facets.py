"""Filters as a form, and active filters with links that remove them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from commitments.choices import (
    EVIDENCE_LEVELS,
    CoverageGap,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Schedule,
    Status,
    Tone,
)
from commitments.filters.fields import NONE
from commitments.models import Forum, Plan
from commitments.models.plan_parts import PartGroup, PlanPart, PlanParts
from commitments.pages.base import has_parts
from commitments.pages.phrases import activity_period
from commitments.pages.querystrings import CLOCKS, without_blanks
from commitments.pages.terms import Term, terms_of
from commitments.texts.text import sentence_html

# Facets in which only one option can be chosen.
SINGLE = ("evidence_level_min",)
CLOCK_INDEPENDENT = ("goal", "serves", "area", "forum", "kind", "office", "q")


@dataclass(frozen=True)
class Option:
    """An option of a facet. `count` is the number of rows that the list would have with it, None if
    it is not counted."""

    value: str
    label: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True)
class Facet:
    """A group of options in the filter form. At most one option of a `single` facet can be
    chosen."""

    name: str
    label: object
    options: list[Option]
    single: bool = False


@dataclass(frozen=True)
class ActiveFilter:
    """A filter that is set, and the query without it."""

    label: str
    query_without: str


def facet(
    name: str,
    label: object,
    options: Iterable[tuple[object, object]],
    query: QueryDict,
    *,
    single: bool = False,
    counts: Mapping[str, int] | None = None,
) -> Facet:
    """Return a facet of these (value, label) options; with `counts`, only of those that match
    something.

    A chosen value that is not among the options is added, since submitting the form would drop it
    otherwise.
    """
    chosen = [value for value in query.getlist(name) if value]
    offered = {str(value): str(text) for value, text in options}
    others = [value for value in chosen if value not in offered]
    offered |= {value: _("Not assigned") if value == NONE else value for value in others}
    found = dict.fromkeys(offered) if counts is None else {n: counts.get(n, 0) for n in offered}
    shown = [
        Option(value, text, value in chosen, found[value])
        for value, text in offered.items()
        if found[value] != 0 or value in chosen
    ]
    return Facet(name, label, shown, single)


def commitment_facets(
    parts: PlanParts,
    interval: int,
    query: QueryDict,
    only: Container[str] | None = None,
    counts: Mapping[str, Mapping[str, int]] | None = None,
    *,
    for_labels: bool = False,
) -> list[Facet]:
    """Return the facets of the list of commitments that have options in this plan. The plan must
    have been read `with_parts`.

    `interval` is the plan's review interval in days as the page shows it. Options that are parts of
    the plan are read only for the facets in `only`; by default, for all. `counts` are the counts of
    options, by the name of the facet. With `for_labels`, the facets are not shown but only used for
    the labels of chosen options, so they may have options that match nothing, which saves a query.
    """
    plan = parts.plan

    def of(group: PartGroup, *names: str) -> list[tuple[str, object]]:
        # Skip the query for parts that the plan does not have.
        wanted = only is None or any(name in only for name in names)
        if not wanted or not has_parts(plan, [group]):
            return []
        every = for_labels or group in ("goals", "areas")
        return part_options(parts.by_code(group).values() if every else parts.used(group))

    goals = of("goals", "goal", "serves")
    forums = of("forums", "forum", "active_at")
    areas, offices = of("areas", "area"), of("offices", "office")
    levels = [f"{n} {label}" for n, label in enumerate(EVIDENCE_LEVELS)][1:]
    terms = terms_of(plan)
    period = activity_period(interval)
    offered: list[tuple[str, object, Sequence[tuple[object, object]]]] = [
        ("status", _("Status"), Status.choices()),
        ("tone", _("Counts as"), Tone.choices()),
        ("kind", _("Kind"), Kind.choices()),
        ("goal", terms["goal"].or_else(_("Primary goal")), goals),
        ("serves", _serves_label(terms["goal"]), goals),
        ("area", terms["area"].or_else(_("Area")), areas),
        ("forum", terms["forum"].or_else(_("Forum")), forums),
        ("active_at", _("With activity %(period)s at") % {"period": period}, forums),
        ("freshness", _("Freshness"), Freshness.choices()),
        ("schedule", _("Schedule"), Schedule.choices() if has_parts(plan, ["dates"]) else []),
        ("coverage", _("Weak basis"), CoverageGap.choices()),
        ("criterion", _("With a criterion"), FindingResult.choices()),
        ("event_type", _("With an event of type"), EventType.choices()),
        ("office", _("Office"), offices),
        ("evidence_level_min", _("Minimum evidence level"), list(enumerate(levels, 1))),
    ]
    facets = [
        facet(name, label, options, query, single=name in SINGLE, counts=(counts or {}).get(name))
        for name, label, options in offered
    ]
    return [found for found in facets if found.options]


def _serves_label(term: Term) -> str:
    if term.is_own:
        return sentence_html(_("%(goal)s, also supporting"), {"goal": term.one})
    return _("Primary or supporting goal")


def part_options(rows: Iterable[Forum | PlanPart]) -> list[tuple[str, object]]:
    """Return (code, label) for each of these parts of a plan: its number or code, and its name."""
    return [
        (
            row.code,
            row.code if str(row.name) == row.code else format_html("{} {}", row.code, row.name),
        )
        for row in rows
    ]


def active_filters(
    facets: Iterable[Facet], query: QueryDict, *, exclude: Iterable[str] = ()
) -> list[ActiveFilter]:
    """Return the filters that are set, one for each value, except clocks and filters in
    `exclude`."""
    labels = {
        (facet.name, option.value): sentence_html(
            _("%(list)s: %(value)s"), {"list": facet.label, "value": option.label}
        )
        for facet in facets
        for option in facet.options
    }
    return [
        ActiveFilter(
            labels.get((name, value), _text_filter_label(name, value)),
            _without(query, name, value),
        )
        for name, values in query.lists()
        if name not in CLOCKS and name not in exclude
        for value in values
        if value
    ]


def clock_independent_filters(query: QueryDict) -> dict[str, list[str]]:
    """Return the filters of the query that select the same commitments on any date."""
    chosen = without_blanks(query)
    return {name: chosen.getlist(name) for name in CLOCK_INDEPENDENT if name in chosen}


def api_query(plan: Plan, query: QueryDict) -> str:
    """Return the query string with which the API selects the same commitments."""
    api_query = query.copy()
    api_query["plan"] = plan.code
    return api_query.urlencode()


def _text_filter_label(name: str, value: str) -> str:
    """Return the label of a filter that is not a facet."""
    labels = {
        "q": _("Search: %(value)s"),
        "acted_since": _("Last action since %(value)s"),
        "due_after": _("Due after %(value)s"),
        "due_before": _("Due before %(value)s"),
        "changed_since": _("Changed since %(value)s"),
        "effective_from": _("From %(value)s"),
        "effective_to": _("To %(value)s"),
    }
    return labels.get(name, "%(value)s") % {"value": value}


def _without(query: QueryDict, name: str, value: str) -> str:
    rest = query.copy()
    rest.setlist(name, [other for other in query.getlist(name) if other != value])
    return rest.urlencode()
