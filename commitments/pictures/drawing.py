"""A picture made of words and shapes at their positions, and its SVG and PNG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.template.loader import render_to_string

from commitments.choices import Status, Tone
from commitments.pictures import fonts
from commitments.pictures.measure import SERIF, fit_lines, fixed_widths, text_width
from commitments.pictures.palette import GROUND, INK, INKS, MARKS, ROUND_MARKS, SLASH, SURFACE
from commitments.texts.xml_safe import strip_invalid_xml

Font = Literal["sans", "serif"]
# The most pixels of a PNG. It is as sharp as this limit allows, up to twice the size of the SVG.
MAX_PIXELS = 12_000_000
MAX_ZOOM = 2
LINE_HEIGHT = 1.35


@dataclass(frozen=True)
class Words:
    """A line of text. `y` is the position of its baseline. `length` is the width to which the text
    is set, None for its natural width."""

    text: str
    x: float
    y: float
    size: float
    colour: str = INK
    font: Font = "sans"
    weight: int = 400
    anchor: Literal["start", "middle", "end"] = "start"
    length: float | None = None


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    colour: str
    frame: str = "none"
    radius: float = 0
    dashes: str = "none"


@dataclass(frozen=True)
class Mark:
    """The mark of a status, in the colour of its text."""

    x: float
    y: float
    size: float
    status: Status

    @property
    def scale(self) -> float:
        return self.size / 10

    @property
    def colour(self) -> str:
        return INKS[self.status.rule.tone]

    @property
    def filled(self) -> bool:
        return self.status.rule.tone in (Tone.FULFILLED, Tone.ADVERSE)

    @property
    def path(self) -> str:
        return MARKS.get(self.status, "")

    @property
    def slash(self) -> str:
        return SLASH if self.status.rule.tone is Tone.ADVERSE else ""

    @property
    def radius(self) -> float:
        return 5 if self.status in ROUND_MARKS else 0.5

    @property
    def dashes(self) -> str:
        return "2" if self.status is Status.UNASSESSED else "none"


@dataclass
class Drawing:
    """A picture that is being drawn. `language` is the tag of its text; `description` says what it
    shows to people who cannot see it."""

    width: int
    height: int
    title: str
    language: str
    description: str = ""
    ground: str = GROUND
    max_zoom: float = MAX_ZOOM
    boxes: list[Box] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        width: float,
        max_lines: int = 1,
        colour: str = INK,
        font: Font = "sans",
        weight: int = 400,
    ) -> float:
        """Write a text in at most `max_lines` lines of this width, the first on the baseline `y`.
        Return the baseline after the last line."""
        lines = fit_lines(text, em(width, size, font), max_lines)
        for line, length in zip(lines, lengths_within(width, lines, size, font), strict=True):
            self.words.append(Words(line, x, y, size, colour, font, weight, length=length))
            y += size * LINE_HEIGHT
        return y

    @property
    def surface(self) -> str:
        return SURFACE

    @property
    def text(self) -> str:
        return "".join([self.title, *(word.text for word in self.words)])

    def svg(self) -> str:
        context = {"drawing": self, "families": fonts.families(self.language)}
        return strip_invalid_xml(render_to_string("commitments/pictures/drawing.svg", context))

    def png(self) -> bytes:
        """Return the picture as PNG, with the size `png_size`."""
        width, height = self.png_size
        return fonts.render(self.svg(), width=width, height=height)

    @property
    def png_size(self) -> tuple[int, int]:
        zoom = min(self.max_zoom, (MAX_PIXELS / (self.width * self.height)) ** 0.5)
        return int(self.width * zoom), int(self.height * zoom)

    def undrawable(self) -> set[str]:
        """Return the scripts in the text that a PNG cannot show; see `fonts.undrawable`."""
        return fonts.undrawable(self.text)


def em(width: float, size: float, font: Font = "sans") -> float:
    """Return a width in pixels as em of text of this size. Serif text gets less, since it is
    wider."""
    return width / size / (SERIF if font == "serif" else 1)


def lengths_within(
    width: float, lines: Sequence[str], size: float, font: Font = "sans"
) -> list[float | None]:
    """Return the `Words.length` of each line of a text that was fitted into a width in pixels; see
    `fixed_widths`."""
    room = em(width, size, font)
    fixed = fixed_widths(lines, room)
    return [None if length is None else width * length / room for length in fixed]


def width_of(words: Iterable[str], size: float) -> float:
    """Return the width in pixels of the widest of these texts."""
    return max((text_width(word) * size for word in words), default=0)
