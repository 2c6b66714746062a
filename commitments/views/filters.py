"""Filters as a form: what can be chosen, what is, and how to take one of those away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from commitments.choices import EVIDENCE_LEVELS, Freshness, Kind, Schedule, Status, Tone
from commitments.health import Coverage
from commitments.models import Forum, Office, Plan
from commitments.views.base import CLOCKS
from commitments.views.forms import filled_in

TIMELESS = ("goal", "serves", "area", "forum", "kind", "office", "q")


@dataclass(frozen=True)
class Choice:
    """One list of the form: (value, label, whether it is chosen) for each of its options. Of one
    that is `single` no more than one is taken."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]
    single: bool = False


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the query without it."""

    label: str
    without: str


def choice(
    name: str,
    label: str,
    options: Iterable[tuple[Any, Any]],
    query: QueryDict,
    *,
    single: bool = False,
) -> Choice:
    """With what is chosen already, also where it is not offered otherwise: else it would be lost
    when the form is sent."""
    chosen = [value for value in query.getlist(name) if value]
    offered = {str(value): str(text) for value, text in options}
    offered |= {value: value for value in chosen if value not in offered}
    told = [(value, text, value in chosen) for value, text in offered.items()]
    return Choice(name, label, told, single)


def filters_of(plan: Plan, query: QueryDict) -> list[Choice]:
    """The lists that have something to choose from in this plan."""
    goals, forums = numbered(plan.goals), forums_of(plan)
    offered: list[tuple[str, str, list[tuple[Any, Any]]]] = [
        ("status", _("Status"), Status.choices()),
        ("tone", _("Counts as"), Tone.choices()),
        ("kind", _("Kind"), Kind.choices()),
        ("goal", _("Primary goal"), goals),
        ("serves", _("Serves goal"), goals),
        ("area", _("Area"), numbered(plan.areas)),
        ("forum", _("Forum"), forums),
        ("active_at", _("Activity lately at"), forums),
        ("freshness", _("Freshness"), Freshness.choices()),
        ("schedule", _("Schedule"), Schedule.choices()),
        ("coverage", _("Coverage"), Coverage.choices()),
        ("office", _("Office"), _coded(Office.objects.open())),
    ]
    levels = choice(
        "evidence_level_min",
        _("Evidence level from"),
        [(level, f"{level} {EVIDENCE_LEVELS[level]}") for level in range(1, len(EVIDENCE_LEVELS))],
        query,
        single=True,
    )
    listed = [
        choice(name, label, options, query)
        for name, label, options in offered
        if options or name in query
    ]
    return [*listed, levels]


def forums_of(plan: Plan) -> list[tuple[Any, Any]]:
    return _coded(Forum.objects.standing_in([plan]))


def _coded(rows: Any) -> list[tuple[Any, Any]]:
    names = [(row.code, str(row.name)) for row in rows]
    return [(code, name if name == code else f"{code} {name}") for code, name in names]


def numbered(rows: Any) -> list[tuple[Any, Any]]:
    return [(row.number, f"{row.number} {row.title}") for row in rows.order_by("number")]


def chips(choices: Iterable[Choice], query: QueryDict, *, apart: Iterable[str] = ()) -> list[Chip]:
    """One for each value that selects something; the clocks, and what is named `apart`, do not."""
    labels = {
        (offered.name, value): _("%(list)s: %(value)s") % {"list": offered.label, "value": text}
        for offered in choices
        for value, text, _on in offered.options
    }
    return [
        Chip(
            labels.get((name, value), _named(name, value)),
            _without(query, name, value),
        )
        for name, values in query.lists()
        if name not in CLOCKS and name not in apart
        for value in values
        if value
    ]


def timeless(query: QueryDict) -> dict[str, list[str]]:
    """Of the filters that are on those which select the same on any day."""
    chosen = filled_in(query)
    return {name: chosen.getlist(name) for name in TIMELESS if name in chosen}


def asked_of_the_api(plan: Plan, query: QueryDict) -> str:
    """The query of the API that selects the same."""
    asked = query.copy()
    asked["plan"] = plan.code
    return asked.urlencode()


def _named(name: str, value: str) -> str:
    """A filter that the form has no list for."""
    words = {
        "q": _("Words: %(value)s"),
        "changed_since": _("Changed since %(value)s"),
    }
    return words.get(name, "%(value)s") % {"value": value}


def _without(query: QueryDict, name: str, value: str) -> str:
    rest = query.copy()
    rest.setlist(name, [other for other in query.getlist(name) if other != value])
    return rest.urlencode()
