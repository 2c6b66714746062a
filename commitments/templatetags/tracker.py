"""Filters and tags that format codes, dates, texts and lists, on pages and in the admin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from django import template
from django.contrib.auth.models import User
from django.template.defaultfilters import linebreaksbr
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from commitments import choices
from commitments.clocks import iso_date, local_day
from commitments.links import checks
from commitments.models import Evidence, Partnership
from commitments.roles import name_of
from commitments.texts.abridge import abridge
from commitments.texts.dates import DATE_FORMATS, written_date
from commitments.texts.diff import DiffOperation, DiffSpan, shares_little, wordings
from commitments.texts.highlight import highlight_spans
from commitments.texts.languages import (
    language_name,
    language_name_for_reader,
    reader_tag,
    script,
)
from commitments.texts.lists import join_list, join_sentences
from commitments.texts.search_terms import FoundSpan
from commitments.texts.text import Text, html_marks

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = template.Library()

# Formats of the first and last day of a range within one month, and within one year.
RANGE_FORMATS = {
    "month": (
        pgettext_lazy("first day of a range within a month", "j"),
        pgettext_lazy("last day of a range within a month", "j F Y"),
    ),
    "year": (
        pgettext_lazy("first day of a range within a year", "j F"),
        pgettext_lazy("last day of a range within a year", "j F Y"),
    ),
}

# Zones whose official name differs from that in the CLDR. It is translated only where that is the
# case.
OFFICIAL_ZONE_NAMES = {
    "Asia/Shanghai": pgettext_lazy("official name of a time zone", "Asia/Shanghai"),
}

DIFF_FORMATS = {
    DiffOperation.SAME: "{}",
    DiffOperation.REMOVED: "<del>{}</del>",
    DiffOperation.ADDED: "<ins>{}</ins>",
}
APART_FORMAT = (
    '<del class="apart"><b {0}>{1}</b> {2}</del> <ins class="apart"><b {0}>{3}</b> {4}</ins>'
)


@register.simple_block_tag(name="sentences")
def sentences_block(content: SafeString) -> SafeString:
    """Return the lines of the block, each of which is a sentence or nothing, as one text:
    `{% sentences %}…{% endsentences %}`. Not every language has a blank between two."""
    lines = (line.strip() for line in content.splitlines())
    return SafeString(join_sentences(line for line in lines if line))


@register.filter
def label(code: str, codes: str) -> str:
    """Return a code's label: `{{ commitment.assessment_status|label:"Status" }}`."""
    listed: type[choices.Codes] = getattr(choices, codes)
    return str(listed(code).label)


@register.filter
def percent(number: float) -> str:
    """Return a length in a chart as a percentage: “12.5%”, with a dot in every language."""
    return f"{number}%"


@register.filter
def evidence_label(level: int) -> str:
    return str(choices.EVIDENCE_LEVELS[level])


@register.filter
def tone(status: str) -> str:
    """Return the tone of a status, which sets its colour."""
    return choices.Status(status).rule.tone.value


@register.filter
def on_day(day: date | None, precision: str = "day") -> str:
    """Return a date, or the month or year that it stands for; a dash for None."""
    if day is None:
        return "–"
    return written_date(day, precision)


@register.filter
def until(first: date, last: date) -> str:
    """Return a range of days without repeating a month or year that they share."""
    if first == last:
        return on_day(first)
    shared = "month" if (first.year, first.month) == (last.year, last.month) else "year"
    formats = RANGE_FORMATS[shared] if first.year == last.year else (DATE_FORMATS["day"],) * 2
    days = [date_format(day, str(text)) for day, text in zip((first, last), formats, strict=True)]
    return _from_to(*days)


@register.simple_tag(name="period")
def period_text(first: date, last: date, precision: str = choices.DatePrecision.DAY) -> str:
    """Return a period: “2024–2025” for whole years, else its first and its last day; of the last
    day, only the month or year may be known."""
    if (first.month, first.day, last.month, last.day) != (1, 1, 12, 31):
        return _from_to(on_day(first), on_day(last, precision))
    years = [on_day(day, choices.DatePrecision.YEAR) for day in (first, last)]
    if first.year == last.year:
        return years[0]
    return pgettext("years from a first to a last one", "{first}–{last}").format(
        first=years[0], last=years[1]
    )


