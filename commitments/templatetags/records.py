"""Tags for lists of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

register = template.Library()


@register.filter
def with_labels(
    cells: Iterable[SafeString], headers: Sequence[Mapping[str, Any]]
) -> list[SafeString]:
    """Return the cells of a row of a list, each with the heading of its column as `data-label`. On
    a phone, the cells are stacked."""
    return [
        _with_label(cell, strip_tags(str(header["text"])).strip())
        for cell, header in zip(cells, headers, strict=True)
    ]


def _with_label(cell: SafeString, label: str) -> SafeString:
    tag, _space, rest = cell.partition(" ")
    return SafeString(format_html('{} data-label="{}" ', SafeString(tag), capfirst(label)) + rest)
