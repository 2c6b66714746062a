"""What every picture contains so that it can be used on its own: a headline, a legend and the
source; and areas that show a tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commitments.choices import Tone
from commitments.pictures.drawing import Box, Drawing, Words, width_of
from commitments.pictures.palette import (
    INK,
    INKS,
    LAPSED_AREA,
    LINE,
    LINE_SHARE,
    MUTED,
    ON_AREAS,
    PARTIAL_REACH,
    area_of,
    mix,
)

WIDTH = 1200
MARGIN = 48
RIGHT = WIDTH - MARGIN
ROOM = WIDTH - 2 * MARGIN


@dataclass(frozen=True)
class SheetWords:
    """The text of a sheet. `subject` are the lines between title and sentence, `explanation` says
    what areas and numbers mean, and `source` are the lines at the foot."""

    title: str
    subject: Sequence[str]
    sentence: str
    explanation: str
    source: Sequence[str]
    language: str


@dataclass(frozen=True)
class SheetCell:
    tone: Tone
    shade: int
    has_lapsed: bool
    events: int


def new_sheet(text: SheetWords) -> Drawing:
    """Return a drawing whose height is still unknown."""
    return Drawing(WIDTH, 0, text.title, text.language, text.sentence)


def draw_head(drawing: Drawing, text: SheetWords) -> float:
    """Draw what is above the figures, and return the position at which they begin."""
    drawing.boxes.append(Box(MARGIN, 36, 64, 5, INK))
    y = drawing.write(text.title, MARGIN, 84, 34, width=ROOM, max_lines=3, font="serif", weight=600)
    for line in text.subject:
        y = drawing.write(line, MARGIN, y - 4, 18, width=ROOM, max_lines=2, weight=600) + 4
    y = drawing.write(text.sentence, MARGIN, y + 2, 20, width=ROOM, max_lines=5)
    y = drawing.write(text.explanation, MARGIN, y + 2, 14, width=ROOM, max_lines=3, colour=MUTED)
    return y + 6


def draw_legend(
    drawing: Drawing,
    tones: Sequence[Tone],
    lapsed: str,
    y: float,
    *,
    tone_lapsed: Tone,
    shades: bool = False,
) -> float:
    """Draw a sample of each tone and, if the word `lapsed` is given, of a lapsed assessment under
    this word. With `shades`, draw every shade of the tone that has shades."""
    x: float = MARGIN
    samples = [
        (str(tone.label), [SheetCell(tone, shade, False, 0) for shade in _shades(tone, shades)])
        for tone in tones
    ]
    if lapsed:
        samples.append((lapsed, [SheetCell(tone_lapsed, 2, True, 0)]))
    for label, cells in samples:
        squares = len(cells) * 17
        width = squares + 5 + width_of([label], 14) + 20
        if x + width > RIGHT:
            x, y = MARGIN, y + 24
        for place, cell in enumerate(cells):
            drawing.boxes += cell_boxes(cell, x + place * 17, y - 6, 14, 14)
        drawing.words.append(Words(label, x + squares + 4, y + 6, 14))
        x += width
    return y + 34


def _shades(tone: Tone, all_of_them: bool) -> Sequence[int]:
    return sorted(PARTIAL_REACH) if all_of_them and tone is Tone.PARTIAL else (2,)


def draw_foot(drawing: Drawing, text: SheetWords, y: float) -> None:
    """Draw the source, and end the drawing below it."""
    drawing.boxes.append(Box(MARGIN, y + 18, ROOM, 1, LINE))
    y += 44
    for line in text.source:
        # The width of an address cannot be estimated from its characters, so leave a margin.
        y = drawing.write(line, MARGIN, y, 13, width=0.9 * ROOM, max_lines=3, colour=MUTED)
    drawing.height = int(y + 16)


def cell_boxes(cell: SheetCell, x: float, y: float, width: float, height: float) -> list[Box]:
    """Return the boxes of a cell: its area and the line in it."""
    return [cell_box(cell, x, y, width, height), *_line(cell, x, y, width, height)]


def cell_box(cell: SheetCell, x: float, y: float, width: float, height: float) -> Box:
    """Return the box of a cell's area."""
    colour = area_of(cell.tone, cell.shade)
    if cell.has_lapsed:
        area = mix(colour, LAPSED_AREA)
        return _framed(x, y, width, height, area, INKS[cell.tone], "1 1.5")
    if cell.tone is Tone.APART:
        return _framed(x, y, width, height, colour, INKS[cell.tone], "3")
    return Box(x, y, width, height, colour, radius=2)


def _line(cell: SheetCell, x: float, y: float, width: float, height: float) -> list[Box]:
    """Return the boxes of the line that shows a cell's tone without colour: a full line, a partial
    one, a dot in the middle, a dashed one, or none."""
    inset = width // 12 + 1
    whole = width - 2 * inset
    area = area_of(cell.tone, cell.shade)
    own = INKS[cell.tone] if cell.has_lapsed else mix(ON_AREAS[cell.tone], LINE_SHARE, area)

    def piece(start: float, length: float) -> Box:
        return Box(x + inset + start, y + height - 5, length, 3, own)

    match cell.tone:
        case Tone.FULFILLED:
            return [piece(0, whole)]
        case Tone.PARTIAL:
            return [piece(0, whole * PARTIAL_REACH[cell.shade])]
        case Tone.NONE:
            return [piece(whole / 2 - 2, 4)]
        case Tone.ADVERSE:
            return [piece(start, 2) for start in range(0, int(whole) - 1, 4)]
        case _:
            return []


def _framed(
    x: float, y: float, width: float, height: float, colour: str, frame: str, dashes: str = "none"
) -> Box:
    """Return a box whose frame is drawn inside its edges."""
    return Box(x + 0.5, y + 0.5, width - 1, height - 1, colour, frame, 2, dashes)
