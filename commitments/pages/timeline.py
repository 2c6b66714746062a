"""The status of a commitment over time: years for a standing duty, steps for a deliverable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.choices import Freshness, Kind, PeriodUnit, Status, Tone
from commitments.models import Plan, ProgressUpdate
from commitments.rollups import Record
from commitments.rollups.trend import trend_periods
from commitments.templatetags.tracker import on_day

# Shown where the page of the trend has them all.
MAX_YEARS = 12
STEPS = (Status.NOT_STARTED, Status.STARTED, Status.SUBSTANTIAL, Status.COMPLETED)


@dataclass(frozen=True)
class YearStatus:
    """The status at a year's end, or on the date shown. `tone` is unknown once it has lapsed;
    `updates` counts those about that year."""

    name: str
    ends_on: date
    status: Status
    tone: Tone
    has_lapsed: bool
    updates: int

    @property
    def update_count(self) -> str:
        return ngettext("%(n)s update", "%(n)s updates", self.updates) % {"n": self.updates}


@dataclass(frozen=True)
class Step:
    """A step of a deliverable, with the first assessment of it if there is one. `has_lapsed` says
    that it is the current one and its assessment has lapsed."""

    status: Status
    first: ProgressUpdate | None
    is_current: bool
    has_lapsed: bool

    @property
    def tone(self) -> Tone:
        return self.status.rule.tone if self.first and not self.has_lapsed else Tone.UNKNOWN

    @property
    def first_assessed(self) -> str:
        if self.first is None:
            return _("not assessed")
        day = on_day(self.first.effective_on, self.first.date_precision)
        return _("from %(day)s") % {"day": day}


def years(
    commitment: Any, record: Record, updates: list[ProgressUpdate], plan: Plan, day: date
) -> list[YearStatus]:
    """Return the status of the last years until `day`, from the record of the commitment. `updates`
    are those that count."""
    update_counts = Counter(row.effective_on.year for row in updates)
    kinds = {commitment.pk: commitment.kind}
    found = []
    for period in trend_periods(kinds, record, plan, PeriodUnit.YEAR, day)[-MAX_YEARS:]:
        part = period.group.kinds[Kind(commitment.kind)]
        [status] = [Status(code) for code, n in part.counts.items() if n]
        [tone] = [Tone(code) for code, n in part.tones.items() if n]
        n = update_counts[period.ends_on.year]
        lapsed = bool(part.lapsed)
        found.append(YearStatus(period.name, period.ends_on, status, tone, lapsed, n))
    return found


def steps(commitment: Any, updates: list[ProgressUpdate]) -> list[Step]:
    """Return the steps of a deliverable. `updates` are those that count, newest first."""
    first = {row.status: row for row in updates if row.status}
    current, lapsed = commitment.assessment_status, commitment.freshness == Freshness.LAPSED
    return [
        Step(status, first.get(status), status == current, status == current and lapsed)
        for status in STEPS
    ]
