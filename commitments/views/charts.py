"""Bars and columns of roll-ups, as the numbers that the templates draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import Codes, Kind, Status, Tone
from commitments.rollups import Group, KindRollUp
from commitments.trend import Period

# Filters of the list of commitments that select what a number counts; None if none do.
Selection = Mapping[str, Any] | None
# A line of numbers: its name, and each number with the filters that select what it counts.
Counts = tuple[str, list[tuple[int, Mapping[str, Any]]]]


@dataclass(frozen=True)
class Segment:
    """So many commitments of one tone: where they begin and how long they are, in percent of the
    whole bar or column."""

    tone: Tone
    count: int
    start: float
    length: float

    @property
    def from_below(self) -> float:
        """Where it begins from the top, if the whole is filled from below."""
        return round(100 - self.start - self.length, 2)


@dataclass(frozen=True)
class Bar:
    """One kind's commitments of a group, by effective tone."""

    kind: Kind
    part: KindRollUp
    segments: list[Segment]


@dataclass(frozen=True)
class Row:
    """A group among others of its grouping, with bars on their common scale. A forum that is a part
    of another stands deeper."""

    group: Group
    bars: list[Bar]
    selects: Selection
    depth: int = 0


def bars(group: Group, scale: int | None = None) -> list[Bar]:
    """A bar for each kind of which the group has commitments. `scale`: how many commitments are
    the whole length; as many as there are, if it is not given."""
    return [
        Bar(kind, part, _segments(part, scale or part.of))
        for kind, part in group.kinds.items()
        if part.of
    ]


def rows(groups: Iterable[Group], by: str) -> list[Row]:
    """The groups of a grouping, with bars as long as they have commitments."""
    groups = list(groups)
    longest = max((part.of for group in groups for part in group.kinds.values()), default=0)
    return [
        Row(group, bars(group, longest), {by: group.key} if group.key else None) for group in groups
    ]


def rows_of_forums(groups: Iterable[Group]) -> list[Row]:
    """Of the forums, without the group of commitments that name none."""
    return rows([group for group in groups if group.key], "forum")


def _segments(part: KindRollUp, scale: int) -> list[Segment]:
    segments, before = [], 0
    for tone in Tone:
        count = part.tones[tone.value]
        if count:
            start, length = 100 * before / scale, 100 * count / scale
            segments.append(Segment(tone, count, round(start, 2), round(length, 2)))
            before += count
    return segments


@dataclass(frozen=True)
class Column:
    """How one kind's commitments stood at a period's end."""

    name: str
    bar: Bar
    selects: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """The numbers behind columns: for each of them how many there were of each code, with the
    filters that select those."""

    by: str
    title: Any
    codes: list[Codes]
    rows: list[Counts]


@dataclass(frozen=True)
class Series:
    """One kind's columns, with the tones that occur in them and their numbers."""

    kind: Kind
    of: int
    columns: list[Column]
    tones: list[Tone]
    tables: list[Table]


def series(periods: Iterable[Period], selects: Mapping[str, Any]) -> list[Series]:
    """A series for each kind of which there are commitments; `selects` are the filters that
    selected them all."""
    found: dict[Kind, list[Column]] = defaultdict(list)
    periods = list(periods)
    for period in periods:
        # The last one ends on the day that the page looks at anyhow.
        day = {} if period is periods[-1] else {"as_of": period.ends_on}
        for bar in bars(period.group):
            chosen = {**selects, "kind": bar.kind.value, **day}
            found[bar.kind].append(Column(period.name, bar, chosen))
    return [_series(kind, columns) for kind, columns in found.items()]


def _series(kind: Kind, columns: list[Column]) -> Series:
    parts = [column.bar.part for column in columns]
    occurring = [tone for tone in Tone if any(part.tones[tone.value] for part in parts)]
    # What is adverse has its column also where there was none.
    tones = [tone for tone in Tone if tone in occurring or tone is Tone.ADVERSE]
    codes = [code for code in parts[0].counts if any(part.counts[code] for part in parts)]
    statuses = [Status(code) for code in codes]
    return Series(
        kind,
        parts[0].of,
        columns,
        occurring,
        [
            Table("tone", _("Counts as"), [*tones], _numbers(columns, "tone", tones)),
            Table("status", _("Status"), [*statuses], _numbers(columns, "status", statuses)),
        ],
    )


def _numbers(columns: list[Column], by: str, codes: Iterable[Codes]) -> list[Counts]:
    def told(column: Column) -> list[tuple[int, Mapping[str, Any]]]:
        part = column.bar.part
        counts = {"tone": part.tones, "status": part.counts}[by]
        return [(counts[code.value], {**column.selects, by: code.value}) for code in codes]

    return [(column.name, told(column)) for column in columns]
