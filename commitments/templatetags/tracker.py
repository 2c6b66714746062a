"""How codes, days and texts are written on pages and in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template
from django.urls import translate_url
from django.utils.formats import date_format
from django.utils.translation import get_language

from commitments import choices
from commitments.marking import marked
from commitments.models import Partnership

register = template.Library()

# Django's formats write Chinese dates with hyphens, and know no month or year alone.
FORMATS = {
    "en": {"day": "j F Y", "month": "F Y", "year": "Y"},
    "zh": {"day": "Y年n月j日", "month": "Y年n月", "year": "Y年"},
}


@register.filter
def label(code: str, of: str) -> str:
    """`{{ commitment.claim_status|label:"Status" }}`: a code's label in the reader's language."""
    codes: type[choices.Codes] = getattr(choices, of)
    return str(codes(code).label)


@register.filter
def evidence_label(level: int) -> str:
    return str(choices.EVIDENCE_LEVELS[level])


@register.filter
def tone(status: str) -> str:
    """The tone of a status, for its colour."""
    return choices.Status(status).rule.tone.value


@register.filter
def on_day(day: date | None, precision: str = "day") -> str:
    """A day, or the month or year that it stands for."""
    if day is None:
        return "–"
    language = "zh" if (get_language() or "en").startswith("zh") else "en"
    return date_format(day, FORMATS[language][precision])


@register.filter
def html_language(code: str) -> str:
    """The `lang` of a text that is held under `en` or `zh`."""
    return "zh-Hans" if code == "zh" else "en"


@register.simple_tag
def naming(text: str, language: str, partnerships: Iterable[Partnership]) -> Any:
    """A commitment's text in pieces, each with the code of the forum that it names, or ""."""
    quotes = {row.forum.code: getattr(row.quote, language) for row in partnerships}
    return marked(text, quotes)


@register.simple_tag(takes_context=True)
def this_page_in(context: Any, language: str) -> str:
    """The address of the same page, with its whole query, in another language."""
    return translate_url(context["request"].get_full_path(), language)
