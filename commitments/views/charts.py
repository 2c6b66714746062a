"""Bars of a roll-up, as the numbers that the templates draw."""

from __future__ import annotations

from dataclasses import dataclass

from commitments.choices import Kind, Tone
from commitments.rollups import Group, KindRollUp

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


def _segments(part: KindRollUp) -> list[Segment]:
    segments, before = [], 0
    for tone in ORDER:
        count = part.tones[tone.value]
        if count:
            x, width = WIDTH * before / part.of, WIDTH * count / part.of
            segments.append(Segment(tone, count, round(x, 2), round(width, 2)))
            before += count
    return segments
