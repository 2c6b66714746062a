"""Colours and marks of pictures, which are those of the style sheet's light theme."""

from __future__ import annotations

from commitments.choices import Status, Tone

GROUND = "#fbfaf7"
SURFACE = "#ffffff"
INK = "#16202b"
MUTED = "#535d68"
LINE = "#dedbd3"

# For each tone: the colours of text, of areas, and of text on these areas.
INKS = {
    Tone.FULFILLED: "#0b6650",
    Tone.PARTIAL: "#855700",
    Tone.NONE: "#59616d",
    Tone.ADVERSE: "#a3211d",
    Tone.UNKNOWN: "#636b75",
    Tone.APART: "#574690",
}
AREAS = {
    Tone.FULFILLED: "#0f7a5c",
    Tone.PARTIAL: "#e5b04a",
    Tone.NONE: "#878d98",
    Tone.ADVERSE: "#7d1a16",
    Tone.UNKNOWN: "#e9e7df",
    Tone.APART: "#fbfaf7",
}
ON_AREAS = {
    Tone.FULFILLED: "#ffffff",
    Tone.PARTIAL: "#2a1d00",
    Tone.NONE: "#0b0e12",
    Tone.ADVERSE: "#ffffff",
    Tone.UNKNOWN: "#535d68",
    Tone.APART: "#574690",
}
# The colours of a partly fulfilled cell by its shade. The middle shade has the colour of the tone.
PARTIAL_SHADES = {1: "#f3d999", 3: "#cd9424"}
# The share of the tone's colour in the area of a lapsed cell.
LAPSED_AREA = 0.22
# The line in a cell, which shows its tone without colour: how much of the text colour is mixed into
# it and, in a partly fulfilled cell, its length for each shade.
LINE_SHARE = 0.65
PARTIAL_REACH = {1: 0.25, 2: 0.5, 3: 0.75}

# The mark of a status, as a path in a square of 10 by 10. Statuses whose tone is fulfilled or
# adverse have a filled square instead, struck through if adverse.
MARKS = {
    Status.STARTED: "M0 7h10v3H0z",
    Status.PARTLY_ACTIVE: "M0 0h5v10H0z",
    Status.SUBSTANTIAL: "M0 3h10v7H0z",
    Status.STALLED: "M0 3.8h10v2.4H0z",
    Status.INACTIVE: "M3.8 0h2.4v10H3.8z",
    Status.NO_EVIDENCE: "M0 4L4 0h2L0 6zM0 9L9 0h1v1L1 10H0zM5 10l5-5v2l-3 3z",
    Status.WITHDRAWN: "M0 0h1.5L10 8.5V10H8.5L0 1.5z",
}
SLASH = "M8.2.8l1 1-7.4 7.4-1-1z"
ROUND_MARKS = frozenset((Status.COMPLETED, Status.NOT_ACHIEVED))


def area_of(tone: Tone, shade: int) -> str:
    """Return the colour of a cell of the grid."""
    if tone is Tone.PARTIAL:
        return PARTIAL_SHADES.get(shade, AREAS[tone])
    return AREAS[tone]


def mix(colour: str, share: float, ground: str = GROUND) -> str:
    """Return the mix of this share of a colour with a ground colour. Colours are “#rrggbb”."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