def _from_to(first: str, last: str) -> str:
    return pgettext("days from a first to a last one", "{first} – {last}").format(
        first=first, last=last
    )


@register.filter
def day_in(time: datetime, time_zone: str) -> str:
    """Return the day of a time in a plan's time zone."""
    return on_day(local_day(time, time_zone))


@register.simple_tag
def waiting(since: datetime, now: datetime, time_zone: str) -> str:
    """Return for how many days something has been waiting, counted in a plan's time zone."""
    n = (local_day(now, time_zone) - local_day(since, time_zone)).days
    if not n:
        return _("waiting since today")
    return ngettext("waiting for %(n)s day", "waiting for %(n)s days", n) % {"n": n}


@register.filter
def date_changes(row: Any) -> str:
    """Return how the due date of a commitment or milestone was changed; "" if it never was. The row
    must have `due_on_first` and `due_on_changes`."""
    first, n = row.due_on_first, row.due_on_changes
    if not n:
        return ""
    sentence = ngettext("(first %(day)s; changed once)", "(first %(day)s; changed %(n)s times)", n)
    return sentence % {"day": on_day(first), "n": n}


@register.filter
def person(user: User) -> str:
    """Return the name of a person."""
    return name_of(user)


@register.filter
def time_in(time: datetime, time_zone: str) -> str:
    """Return a time in a plan's time zone, to the minute, with the offset from UTC or the name of
    the zone, whichever is usual in the reader's language."""
    return _time_with_zone(time, time_zone, str(DATE_FORMATS["time"]))


@register.filter
def clock_time_in(time: datetime, time_zone: str) -> str:
    """Return the time of day in the same format as `time_in`, without the date."""
    return _time_with_zone(time, time_zone, str(DATE_FORMATS["clock"]))


def _time_with_zone(time: datetime, time_zone: str, form: str) -> str:
    local = time.astimezone(ZoneInfo(time_zone))
    values = {"time": date_format(local, form), "zone": _zone(local, time_zone)}
    return pgettext("a time with its zone", "%(time)s %(zone)s") % values


def _zone(local: datetime, time_zone: str) -> str:
    # Translators: “name” if times are written with the name of their zone in your language.
    if pgettext("how zones are written", "offset") == "offset":
        offset = local.strftime("%z")
        return f"UTC{offset[:3]}:{offset[3:5]}" if local.utcoffset() else "UTC"
    official = str(OFFICIAL_ZONE_NAMES.get(time_zone, time_zone))
    if official != time_zone:
        return official
    locale = reader_tag().replace("-", "_")
    return str(get_timezone_name(local, width="long", locale=locale))


@register.filter
def machine_day(day: date, precision: str = "day") -> str:
    """Return a date for `<time datetime>`, as precisely as it is known."""
    return iso_date(day, precision)


def paragraphs(text: object) -> list[str]:
    """Return the non-blank lines of a text."""
    return [line for line in str(text).splitlines() if line.strip()]


@register.filter
def languages(text: Text) -> list[tuple[str, str]]:
    """Return (language, text) for each language that the text has, the reader's first."""
    return text.in_reading_order()


@register.filter
def aligned(text: Text) -> list[list[tuple[str, str]]]:
    """Return the paragraphs of a text, each as (language, text) pairs; the text is "" in languages
    that have fewer paragraphs."""
    texts = languages(text)
    codes = [code for code, _words in texts]
    rows = zip_longest(*(paragraphs(words) for _code, words in texts), fillvalue="")
    return [list(zip(codes, row, strict=True)) for row in rows]


@register.filter
def words(text: Text | StrOrPromise) -> str:
    """Return a text as HTML in the reader's language. If it is in another language, it is marked
    so."""
    return conditional_escape(cast("str", text))


@register.filter
def every_language(text: Text) -> SafeString:
    """Return a text in all its languages on one line, the reader's first."""
    rows = ((html_marks(tag), words) for tag, words in text.in_reading_order())
    return format_html_join(" / ", "<span {}>{}</span>", rows)


@register.filter
def lang(text: Text | str) -> SafeString:
    """Return the attributes `lang` and `dir` for words in a language, given by its tag, or for a
    text that is not in the reader's language."""
    return text.marks if isinstance(text, Text) else html_marks(text)


