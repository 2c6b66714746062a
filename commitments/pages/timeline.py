"""The status of a commitment over time as a band, with its events as dots above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import DatePrecision, EventType, Status, Tone
from commitments.models import Plan, ProgressUpdate
from commitments.rollups import CommitmentRecord
from commitments.templatetags.tracker import on_day
from commitments.texts.lists import COMMAS, join_list

# More year names would overlap on a phone.
MAX_YEAR_NAMES = 12


@dataclass(frozen=True)
class Stretch:
    """A stretch of time with one status: its start and length in percent of the band. `tone` is the
    tone of the status, whether or not the assessment has lapsed."""

    start: float
    length: float
    first: date
    precision: str
    status: Status
    has_lapsed: bool

    @property
    def tone(self) -> Tone:
        return self.status.rule.tone

    @property
    def words(self) -> str:
        """“Partly active from 31 December 2018”, with a remark if it has lapsed."""
        facts = [str(self.status.label), *([_("lapsed")] if self.has_lapsed else [])]
        names = {"status": join_list(facts, COMMAS), "day": on_day(self.first, self.precision)}
        return _("%(status)s from %(day)s") % names


@dataclass(frozen=True)
class Dot:
    """The events of a day, or of a month or year that ends on it. Its position is in percent."""

    place: float
    day: date
    precision: str
    types: tuple[EventType, ...]

    @property
    def is_hollow(self) -> bool:
        """Whether the events are only words or context."""
        return {EventType.STATEMENT, EventType.CONTEXT}.issuperset(self.types)

    @property
    def words(self) -> str:
        types = join_list([code.label for code in self.types], COMMAS)
        names = {"day": on_day(self.day, self.precision), "types": types}
        return pgettext("events of a day", "%(day)s: %(types)s") % names


@dataclass(frozen=True)
class YearMark:
    """The beginning of a year. Its position is in percent; `name` is "" if there is no room for
    it."""

    place: float
    name: str


@dataclass(frozen=True)
class Band:
    """The band from the plan's adoption, or from the earliest record before it, to the day
    shown."""

    stretches: list[Stretch]
    dots: list[Dot]
    years: list[YearMark]

    @property
    def turns(self) -> list[Stretch]:
        """The stretches that differ from the one before: others only renew the assessment."""
        before = [None, *self.stretches]
        return [
            stretch
            for stretch, last in zip(self.stretches, before, strict=False)
            if last is None
            or (last.status, last.has_lapsed) != (stretch.status, stretch.has_lapsed)
        ]

    @property
    def tones(self) -> list[Tone]:
        """The tones that occur, for the legend."""
        found = {stretch.tone for stretch in self.stretches}
        return [tone for tone in Tone if tone in found]

    @property
    def has_lapsed(self) -> bool:
        return any(stretch.has_lapsed for stretch in self.stretches)

    @property
    def has_hollow_dots(self) -> bool:
        return any(dot.is_hollow for dot in self.dots)


def band_of(
    record: CommitmentRecord, updates: Sequence[ProgressUpdate], plan: Plan, day: date
) -> Band | None:
    """Return the band of a commitment up to a day; None if nothing is on record by then. `updates`
    are those in its record."""
    if not updates:
        return None
    first = min([*(row.effective_on for row in updates), plan.adopted_on or day])
    scale = Scale(first, day)
    precisions = {row.pk: row.date_precision for row in updates}
    changes = list(_changes(record, first, day))
    ends = [change.first for change in changes[1:]] + [day + timedelta(days=1)]
    stretches = [
        Stretch(
            scale.place(change.first),
            scale.length(change.first, end),
            change.first,
            precisions.get(change.update or 0, DatePrecision.DAY),
            change.status,
            change.has_lapsed,
        )
        for change, end in zip(changes, ends, strict=True)
    ]
    return Band(stretches, list(_dots(updates, scale)), list(_years(scale)))


@dataclass(frozen=True)
class Scale:
    """Maps days to positions on a band, in percent. The band includes the whole of both end
    days."""

    first: date
    last: date

    def place(self, day: date) -> float:
        return self.length(self.first, day)

    def length(self, start: date, end: date) -> float:
        """Return the length from the beginning of one day to the beginning of another."""
        return round(100 * (end - start).days / ((self.last - self.first).days + 1), 2)


class StatusFrom(NamedTuple):
    """A status that held, or had lapsed, from a day on. `update` is the assessment that took effect
    on this day, None if there was none."""

    first: date
    status: Status
    has_lapsed: bool = False
    update: int | None = None


def _changes(record: CommitmentRecord, first: date, last: date) -> Iterator[StatusFrom]:
    """Yield each status from the day on which it began to hold, from the first to the last day."""
    rows = [row for row in record.assessments if row.effective_on <= last]
    if not rows or rows[0].effective_on > first:
        yield StatusFrom(first, Status.UNASSESSED)
    ends = [*(row.effective_on for row in rows[1:]), last + timedelta(days=1)]
    for row, until in zip(rows, ends, strict=False):
        if until == row.effective_on:
            continue
        lapse = record.lapses_on(row)
        if lapse is None or lapse > row.effective_on:
            yield StatusFrom(row.effective_on, row.status, update=row.update)
        if lapse is not None and lapse < until:
            yield StatusFrom(lapse, row.status, has_lapsed=True)


def _dots(updates: Iterable[ProgressUpdate], scale: Scale) -> Iterator[Dot]:
    by_day: dict[tuple[date, str], list[EventType]] = {}
    for row in sorted(updates, key=lambda row: row.effective_on):
        if row.event_type:
            types = by_day.setdefault((row.effective_on, row.date_precision), [])
            types.append(EventType(row.event_type))
    for (on, precision), types in by_day.items():
        yield Dot(scale.place(on), on, precision, tuple(types))


def _years(scale: Scale) -> Iterator[YearMark]:
    years = range(scale.first.year, scale.last.year + 1)
    step = -(-len(years) // MAX_YEAR_NAMES)
    for year in years[1:]:
        name = str(year) if (scale.last.year - year) % step == 0 else ""
        yield YearMark(scale.place(date(year, 1, 1)), name)
