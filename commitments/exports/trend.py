"""The columns of a trend: for each period and kind, how many commitments have each status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext_lazy as _

from commitments.choices import Kind, Status, Tone
from commitments.exports.columns import Cell, Column, Columns, column
from commitments.rollups import KindRollUp
from commitments.rollups.trend import TrendPeriod


@dataclass(frozen=True)
class TrendRow:
    """The commitments of one kind at the end of a period."""

    period: TrendPeriod
    kind: Kind
    part: KindRollUp


def trend_rows(periods: Iterable[TrendPeriod]) -> Iterator[TrendRow]:
    """Yield a row for each period and each kind that has commitments."""
    for period in periods:
        for kind, part in period.group.kinds.items():
            if part.of:
                yield TrendRow(period, kind, part)


def _with_tone(tone: Tone, row: TrendRow) -> Cell:
    return row.part.tones[tone.value]


def _with_status(status: Status, row: TrendRow) -> Cell:
    return row.part.counts.get(status.value)


TREND_COLUMNS: Columns = (
    column("period", "period.name", _("The period")),
    column("ends_on", "period.ends_on", _("The day of the figures")),
    column("kind", "kind.value", _("The kind of the commitments")),
    column("commitments", "part.of", _("The number of commitments")),
    *(Column(f"tone_{tone.value}", partial(_with_tone, tone), tone.label) for tone in Tone),
    column("lapsed", "part.lapsed", _("Those of the unknown whose assessment has lapsed")),
    column("overdue", "part.overdue", _("Those that are overdue")),
    *(Column(f"status_{s.value}", partial(_with_status, s), s.label) for s in Status),
)
