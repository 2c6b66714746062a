"""How codes, days and texts are written on pages and in the admin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse, translate_url
from django.utils.formats import date_format
from django.utils.translation import override

from commitments import choices, links
from commitments.bilingual import Text, reading_order
from commitments.clocks import local_day
from commitments.marking import marked
from commitments.models import Commitment, Evidence, Forum, Partnership

register = template.Library()

# Django's formats write Chinese dates with hyphens, and know no month or year alone.
FORMATS = {
    "en": {"day": "j F Y", "month": "F Y", "year": "Y", "moment": "j F Y, H:i"},
    "zh": {"day": "Y年n月j日", "month": "Y年n月", "year": "Y年", "moment": "Y年n月j日H:i"},
}
FOR_MACHINES = {"day": "Y-m-d", "month": "Y-m", "year": "Y"}


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
    return date_format(day, FORMATS[reading_order()[0]][precision])


@register.filter
def day_in(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment in a plan's zone."""
    return local_day(moment, time_zone)


@register.filter
def moment_in(moment: datetime, time_zone: str) -> str:
    """A moment's day and time in a plan's zone, to the minute, with the zone's offset from UTC."""
    local = moment.astimezone(ZoneInfo(time_zone))
    told = date_format(local, FORMATS[reading_order()[0]]["moment"])
    offset = local.strftime("%z")
    return f"{told} UTC{offset[:3]}:{offset[3:5]}"


@register.filter
def machine_day(day: date, precision: str = "day") -> str:
    """The same for the `datetime` of a `<time>`: no more than is known."""
    return date_format(day, FOR_MACHINES[precision])


@register.filter
def paragraphs(text: object) -> list[str]:
    """A text's lines that are not blank."""
    return [line for line in str(text).splitlines() if line.strip()]


@register.filter
def languages(text: Text) -> list[tuple[str, str]]:
    """Language and text, the reader's language first, of those languages that there are."""
    return [(code, getattr(text, code)) for code in reading_order() if getattr(text, code)]


@register.filter
def aligned(text: Text) -> list[list[tuple[str, str]]]:
    """A text's paragraphs, those of its languages beside each other; "" where one has fewer."""
    told = languages(text)
    codes = [code for code, _words in told]
    rows = zip_longest(*(paragraphs(words) for _code, words in told), fillvalue="")
    return [list(zip(codes, row, strict=True)) for row in rows]


@register.filter
def html_language(code: str) -> str:
    """The `lang` of a text that is held under `en` or `zh`."""
    return "zh-Hans" if code == "zh" else "en"


@register.filter
def language_name(code: str) -> str:
    """What a language of texts calls itself."""
    return {"en": "English", "zh": "中文"}[code]


@register.filter
def link_health(evidence: Evidence) -> links.Health | None:
    """What became of a link, where it was looked at."""
    return links.health(evidence)


@register.filter
def named_instead(commitment: Commitment, forum: Forum) -> str:
    """Codes of the forums that a commitment's text names, where this one is not among them: it
    stands there through a part or a predecessor."""
    named = {row.forum.code: row.forum for row in commitment.partnerships.all()}
    return "" if forum in named.values() else " · ".join(named)


@register.simple_tag
def naming(text: str, language: str, partnerships: Iterable[Partnership]) -> Any:
    """A commitment's text in pieces, each with the code of the forum that it names, or ""."""
    quotes = {row.forum.code: getattr(row.quote, language) for row in partnerships}
    return marked(text, quotes)


@register.simple_tag(takes_context=True)
def this_page_in(context: Any, language: str) -> str:
    """The address of the same page, with its whole query, in another language; of its first page
    where there is none here."""
    here = context["request"].get_full_path()
    there = translate_url(here, language)
    with override(language):
        return there if there != here else reverse("pages:plans")


@register.simple_tag
def in_language(address: str, language: str) -> str:
    """The same page's absolute address in another language."""
    return translate_url(address, language)


@register.simple_tag(takes_context=True)
def listed(context: Any, selects: Mapping[str, Any] | None = None, **more: Any) -> str:
    """The address of the list of the commitments that these filters select, under the reader's
    clocks where they set none."""
    return _selecting("pages:commitments", context, {**(selects or {}), **more})


@register.simple_tag(takes_context=True)
def over_the_years(context: Any, selects: Mapping[str, Any]) -> str:
    """The address of how they stood over the years."""
    return _selecting("pages:trend", context, selects)


def _selecting(route: str, context: Any, selects: Mapping[str, Any]) -> str:
    clocks = {name: value for name, value in context["clocks"].items() if name not in selects}
    query = urlencode({**selects, **clocks}, doseq=True)
    address = reverse(route, args=[context["plan"].code])
    return f"{address}?{query}" if query else address


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changed: Any) -> str:
    """The address of this page with these parameters; one that is empty is taken away."""
    query = context["request"].GET.copy()
    for name, value in changed.items():
        if value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return f"{context['request'].path}?{query.urlencode()}"
