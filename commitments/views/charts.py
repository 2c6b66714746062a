"""Bars of a roll-up, as the numbers that the templates draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from commitments.choices import Kind, Tone
from commitments.rollups import Group, KindRollUp
from commitments.trend import Period

# From fulfilled to unknown, and what is set apart at the end.
ORDER = (Tone.FULFILLED, Tone.PARTIAL, Tone.NONE, Tone.ADVERSE, Tone.UNKNOWN, Tone.APART)
WIDTH = 1000


@dataclass(frozen=True)
class Segment:
    """A stretch of a bar that is `WIDTH` wide: so many commitments of one tone."""

    tone: Tone
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """One kind's commitments of a group, by effective tone."""

    kind: Kind
    part: KindRollUp
    segments: list[Segment]


def bars(group: Group) -> list[Bar]:
    """A bar for each kind of which the group has commitments."""
    return [Bar(kind, part, _segments(part)) for kind, part in group.kinds.items() if part.of]


@dataclass(frozen=True)
class Series:
    """One kind's bars over the years, each with its number of every tone that has a column."""

    kind: Kind
    tones: list[Tone]
    rows: list[tuple[str, Bar, list[int]]]


def series(periods: Iterable[Period]) -> list[Series]:
    """A series for each kind of which there are commitments. What is adverse has its column also
    where there was none."""
    found: dict[Kind, list[tuple[str, Bar]]] = defaultdict(list)
    for period in periods:
        for bar in bars(period.group):
            found[bar.kind].append((period.name, bar))
    return [_series(kind, rows) for kind, rows in found.items()]


def _series(kind: Kind, rows: list[tuple[str, Bar]]) -> Series:
    occurring = {tone for _name, bar in rows for tone, n in bar.part.tones.items() if n}
    tones = [tone for tone in ORDER if tone in occurring or tone is Tone.ADVERSE]
    return Series(
        kind,
        tones,
        [(name, bar, [bar.part.tones[tone.value] for tone in tones]) for name, bar in rows],
    )


def _segments(part: KindRollUp) -> list[Segment]:
    segments, before = [], 0
    for tone in ORDER:
        count = part.tones[tone.value]
        if count:
            x, width = WIDTH * before / part.of, WIDTH * count / part.of
            segments.append(Segment(tone, count, round(x, 2), round(width, 2)))
            before += count
    return segments
