"""The picture that accompanies a link to a page where it is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commitments.choices import Status, Tone
from commitments.pictures.drawing import LINE_HEIGHT, Box, Drawing, Mark, Words, em, width_of
from commitments.pictures.framing import SheetCell, cell_box
from commitments.pictures.measure import fit_lines, shorten
from commitments.pictures.palette import AREAS, INK, INKS, LINE, MUTED, SURFACE

SHARE_WIDTH, SHARE_HEIGHT = 1200, 630
INSET = 72
INNER = SHARE_WIDTH - 2 * INSET
# Title sizes, largest first, each with the number of lines that it allows.
TITLE_SIZES = ((60, 2), (50, 3), (42, 4))


BAR_PITCH = 60


@dataclass(frozen=True)
class ShareBar:
    """Counts of commitments of one kind by tone, with the same counts in words."""

    caption: str
    segments: Sequence[tuple[Tone, int]]


@dataclass(frozen=True)
class ShareCard:
    """What the picture of a page shows: for one commitment its status, a `warning` if its
    assessment has lapsed, and a cell for each period; for several commitments the sentence and
    bars. `notice` is the last line."""

    kicker: str
    title: str
    site: str
    day: str
    language: str
    notice: str = ""
    status: Status | None = None
    warning: str = ""
    sentence: str = ""
    bars: Sequence[ShareBar] = ()
    periods: Sequence[str] = ()
    cells: Sequence[SheetCell] = ()


def draw_share(card: ShareCard) -> Drawing:
    drawing = Drawing(SHARE_WIDTH, SHARE_HEIGHT, card.title, card.language, card.sentence)
    drawing.ground, drawing.max_zoom = SURFACE, 1
    drawing.boxes.append(Box(0, 0, SHARE_WIDTH, 18, _band(card)))
    kicker = shorten(card.kicker, em(INNER, 28))
    drawing.words.append(Words(kicker, INSET, 96, 28, MUTED))
    y = _title(drawing, card)
    if card.status:
        _status(drawing, card, card.status)
    else:
        _sentence(drawing, card, y)
    _foot(drawing, card)
    return drawing


def _band(card: ShareCard) -> str:
    """Return the colour of the band at the top; for a lapsed assessment, the colour of unknown."""
    if card.status is None:
        return INK
    return AREAS[Tone.UNKNOWN if card.warning else card.status.rule.tone]


def _title(drawing: Drawing, card: ShareCard) -> float:
    sizes = TITLE_SIZES if card.status else TITLE_SIZES[1:]
    for size, max_lines in sizes:
        lines = fit_lines(card.title, em(INNER, size, "serif"), max_lines)
        if not lines or not lines[-1].endswith("…"):
            break
    y: float = 112 + size
    for line in lines:
        drawing.words.append(Words(line, INSET, y, size, font="serif", weight=600))
        y += size * 1.22
    return y


def _status(drawing: Drawing, card: ShareCard, status: Status) -> None:
    y = 398 if card.warning else 430
    colour = INKS[status.rule.tone]
    drawing.marks.append(Mark(INSET, y - 32, 34, status))
    label = shorten(str(status.label), em(INNER - 56, 42))
    drawing.words.append(Words(label, INSET + 54, y, 42, colour, weight=600))
    if card.warning:
        words = shorten(card.warning, em(INNER - 56, 28))
        drawing.words.append(Words(words, INSET + 54, y + 42, 28, INKS[Tone.PARTIAL]))
    if not card.cells:
        return
    pitch = min(96, INNER / len(card.cells))
    for place, (period, cell) in enumerate(zip(card.periods, card.cells, strict=True)):
        x = INSET + place * pitch
        drawing.boxes.append(cell_box(cell, x, 470, pitch - 4, 30))
        middle = x + (pitch - 4) / 2
        drawing.words.append(Words(period, middle, 522, 18, MUTED, anchor="middle"))


def _sentence(drawing: Drawing, card: ShareCard, y: float) -> None:
    size, bars = 28, BAR_PITCH * len(card.bars)
    room = SHARE_HEIGHT - 112 - bars - y
    max_lines = max(1, int(room / (size * LINE_HEIGHT)))
    drawing.write(card.sentence, INSET, y + 4, size, width=INNER, max_lines=max_lines)
    for place, bar in enumerate(card.bars):
        _bar(drawing, bar, SHARE_HEIGHT - 92 - bars + BAR_PITCH * place)


def _bar(drawing: Drawing, bar: ShareBar, y: float) -> None:
    drawing.write(bar.caption, INSET, y, 19, width=INNER, colour=MUTED)
    y += 8
    total, x = sum(n for _tone, n in bar.segments), float(INSET)
    for tone, n in bar.segments:
        width = INNER * n / total
        frame = INKS[tone] if tone is Tone.APART else "none"
        drawing.boxes.append(Box(x, y, max(1, width - 3), 20, AREAS[tone], frame))
        x += width


def _foot(drawing: Drawing, card: ShareCard) -> None:
    right, y = SHARE_WIDTH - INSET, SHARE_HEIGHT - (50 if card.notice else 38)
    drawing.boxes.append(Box(INSET, SHARE_HEIGHT - 82, INNER, 1, LINE))
    day = shorten(card.day, em(INNER * 0.8, 22))
    drawing.words.append(Words(day, right, y, 22, MUTED, anchor="end"))
    site = shorten(card.site, em(INNER - 40 - width_of([day], 22), 24))
    drawing.words.append(Words(site, INSET, y, 24, weight=600))
    if card.notice:
        notice = shorten(card.notice, em(INNER, 17))
        drawing.words.append(Words(notice, INSET, SHARE_HEIGHT - 20, 17, MUTED))
