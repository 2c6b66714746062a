"""How much of a brief fits on one printed page, and in which size of type.

The template and the style sheet set the type; the numbers here are theirs, in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from commitments.pictures.measure import break_lines

# A4 with margins of 12 mm, without the notice above and the address below, and less a tenth,
# since the widths of words are estimates.
PAGE_WIDTH, PAGE_HEIGHT = 527, 655
# Heights in multiples of the type size: the title, its line height, a heading with its margins, the
# margin of an item, and that of each paragraph between its first and its last.
TITLE, TITLE_LINE, HEADING, ITEM_SPACE, QUOTATION_SPACE = 1.65, 2.06, 3.2, 0.45, 0.4
# The height of the QR code with its address, and the share of the width that it leaves to the
# heading.
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


# Line height by the smallest type size, in points, to which it applies.
LEADINGS = {11: 1.5, 9: 1.4, 0: 1.3}


def _size(points: float) -> TypeSize:
    leading = next(leading for least, leading in LEADINGS.items() if points >= least)
    return TypeSize(f"{points:g}", points, leading)


# The largest first, in halves of a point. The style sheet has a rule for each, and spreads the
# sections over what is left of the page.
TYPE_SIZES = tuple(_size(halves / 2) for halves in range(36, 16, -1))
# The paragraphs of an item; those between the first and the last are quotations.
BriefItem = Sequence[str]


@dataclass(frozen=True)
class BriefLayout:
    """The size of type, how many items of each section are shown, and how many of those of the
    last section have their quotations."""

    size: TypeSize
    shown: Mapping[str, int]
    quoted: int


def lay_out(head: BriefItem, sections: Mapping[str, Sequence[BriefItem]]) -> BriefLayout:
    """Return the largest type in which all fits on the page. Where it fits in none, something is
    left out until it does: items of the longest sections but the last, then quotations in the last,
    then its items; always the last ones first, and no section has fewer than `MIN_ITEMS` left.

    `head` begins with the title; the last of the `sections` is the one to keep whole.
    """
    shown = {name: len(items) for name, items in sections.items()}
    main = [*sections][-1]
    layouts = (BriefLayout(size, shown, shown[main]) for size in TYPE_SIZES)
    for layout in chain(layouts, _shorter(shown, main)):
        if _height(head, sections, layout) <= layout.size.height:
            break
    return layout


def _shorter(shown: Mapping[str, int], main: str) -> Iterator[BriefLayout]:
    """Yield layouts in the smallest type, each with something less than the one before."""
    size, quoted, shown = TYPE_SIZES[-1], shown[main], dict(shown)
    while reducible := [name for name, n in shown.items() if name != main and n > MIN_ITEMS]:
        # `max` takes the first of sections that are equally long.
        shown[max(reducible, key=lambda name: shown[name])] -= 1
        yield BriefLayout(size, dict(shown), quoted)
    while quoted:
        quoted -= 1
        yield BriefLayout(size, dict(shown), quoted)
    while shown[main] > MIN_ITEMS:
        shown[main] -= 1
        yield BriefLayout(size, dict(shown), quoted)


def _height(
    head: BriefItem, sections: Mapping[str, Sequence[BriefItem]], layout: BriefLayout
) -> float:
    """Return the height in sizes of type. The first words of the head are the title."""
    size, shown = layout.size, layout.shown
    main = [*sections][-1]
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
        quoted = layout.quoted if name == main else len(items)
        height += HEADING + sum(
            _item(item if place < quoted else [*item[:1], *item[1:][-1:]], size)
            for place, item in enumerate(items[: shown[name]])
        )
        height += size.leading if shown[name] < len(items) else 0
    return height


def _item(item: BriefItem, size: TypeSize) -> float:
    paragraphs = sum(_paragraph(words, size.width, size) for words in item)
    return ITEM_SPACE + max(0, len(item) - 2) * QUOTATION_SPACE + paragraphs


def _paragraph(words: str, width: float, size: TypeSize) -> float:
    return max(1, len(break_lines(words, width))) * size.leading
