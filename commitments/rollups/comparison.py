"""Comparison of a commitment on two days."""

from __future__ import annotations

from commitments.choices import Movement, Tone
from commitments.rollups.items import TONE_ORDER, Item


def movement_between(before: Item, after: Item) -> Movement | None:
    """Return how a commitment changed between two days, judged by its effective tones.

    None if neither its status nor its tone changed.
    """
    old, new = before.tone, after.tone
    if old is new:
        return None if before.status == after.status else Movement.OTHER
    if old in TONE_ORDER and new in TONE_ORDER:
        return Movement.BETTER if TONE_ORDER.index(new) > TONE_ORDER.index(old) else Movement.WORSE
    if Tone.APART in (old, new):
        return Movement.OTHER
    return Movement.BECAME_UNKNOWN if new is Tone.UNKNOWN else Movement.NEWLY_ASSESSED
