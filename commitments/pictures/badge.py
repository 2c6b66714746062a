"""A badge: a label and a status in words, side by side."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commitments.choices import Tone
from commitments.pictures.drawing import Box, Drawing, Words
from commitments.pictures.measure import text_width
from commitments.pictures.palette import AREAS, MUTED, ON_AREAS, SURFACE

SIZE = 12
BADGE_HEIGHT = 22
PADDING = 7
# Readers' fonts may be wider than ours.
SLACK = 1.08


def badge(label: str, status: str, tone: Tone, language: str) -> Drawing:
    """Return a badge; `tone` is the effective tone of the status."""
    widths = [text_width(text) * SIZE * SLACK for text in (label, status)]
    left, right = (round(width + 2 * PADDING) for width in widths)
    title = f"{label}{_(': ')}{status}"
    drawing = Drawing(left + right, BADGE_HEIGHT, title, language, ground="none")
    drawing.boxes = [
        Box(0, 0, left, BADGE_HEIGHT, MUTED),
        Box(left, 0, right, BADGE_HEIGHT, AREAS[tone]),
    ]
    places = ((label, PADDING, SURFACE), (status, left + PADDING, ON_AREAS[tone]))
    # Set texts to their estimated widths, since the reader's fonts are used.
    drawing.words = [
        Words(text, x, 15.5, SIZE, colour, weight=600, length=round(width, 1))
        for (text, x, colour), width in zip(places, widths, strict=True)
    ]
    return drawing
