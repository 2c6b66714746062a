"""A cell of the grid of commitments. A page has hundreds, and a template takes several times as
long for each."""

from __future__ import annotations

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from commitments.choices import Tone

register = template.Library()


class ShownCell(Protocol):
    """What is shown of a commitment at the end of a year, as `pages.grid.YearCell` has it."""

    address: str

    @property
    def words(self) -> str: ...

    @property
    def tone(self) -> Tone: ...

    @property
    def shade(self) -> int: ...

    @property
    def events(self) -> int: ...

    @property
    def has_lapsed(self) -> bool: ...


@register.simple_tag
def grid_cell(cell: ShownCell) -> SafeString:
    """Return a cell of the grid with its link, and the number of its events if there are any."""
    return format_html(
        '<td role="cell" class="{}" data-tone="{}" data-shade="{}">'
        '<a href="{}" title="{}">{}</a></td>',
        "cell lapsed" if cell.has_lapsed else "cell",
        cell.tone.value,
        cell.shade,
        cell.address,
        cell.words,
        format_html('<i aria-hidden="true">{}</i>', cell.events) if cell.events else "",
    )
