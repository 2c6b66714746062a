"""How much of a brief fits on one printed page, and in which size of type.

The template and the style sheet set the type; the numbers here are theirs, in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commitments.pictures.measure import break_lines

# A4 with margins of 12 mm, without the notice above and the address below, and less a tenth,
# since the widths of words are estimates.
PAGE_WIDTH, PAGE_HEIGHT = 527, 655
# In sizes of type: the title, the distance of its lines, a heading with the space around it, the
# space around an item and around a paragraph of it that is neither its first nor its last.
TITLE, TITLE_LINE, HEADING, ITEM_SPACE, QUOTATION_SPACE = 1.65, 2.06, 3.2, 0.45, 0.4
# The QR code with its address, which stands beside the head.
QR_HEIGHT, HEAD_WIDTH = 95, 0.77
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
    def height(self) -> float:
        """The height of the page in sizes."""
        return PAGE_HEIGHT / self.points


# The distance of lines, from which number of points on.
LEADINGS = {11: 1.5, 9: 1.4, 0: 1.3}


def _size(points: float) -> TypeSize:
    leading = next(leading for least, leading in LEADINGS.items() if points >= least)
    return TypeSize(f"{points:g}", points, leading)


# The largest first, in halves of a point. The style sheet has a rule for each, and spreads the
# sections over what is left of the page.
TYPE_SIZES = tuple(_size(halves / 2) for halves in range(36, 16, -1))
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

    `head` begins with the title. `sections` are in the order in which their items
    may go, those to keep longest last.
    """
    for size in TYPE_SIZES:
        shown = {name: len(items) for name, items in sections.items()}
        if _height(head, sections, shown, size) <= size.height:
            return BriefLayout(size, shown)
    size = TYPE_SIZES[-1]
    while _height(head, sections, shown, size) > size.height:
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
    """Return the height in sizes of type. The first words of the head are the title."""
    title, *rest = head
    width = size.width * HEAD_WIDTH
    lines = len(break_lines(title, width / TITLE))
    height = max(
        QR_HEIGHT / size.points,
        lines * TITLE_LINE + sum(_paragraph(words, width, size) for words in rest),
    )
    for name, items in sections.items():
        if not items:
            continue
        height += HEADING + sum(_item(item, size) for item in items[: shown[name]])
        height += size.leading if shown[name] < len(items) else 0
    return height


def _item(item: BriefItem, size: TypeSize) -> float:
    paragraphs = sum(_paragraph(words, size.width, size) for words in item)
    return ITEM_SPACE + max(0, len(item) - 2) * QUOTATION_SPACE + paragraphs


def _paragraph(words: str, width: float, size: TypeSize) -> float:
    return max(1, len(break_lines(words, width))) * size.leading
