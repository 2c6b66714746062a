"""How much of a brief fits on one printed page, and in which size of type.

The template and the style sheet set the type; the numbers here are theirs, in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commitments.pictures.measure import break_lines

# A4 with margins of 12 mm, without the notice above and the address below, and less a tenth, since
# the widths of words are estimates.
PAGE_WIDTH, PAGE_HEIGHT = 527, 650
# In lines: a heading with the space around it, the space around an item, and the line that counts
# what was left out.
HEADING, ITEM_SPACE, MORE_LINE = 2.7, 0.45, 1.2
# The QR code stands beside the first lines.
HEAD_WIDTH = 0.8
MIN_ITEMS = 2


@dataclass(frozen=True)
class TypeSize:
    """A size of type in points, and the distance of its lines in sizes."""

    name: str
    points: float
    leading: float

    @property
    def width(self) -> float:
        """The width of the page in sizes."""
        return PAGE_WIDTH / self.points

    @property
    def lines(self) -> float:
        """The lines of the page."""
        return PAGE_HEIGHT / (self.points * self.leading)


TYPE_SIZES = (
    TypeSize("largest", 13.5, 1.5),
    TypeSize("large", 11.5, 1.45),
    TypeSize("normal", 10, 1.4),
    TypeSize("small", 8.5, 1.3),
)
# The paragraphs of an item.
BriefItem = Sequence[str]


@dataclass(frozen=True)
class BriefLayout:
    """The size of type, and how many items of each section are shown."""

    size: TypeSize
    shown: Mapping[str, int]


def lay_out(head: BriefItem, sections: Mapping[str, Sequence[BriefItem]]) -> BriefLayout:
    """Return the largest type in which all items fit on the page. Where they fit in none, items of
    the longest sections are left out, the last ones first, but at most down to `MIN_ITEMS`.

    `sections` are in the order in which their items may go, those to keep longest last.
    """
    for size in TYPE_SIZES:
        shown = {name: len(items) for name, items in sections.items()}
        if _height(head, sections, shown, size) <= size.lines:
            return BriefLayout(size, shown)
    size = TYPE_SIZES[-1]
    while _height(head, sections, shown, size) > size.lines:
        left = [name for name, n in shown.items() if n > MIN_ITEMS]
        if not left:
            break
        # Of sections that are equally long, the first.
        longest = max(left, key=lambda name: shown[name])
        shown[longest] -= 1
    return BriefLayout(size, shown)


def _height(
    head: BriefItem,
    sections: Mapping[str, Sequence[BriefItem]],
    shown: Mapping[str, int],
    size: TypeSize,
) -> float:
    """Return the height in lines."""
    height = _lines(head, size.width * HEAD_WIDTH)
    for name, items in sections.items():
        if not items:
            continue
        height += HEADING + sum(_lines(item, size.width) for item in items[: shown[name]])
        height += MORE_LINE if shown[name] < len(items) else 0
    return height


def _lines(item: BriefItem, width: float) -> float:
    return ITEM_SPACE + sum(max(1, len(break_lines(words, width))) for words in item)
