"""Status by year as a sheet: for each kind of commitment, a column for each year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commitments.choices import Tone
from commitments.pictures.drawing import Box, Drawing, Words
from commitments.pictures.framing import (
    MARGIN,
    ROOM,
    SheetCell,
    SheetWords,
    cell_boxes,
    draw_foot,
    draw_head,
    draw_legend,
    new_sheet,
)
from commitments.pictures.palette import INKS, LINE, MUTED, ON_AREAS

COLUMN_HEIGHT = 220
MAX_COLUMN_WIDTH = 88
# The width of a column as a share of the distance between two columns.
COLUMN_SHARE = 0.78
GAP = 2
# The least height with room for a number, and the least with room for the line below it that shows
# the tone.
ROOM_FOR_NUMBER, ROOM_FOR_LINE = 20, 30


@dataclass(frozen=True)
class YearPart:
    """The commitments of one tone at the end of a year. `lapsed` is the number of those that have
    lapsed."""

    tone: Tone
    count: int
    lapsed: int = 0


@dataclass(frozen=True)
class YearColumn:
    name: str
    parts: Sequence[YearPart]

    @property
    def total(self) -> int:
        return sum(part.count for part in self.parts)


@dataclass(frozen=True)
class YearsPanel:
    """The columns of one kind."""

    heading: str
    columns: Sequence[YearColumn]


@dataclass(frozen=True)
class YearsSheet:
    """What a sheet of years shows. `lapsed` is the legend's word for lapsed assessments, if there
    are any."""

    text: SheetWords
    panels: Sequence[YearsPanel]
    tones: Sequence[Tone]
    lapsed: str


def draw_years(sheet: YearsSheet) -> Drawing:
    drawing = new_sheet(sheet.text)
    y = draw_head(drawing, sheet.text)
    if sheet.panels:
        y = draw_legend(drawing, sheet.tones, sheet.lapsed, y, tone_lapsed=Tone.UNKNOWN)
        for panel in sheet.panels:
            y = _panel(drawing, panel, y)
    draw_foot(drawing, sheet.text, y)
    return drawing


def _panel(drawing: Drawing, panel: YearsPanel, y: float) -> float:
    y = drawing.write(panel.heading, MARGIN, y + 10, 17, width=ROOM, weight=600)
    pitch = min(MAX_COLUMN_WIDTH / COLUMN_SHARE, ROOM / len(panel.columns))
    width = pitch * COLUMN_SHARE
    for place, column in enumerate(panel.columns):
        x = MARGIN + place * pitch
        _column(drawing, column, x, y, width)
        below = y + COLUMN_HEIGHT + 20
        drawing.words.append(Words(column.name, x + width / 2, below, 14, MUTED, anchor="middle"))
    drawing.boxes.append(Box(MARGIN, y + COLUMN_HEIGHT, pitch * len(panel.columns), 1, LINE))
    return y + COLUMN_HEIGHT + 48


def _column(drawing: Drawing, column: YearColumn, x: float, y: float, width: float) -> None:
    """Draw a column with its top at `y`; its parts are stacked from the bottom."""
    bottom = y + COLUMN_HEIGHT
    for part in column.parts:
        height = COLUMN_HEIGHT * part.count / column.total
        lapsed = height * part.lapsed / part.count
        bottom -= height
        for has_lapsed, top, size in (
            (True, bottom, lapsed),
            (False, bottom + lapsed, height - lapsed),
        ):
            if size:
                _area(drawing, SheetCell(part.tone, 2, has_lapsed, 0), x, top, width, size - GAP)
        middle = bottom + (height - GAP) / 2
        if height >= ROOM_FOR_NUMBER:
            drawing.words.append(_number(part, x + width / 2, middle + 5))
        else:
            beside = Words(str(part.count), x + width + 4, middle + 4, 12, INKS[part.tone])
            drawing.words.append(beside)


def _area(
    drawing: Drawing, cell: SheetCell, x: float, y: float, width: float, height: float
) -> None:
    boxes = cell_boxes(cell, x, y, width, max(height, 1))
    drawing.boxes += boxes if height >= ROOM_FOR_LINE else boxes[:1]


def _number(part: YearPart, x: float, y: float) -> Words:
    colour = ON_AREAS[part.tone]
    return Words(str(part.count), x, y, 15, colour, weight=600, anchor="middle")
