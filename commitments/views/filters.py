"""The filters of the list of commitments as a form: what can be chosen, and what is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import Freshness, Kind, Schedule, Status
from commitments.filters import CommitmentFilter
from commitments.health import Coverage
from commitments.models import Forum, Office, Plan


@dataclass(frozen=True)
class Choice:
    """One list of the form: (value, label, whether it is chosen) for each of its options."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


def filters_of(plan: Plan, filterset: CommitmentFilter) -> list[Choice]:
    """The lists that have something to choose from in this plan."""
    forums = Forum.objects.named_in([plan]).in_order()
    offices = Office.objects.open()
    offered: list[tuple[str, str, list[tuple[Any, Any]]]] = [
        ("status", _("Status"), Status.choices()),
        ("kind", _("Kind"), Kind.choices()),
        ("goal", _("Goal"), _numbered(plan.goals)),
        ("area", _("Area"), _numbered(plan.areas)),
        ("forum", _("Forum"), [(row.code, f"{row.code} {row.name}") for row in forums]),
        ("freshness", _("Freshness"), Freshness.choices()),
        ("schedule", _("Schedule"), Schedule.choices()),
        ("coverage", _("Coverage"), Coverage.choices()),
        ("office", _("Office"), [(row.code, f"{row.code} {row.name}") for row in offices]),
    ]
    chosen: Any = filterset.form.data
    return [
        Choice(
            name,
            label,
            [
                (str(value), str(text), str(value) in chosen.getlist(name))
                for value, text in options
            ],
        )
        for name, label, options in offered
        if options
    ]


def _numbered(rows: Any) -> list[tuple[Any, Any]]:
    return [(row.number, f"{row.number} {row.title}") for row in rows.order_by("number")]
