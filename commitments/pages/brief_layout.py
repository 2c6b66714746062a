"""How much of a brief fits on one printed page, and at which type size.

The template and the style sheet set the type; the numbers here repeat theirs, in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from commitments.pictures.measure import break_lines

# A4 with margins of 12 mm, without the notice at the top and the address at the bottom. A tenth is
# taken off because the widths of words are estimates.
PAGE_WIDTH, PAGE_HEIGHT = 527, 655
# Heights in multiples of the type size: the title, its line height, a heading with its margins, the
# margin of an item, and the margin of each quotation, that is, of the paragraphs of an item between
# its first and its last.
TITLE, TITLE_LINE, HEADING, ITEM_SPACE, QUOTATION_SPACE = 1.65, 2.06, 3.2, 0.45, 0.4
# The height of the QR code with its address, and the share of the page width that is left for the
# heading beside it.
QR_HEIGHT, HEAD_WIDTH = 95, 0.77
MIN_ITEMS = 2


@dataclass(frozen=True)
class TypeSize:
    """A type size in points, and its line height as a multiple of the size."""

    name: str
    points: float
    leading: float

    @property
    def width(self) -> float:
        """The width of the page in multiples of the type size."""
        return PAGE_WIDTH / self.points

    @property
    def height(self) -> float:
        """The height of the page in multiples of the type size."""
        return PAGE_HEIGHT / self.points


# Line heights by the smallest type size, in points, to which they apply.
LEADINGS = {11: 1.5, 9: 1.4, 0: 1.3}


def _size(points: float) -> TypeSize:
    leading = next(leading for least, leading in LEADINGS.items() if points >= least)
    return TypeSize(f"{points:g}", points, leading)


# From the largest to the smallest, in steps of half a point. The style sheet has a rule for each
# size, and spreads the sections over the space that is left on the page.
TYPE_SIZES = tuple(_size(halves / 2) for halves in range(36, 16, -1))
# The paragraphs of an item. Those between the first and the last are quotations.
BriefItem = Sequence[str]


@dataclass(frozen=True)
class BriefLayout:
    """The type size, the number of items shown in each section, and how many items of the last
    section are shown with their quotations."""

    size: TypeSize
    shown: Mapping[str, int]
    quoted: int


def lay_out(head: BriefItem, sections: Mapping[str, Sequence[BriefItem]]) -> BriefLayout:
    """Return the layout with the largest type in which everything fits on the page. If nothing
    does, use the smallest type and leave things out until the rest fits: first items of the longest
    section other than the last, then quotations in the last section, then its items. Items are
    dropped from the end, and each section keeps at least `MIN_ITEMS`.

    The first paragraph of `head` is the title. The last of the `sections` is the one to keep whole
    as long as possible.
    """
    shown = {name: len(items) for name, items in sections.items()}
    main = [*sections][-1]
    layouts = (BriefLayout(size, shown, shown[main]) for size in TYPE_SIZES)
    for layout in chain(layouts, _shorter(shown, main)):
        if _height(head, sections, layout) <= layout.size.height:
            break
    return layout


def _shorter(shown: Mapping[str, int], main: str) -> Iterator[BriefLayout]:
    """Yield layouts in the smallest type, each leaving out one thing more than the one before."""
    size, quoted, shown = TYPE_SIZES[-1], shown[main], dict(shown)
    while reducible := [name for name, n in shown.items() if name != main and n > MIN_ITEMS]:
        # If several sections are equally long, `max` returns the first of them.
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
    """Return the height of a layout in multiples of the type size. The first paragraph of `head` is
    the title."""
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
