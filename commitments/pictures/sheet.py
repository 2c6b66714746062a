"""The grid as a sheet that can be used on its own: headline, legend, rows, source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commitments.choices import Status, Tone
from commitments.pictures.drawing import Drawing, Mark, Words, em, lengths_within, width_of
from commitments.pictures.framing import (
    MARGIN,
    RIGHT,
    ROOM,
    SheetCell,
    SheetWords,
    cell_boxes,
    draw_foot,
    draw_head,
    draw_legend,
    new_sheet,
)
from commitments.pictures.measure import fit_lines
from commitments.pictures.palette import INK, INKS, MUTED, ON_AREAS

CELL, CELL_HEIGHT, GAP = 34, 26, 3
STATUS_WIDTH = 252
# The width of the words of a status, beside its mark.
STATUS_ROOM = STATUS_WIDTH - 36
ROW_SIZE, ROW_LINE = 15, 19
NUMBER_GAP = 12


@dataclass(frozen=True)
class SheetLine:
    """A commitment. `warning` says, for instance, that its assessment has lapsed."""

    number: str
    title: str
    cells: Sequence[SheetCell]
    status: Status
    warning: str


@dataclass(frozen=True)
class SheetSection:
    heading: str
    rows: Sequence[SheetLine]


@dataclass(frozen=True)
class GridSheet:
    """What a sheet of the grid shows. `lapsed` is the legend's word for lapsed cells, if there are
    any."""

    text: SheetWords
    periods: Sequence[str]
    sections: Sequence[SheetSection]
    tones: Sequence[Tone]
    lapsed: str

    @property
    def rows(self) -> list[SheetLine]:
        return [row for section in self.sections for row in section.rows]


def draw_sheet(sheet: GridSheet) -> Drawing:
    drawing = new_sheet(sheet.text)
    y = draw_head(drawing, sheet.text)
    if sheet.rows:
        y = draw_legend(
            drawing, sheet.tones, sheet.lapsed, y, tone_lapsed=Tone.PARTIAL, shades=True
        )
        y = _rows(drawing, sheet, y)
    draw_foot(drawing, sheet.text, y)
    return drawing


def _rows(drawing: Drawing, sheet: GridSheet, y: float) -> float:
    numbers = width_of((row.number for row in sheet.rows), ROW_SIZE) + NUMBER_GAP
    cells = RIGHT - STATUS_WIDTH - len(sheet.periods) * (CELL + GAP)
    for column, period in enumerate(sheet.periods):
        x = cells + column * (CELL + GAP) + CELL / 2
        drawing.words.append(Words(period, x, y, 13, MUTED, anchor="middle"))
    y += 10
    for section in sheet.sections:
        if section.heading:
            y = drawing.write(
                section.heading, MARGIN, y + 26, 14, width=ROOM, colour=MUTED, weight=600
            )
            y -= 10
        for row in section.rows:
            y = _row(drawing, row, y, MARGIN + numbers, cells)
    return y


def _row(drawing: Drawing, row: SheetLine, y: float, titles: float, cells: float) -> float:
    """Draw a row below `y`, with its title beginning at `titles` and its cells at `cells`. Return
    the position of the next row."""
    width = cells - titles - 16
    title = fit_lines(row.title, em(width, ROW_SIZE), 3)
    status = _status_lines(row)
    height = max(CELL_HEIGHT, ROW_LINE * max(len(title), len(status)) + 4)
    first = y + (height - ROW_LINE * len(title)) / 2 + 14
    drawing.words.append(Words(row.number, MARGIN, first, ROW_SIZE, weight=600))
    lengths = lengths_within(width, title, ROW_SIZE)
    for place, (line, length) in enumerate(zip(title, lengths, strict=True)):
        words = Words(line, titles, first + ROW_LINE * place, ROW_SIZE, length=length)
        drawing.words.append(words)
    for column, cell in enumerate(row.cells):
        _cell(drawing, cell, cells + column * (CELL + GAP), y, height)
    x = RIGHT - STATUS_WIDTH + 12
    first = y + (height - ROW_LINE * len(status)) / 2 + 14
    drawing.marks.append(Mark(x, first - 10, 11, row.status))
    lengths = lengths_within(STATUS_ROOM, [line for line, _colour, _weight in status], 14)
    for place, (line, colour, weight) in enumerate(status):
        length = lengths[place]
        words = Words(
            line, x + 19, first + ROW_LINE * place, 14, colour, weight=weight, length=length
        )
        drawing.words.append(words)
    return y + height + GAP


def _status_lines(row: SheetLine) -> list[tuple[str, str, int]]:
    """Return the lines for a status and its warning, each with its colour and weight."""
    width = em(STATUS_ROOM, 14)
    colour = INKS[row.status.rule.tone]
    status = [(line, colour, 600) for line in fit_lines(str(row.status.label), width, 2)]
    return status + [(line, MUTED, 400) for line in fit_lines(row.warning, width, 2)]


def _cell(drawing: Drawing, cell: SheetCell, x: float, y: float, height: float) -> None:
    drawing.boxes += cell_boxes(cell, x, y, CELL, height)
    if cell.events:
        colour = INK if cell.has_lapsed else ON_AREAS[cell.tone]
        x, y = x + CELL / 2, y + height / 2 + 4.5
        words = Words(str(cell.events), x, y, 13, colour, weight=600, anchor="middle")
        drawing.words.append(words)
