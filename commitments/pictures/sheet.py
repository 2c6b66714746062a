"""The grid as a sheet that needs nothing around it: headline, legend, rows, source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commitments.choices import Status, Tone
from commitments.pictures.drawing import Box, Drawing, Mark, Words, em, width_of
from commitments.pictures.measure import fit_lines
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
    mixed,
)

WIDTH = 1200
MARGIN = 48
RIGHT = WIDTH - MARGIN
CELL, CELL_HEIGHT, GAP = 34, 26, 3
STATUS_WIDTH = 252
ROW_SIZE, ROW_LINE = 15, 19
NUMBER_GAP = 12


@dataclass(frozen=True)
class SheetCell:
    tone: Tone
    shade: int
    has_lapsed: bool
    events: int


@dataclass(frozen=True)
class SheetLine:
    """A commitment; `warning` is that its assessment has lapsed and the like."""

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
    """What a sheet says. `subject` are lines between title and sentence, `explanation` says what
    cells and numbers are, `lapsed` is the word of the legend where there are such cells, `source`
    are the lines at the foot."""

    title: str
    subject: Sequence[str]
    sentence: str
    explanation: str
    periods: Sequence[str]
    sections: Sequence[SheetSection]
    tones: Sequence[Tone]
    lapsed: str
    source: Sequence[str]
    language: str

    @property
    def rows(self) -> list[SheetLine]:
        return [row for section in self.sections for row in section.rows]


def draw_sheet(sheet: GridSheet) -> Drawing:
    drawing = Drawing(WIDTH, 0, sheet.title, sheet.language, sheet.sentence)
    y = _head(drawing, sheet)
    if sheet.rows:
        y = _legend(drawing, sheet, y)
        y = _rows(drawing, sheet, y)
    drawing.height = int(_foot(drawing, sheet, y))
    return drawing


def _head(drawing: Drawing, sheet: GridSheet) -> float:
    drawing.boxes.append(Box(MARGIN, 36, 64, 5, INK))
    width = WIDTH - 2 * MARGIN
    y = drawing.write(sheet.title, MARGIN, 84, 34, width=width, most=3, font="serif", weight=600)
    for line in sheet.subject:
        y = drawing.write(line, MARGIN, y - 4, 18, width=width, most=2, weight=600) + 4
    y = drawing.write(sheet.sentence, MARGIN, y + 2, 20, width=width, most=5)
    y = drawing.write(sheet.explanation, MARGIN, y + 2, 14, width=width, most=3, colour=MUTED)
    return y + 6


def _legend(drawing: Drawing, sheet: GridSheet, y: float) -> float:
    x: float = MARGIN
    samples = [(str(tone.label), SheetCell(tone, 2, False, 0)) for tone in sheet.tones]
    if sheet.lapsed:
        samples.append((sheet.lapsed, SheetCell(Tone.PARTIAL, 2, True, 0)))
    for label, cell in samples:
        width = 22 + width_of([label], 14) + 20
        if x + width > RIGHT:
            x, y = MARGIN, y + 24
        drawing.boxes += [cell_box(cell, x, y - 6, 14, 14), *_line(cell, x, y - 6, 14, 14)]
        drawing.words.append(Words(label, x + 21, y + 6, 14))
        x += width
    return y + 34


def _rows(drawing: Drawing, sheet: GridSheet, y: float) -> float:
    numbers = width_of((row.number for row in sheet.rows), ROW_SIZE) + NUMBER_GAP
    cells = RIGHT - STATUS_WIDTH - len(sheet.periods) * (CELL + GAP)
    for column, period in enumerate(sheet.periods):
        x = cells + column * (CELL + GAP) + CELL / 2
        drawing.words.append(Words(period, x, y, 13, MUTED, anchor="middle"))
    y += 10
    for section in sheet.sections:
        if section.heading:
            width = WIDTH - 2 * MARGIN
            y = drawing.write(
                section.heading, MARGIN, y + 26, 14, width=width, colour=MUTED, weight=600
            )
            y -= 10
        for row in section.rows:
            y = _row(drawing, row, y, MARGIN + numbers, cells)
    return y


def _row(drawing: Drawing, row: SheetLine, y: float, titles: float, cells: float) -> float:
    """Draw a row below `y`, with its title from `titles` and its cells from `cells` on; return
    where the next one is."""
    title = fit_lines(row.title, em(cells - titles - 16, ROW_SIZE), 3)
    status = _status_lines(row)
    height = max(CELL_HEIGHT, ROW_LINE * max(len(title), len(status)) + 4)
    first = y + (height - ROW_LINE * len(title)) / 2 + 14
    drawing.words.append(Words(row.number, MARGIN, first, ROW_SIZE, weight=600))
    for place, line in enumerate(title):
        drawing.words.append(Words(line, titles, first + ROW_LINE * place, ROW_SIZE))
    for column, cell in enumerate(row.cells):
        _cell(drawing, cell, cells + column * (CELL + GAP), y, height)
    x = RIGHT - STATUS_WIDTH + 12
    first = y + (height - ROW_LINE * len(status)) / 2 + 14
    drawing.marks.append(Mark(x, first - 10, 11, row.status))
    for place, (line, colour, weight) in enumerate(status):
        words = Words(line, x + 19, first + ROW_LINE * place, 14, colour, weight=weight)
        drawing.words.append(words)
    return y + height + GAP


def _status_lines(row: SheetLine) -> list[tuple[str, str, int]]:
    """Return the lines of a status and its warning, each with its colour and weight."""
    width = em(STATUS_WIDTH - 36, 14)
    colour = INKS[row.status.rule.tone]
    status = [(line, colour, 600) for line in fit_lines(str(row.status.label), width, 2)]
    return status + [(line, MUTED, 400) for line in fit_lines(row.warning, width, 2)]


def _cell(drawing: Drawing, cell: SheetCell, x: float, y: float, height: float) -> None:
    drawing.boxes += [cell_box(cell, x, y, CELL, height), *_line(cell, x, y, CELL, height)]
    if cell.events:
        colour = INK if cell.has_lapsed else ON_AREAS[cell.tone]
        x, y = x + CELL / 2, y + height / 2 + 4.5
        words = Words(str(cell.events), x, y, 13, colour, weight=600, anchor="middle")
        drawing.words.append(words)


def cell_box(cell: SheetCell, x: float, y: float, width: float, height: float) -> Box:
    """Return the area of a cell."""
    colour = area_of(cell.tone, cell.shade)
    if cell.has_lapsed:
        area = mixed(colour, LAPSED_AREA)
        return _framed(x, y, width, height, area, INKS[cell.tone], "1 1.5")
    if cell.tone is Tone.APART:
        return _framed(x, y, width, height, colour, INKS[cell.tone], "3")
    return Box(x, y, width, height, colour, radius=2)


def _line(cell: SheetCell, x: float, y: float, width: float, height: float) -> list[Box]:
    """Return the line in a cell that tells its tone without colour: whole, in part, a dot in the
    middle, in pieces, or none."""
    inset = width // 12 + 1
    whole = width - 2 * inset
    area = area_of(cell.tone, cell.shade)
    own = INKS[cell.tone] if cell.has_lapsed else mixed(ON_AREAS[cell.tone], LINE_SHARE, area)

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
    """Return a box whose frame is within it."""
    return Box(x + 0.5, y + 0.5, width - 1, height - 1, colour, frame, 2, dashes)


def _foot(drawing: Drawing, sheet: GridSheet, y: float) -> float:
    width = WIDTH - 2 * MARGIN
    drawing.boxes.append(Box(MARGIN, y + 18, width, 1, LINE))
    y += 44
    for line in sheet.source:
        # Addresses have no characters by which their width could be told.
        y = drawing.write(line, MARGIN, y, 13, width=0.9 * width, most=3, colour=MUTED)
    return y + 16