@register.filter
def unlike_the_readers(tag: str) -> str:
    """Return the name of a language in the reader's language; "" if it is the reader's own,
    whatever its region, or if none is stated."""
    own = reader_tag()
    is_own = (tag.split("-", maxsplit=1)[0], script(tag)) == (own.split("-")[0], script(own))
    return language_name_for_reader(tag) if tag and not is_own else ""


register.filter(language_name)
register.filter(language_name_for_reader)
register.filter(join_list)
register.filter(abridge)


def forum_spans(
    text: str, language: str, partnerships: Iterable[Partnership]
) -> Iterator[tuple[str, str]]:
    """Yield a commitment's text as (words, code), where the code is that of the forum that the
    words name, or ""."""
    quotes = {row.forum.code: row.quote.get(language, "") for row in partnerships}
    return highlight_spans(text, quotes)


@register.simple_tag
def marked_forums(text: str, language: str, partnerships: Iterable[Partnership]) -> SafeString:
    """Return a commitment's text with the words that name forums marked."""
    spans = forum_spans(text, language, partnerships)
    return join_html(
        format_html('<mark title="{}">{}</mark>', code, words) if code else linebreaksbr(words)
        for words, code in spans
    )


@register.simple_tag
def found(spans: Iterable[FoundSpan]) -> SafeString:
    """Return a text with the matches of a search marked."""
    return join_html(
        format_html("<mark>{}</mark>", span.text) if span.is_found else escape(span.text)
        for span in spans
    )


@register.simple_tag
def diff(spans: Sequence[DiffSpan]) -> SafeString:
    """Return two compared texts as one, with removals and additions marked, or one after the other
    if they have little in common."""
    if shares_little(spans):
        before, after = wordings(spans)
        labels = pgettext("of a wording", "Before:"), pgettext("of a wording", "Now:")
        # The labels are in the reader's language, whatever the language of the texts.
        marks = html_marks(reader_tag())
        return format_html(APART_FORMAT, marks, labels[0], before, labels[1], after)
    return join_html(format_html(DIFF_FORMATS[span.part], span.text) for span in spans)


def join_html(parts: Iterable[str]) -> SafeString:
    """Join pieces of HTML without white space between them."""
    return format_html_join("", "{}", ((part,) for part in parts))


@register.simple_tag
def status(code: str) -> SafeString:
    """Return the label of a status with its mark."""
    status = choices.Status(code)
    return format_html(
        '<span class="status" data-tone="{}" data-status="{}">{}</span>',
        status.rule.tone.value,
        status.value,
        status.label,
    )


@register.simple_tag
def swatch(tone: str) -> SafeString:
    """Return a square that looks like areas of this tone in charts."""
    square = (
        '<svg class="square" aria-hidden="true"><rect data-tone="{0}" fill="url(#tone-{0})"/></svg>'
    )
    return format_html(square, tone)


@register.filter
def archive_is_dead(evidence: Evidence) -> bool:
    """Return whether the archived copy of a link was also found dead."""
    health = checks.health_of_archive(evidence)
    return health is not None and health.dead


@register.filter
def when_reached(evidence: Evidence, time_zone: str) -> str:
    """Return when a link was last reached, or that it has not been checked yet; "" if it has a
    note."""
    health = checks.health_of(evidence)
    if health is None:
        return _("Not checked yet.")
    if health.status != choices.LinkStatus.OK or health.good_at is None:
        return ""
    return _("Reached on %(day)s.") % {"day": on_day(local_day(health.good_at, time_zone))}


@register.inclusion_tag("commitments/_link_note.html")
def link_note(evidence: Evidence, time_zone: str) -> dict[str, object]:
    """Return the context of a note that the link of a piece of evidence is dead, has changed or
    moved."""
    health = checks.health_of(evidence)
    if health is None:
        return {}
    if health.dead and health.good_at:
        day = on_day(local_day(health.good_at, time_zone))
        message = _("This link is dead; it was last reached on %(day)s.") % {"day": day}
        return {"dead": True, "message": message}
    if health.dead:
        return {"dead": True, "message": _("This link is dead.")}
    if health.status == choices.LinkStatus.CHANGED:
        day = on_day(local_day(health.since, time_zone))
        message = _("The content at this address has changed; first noticed on %(day)s.")
        return {"message": message % {"day": day}}
    if health.status == choices.LinkStatus.MOVED:
        return {"message": _("Moved to:"), "moved_to": health.moved_to}
    return {}
