"""The dates of schedules in the contents that decisions record of commitments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from commitments.choices import ScheduleDate
from commitments.ledger.documents import Document


class DateName(NamedTuple):
    """The name of a date of a commitment; `milestone` is a key, "" for the commitment's own
    dates."""

    milestone: str
    name: str


def changed_dates(
    before: Mapping[DateName, date | None], content: Document | None
) -> dict[DateName, date | None]:
    """Return the dates in the content of a commitment that differ from those before; None for those
    that it no longer has. `content` is None if the commitment was deleted."""
    after = _dates_in(content or {})
    names = dict.fromkeys([*before, *after])
    return {name: after.get(name) for name in names if after.get(name) != before.get(name)}


def _dates_in(content: Document) -> dict[DateName, date | None]:
    own = {DateName("", name.value): content.get(name.value) for name in ScheduleDate}
    steps = {
        DateName(item["key"], ScheduleDate.DUE_ON.value): item["due_on"]
        for item in content.get("milestones", [])
    }
    return {name: date.fromisoformat(day) for name, day in (own | steps).items() if day}
