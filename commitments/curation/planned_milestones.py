"""The dates of a commitment's milestones as one cell, such as `m1 2026-03-01; m2 2026-09-30`."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from commitments.choices import DatePrecision
from commitments.clocks import parse_partial_date
from commitments.models import Commitment, Milestone
from commitments.texts.lists import ITEMS, join_list

# A sheet from the export also says when a milestone was met.
_STEP = re.compile(r"(?P<key>[a-z][a-z0-9]*)\s+(?P<day>\S+)(\s+met .*)?")
_SEPARATOR = re.compile(r"\s*[;；]\s*")


def milestone_cell(commitment: Commitment) -> str:
    """Return the cell of the milestones in use. Prefetch `milestones`."""
    steps = (step for step in commitment.milestones.all() if step.retired_at is None)
    return _written({step.key: step.due_on.isoformat() for step in steps})


def tidy_milestones(cell: str) -> str:
    """Return a cell in the form of `milestone_cell`, or unchanged if it cannot be parsed."""
    days = _days_in(cell)
    return cell if days is None else _written({key: f"{day}" for key, day in days.items()})


def moved_milestones(commitment: Commitment, cell: str) -> list[Milestone]:
    """Return the milestones in use whose date in a cell is a new one, unsaved and with that date.
    Raise ValidationError if the cell cannot be read, or does not name exactly the milestones in
    use."""
    days = _days_in(cell)
    steps = {step.key: step for step in commitment.milestones.all() if step.retired_at is None}
    if not steps and cell.strip():
        raise ValidationError(
            _("This commitment has no milestones. They are added on the page of the commitment.")
        )
    if days is None:
        raise ValidationError(
            _("Write each milestone once, as its key and its date, such as “m1 2026-06-30”.")
        )
    if days.keys() != steps.keys():
        message = _(
            "Here the dates of these milestones can be changed: %(keys)s. Milestones are added and "
            "dropped on the page of the commitment."
        )
        raise ValidationError(message % {"keys": join_list(steps, ITEMS)})
    moved = [step for key, step in steps.items() if step.due_on != days[key]]
    for step in moved:
        step.due_on = days[step.key]
    return moved


def _days_in(cell: str) -> dict[str, date] | None:
    """Return the dates of a cell by key, None if it cannot be read."""
    days: dict[str, date] = {}
    for part in filter(None, _SEPARATOR.split(cell.strip())):
        found = _STEP.fullmatch(part)
        parsed = parse_partial_date(found["day"]) if found else None
        if found is None or parsed is None or parsed.precision is not DatePrecision.DAY:
            return None
        if found["key"] in days:
            return None
        days[found["key"]] = parsed.day
    return days


def _written(days: dict[str, str]) -> str:
    keys = sorted(days, key=lambda key: (len(key), key))
    return "; ".join(f"{key} {days[key]}" for key in keys)
