"""Tags that build addresses from the context of a plan's page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse, translate_url
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, override

from commitments.addresses import path_to
from commitments.models import Evidence, Forum, Partnership, Plan
from commitments.models.plans import PLAN_CODE
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import forum_spans, join_html
from commitments.texts.languages import (
    interface_tag,
    interface_tags,
    language_name,
    likely_locale,
    reader_tag,
    short_name,
)
from commitments.texts.lists import with_separators
from commitments.texts.phrases import CountedPhrase
from commitments.texts.text import Text, html_marks

register = template.Library()


@dataclass(frozen=True)
class Site:
    """Who runs this site, by its settings. A field that is not set is ""."""

    name: str

    @property
    def operator(self) -> str:
        return str(settings.SITE_OPERATOR)

    @property
    def contact(self) -> str:
        """Return the contact address as a link target."""
        contact = str(settings.SITE_CONTACT)
        return f"mailto:{contact}" if "@" in contact and ":" not in contact else contact

    @property
    def sends_mail(self) -> bool:
        return bool(settings.MAIL_ENABLED)

    @property
    def imprint(self) -> str:
        return str(settings.SITE_IMPRINT)


@register.simple_tag(takes_context=True)
def plan_url(context: template.Context, route: str, *names: object) -> str:
    """Return the address of a page of this plan, with the reader's clocks."""
    address = path_to(f"pages:{route}", context["plan"].code, *names)
    return f"{address}{context['clock_query']}"


@register.simple_tag(takes_context=True)
def own_word(context: template.Context, name: str, default: str) -> object:
    """Return the plan's own word for a `goal`, `area` or `forum`, or the default if it has none."""
    return context["terms"][name].or_else(default)


@register.simple_tag(takes_context=True)
def numbered(context: template.Context, name: str, number: str, title: Text | str) -> SafeString:
    """Return the heading of a `goal` or `area` of the plan, with its number."""
    name_of_one: SafeString = context["terms"][name].numbered(number, title)
    return name_of_one


@register.simple_tag(takes_context=True)
def list_url(
    context: template.Context, filters: Mapping[str, object] | None = None, **more: object
) -> str:
    """Return the address of the list of the commitments that these filters select.

    The reader's clocks are kept unless the filters set them.
    """
    return _filtered("pages:commitments", context, {**(filters or {}), **more})


@register.simple_tag(takes_context=True)
def time_url(context: template.Context, filters: Mapping[str, object]) -> str:
    """Return the address of the page over time for the commitments that these filters select."""
    return _filtered("pages:time", context, filters)


@register.simple_tag(takes_context=True)
def events_url(
    context: template.Context, filters: Mapping[str, object] | None = None, **more: object
) -> str:
    """Return the address of the page of events for the events that these filters select."""
    return _filtered("pages:events", context, {**(filters or {}), **more})


@register.simple_tag(takes_context=True)
def list_link(
    context: template.Context, text: object, filters: Mapping[str, object] | None, **more: object
) -> str:
    """Return a text, such as a number, as a link to the list of the commitments that it counts.

    0 and "" are not linked, nor is anything if `filters` is None, that is, if no filters select
    what is counted.
    """
    if filters is None or not text:
        return format_html("{}", text)
    return format_html('<a href="{}">{}</a>', list_url(context, filters, **more), text)


@register.simple_tag(takes_context=True)
def phrase_link(
    context: template.Context, phrase: CountedPhrase, filters: Mapping[str, object] | None
) -> str:
    """Return a phrase whose number is a link to the list of what it counts. The filters in the
    phrase's code narrow down what `filters` select."""
    chosen = None if filters is None or phrase.code is None else {**filters, **phrase.code}
    number = list_link(context, phrase.n, chosen)
    return format_html("{}{}{}", phrase.before, number, phrase.after)


@register.simple_tag(takes_context=True)
def movement_link(
    context: template.Context,
    phrase: CountedPhrase,
    since: date,
    filters: Mapping[str, object] | None,
) -> str:
    """Return a phrase on what changed since a day. Its number is a link to the matching list on the
    page over time for the commitments that these filters select."""
    if filters is None or phrase.code is None:
        return format_html("{}{}{}", phrase.before, phrase.n, phrase.after)
    page = time_url(context, {**filters, "since": since})
    link = '{}<a href="{}#{}">{}</a>{}'
    return format_html(link, phrase.before, page, phrase.code, phrase.n, phrase.after)


@register.simple_tag
def anchor_link(text: object, name: str | None) -> str:
    """Return a text as a link to a place on this page, or the text alone if there is no name."""
    return format_html('<a href="#{}">{}</a>', name, text) if name else format_html("{}", text)


@register.simple_tag(takes_context=True)
def linked_forums(
    context: template.Context, text: str, language: str, partnerships: Iterable[Partnership]
) -> SafeString:
    """Return a commitment's text with the words that name forums as links to their pages."""
    link = '<mark><a href="{}">{}</a></mark>'
    return join_html(
        format_html(link, plan_url(context, "forum", code), words) if code else escape(words)
        for words, code in forum_spans(text, language, partnerships)
    )


@register.simple_tag(takes_context=True)
def forum_links(context: template.Context, forums: Iterable[Forum]) -> SafeString:
    """Return a list of forums in running text, each a link to its page."""
    return join_html(
        format_html(
            '<a href="{}">{}</a>{}', plan_url(context, "forum", forum.code), forum.name, separator
        )
        for forum, separator in with_separators(forums)
    )


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changed: str) -> str:
    """Return the address of this page with these query parameters changed; empty ones are
    removed."""
    query = context["request"].GET.copy()
    for name, value in changed.items():
        if value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return f"{context['request'].path}?{query.urlencode()}".removesuffix("?")


@register.simple_tag(takes_context=True)
def plan_above(context: template.Context) -> Plan | None:
    """Return the plan that an address without a page belongs to, its code perhaps in small letters;
    None if there is none."""
    code = context["request"].path[1:].partition("/")[2].partition("/")[0].upper()
    if not re.match(PLAN_CODE, code):
        return None
    return Plan.objects.visible_to(ANONYMOUS).filter(code=code).first()


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, number: int) -> str:
    """Return the address of another page of this list."""
    return with_query(context, page="" if number == 1 else str(number))


@register.simple_tag
def site() -> Site:
    """Return the name of this site, who operates it and how to reach them."""
    return Site(settings.SITE_NAME or gettext("Commitment tracker"))


@register.simple_tag(takes_context=True)
def this_page_in(context: template.Context, language: str) -> str:
    """Return the address of this page, with its query, in another language.

    For a page that does not exist, return the address of the first page in that language.
    """
    here = context["request"].get_full_path()
    there = translate_url(here, language)
    with override(language):
        return there if there != here else reverse("pages:plans")


@dataclass(frozen=True)
class InterfaceLanguage:
    """A language of the interface: its code in addresses, its tag, and its own name for itself."""

    code: str
    tag: str
    name: str
    is_current: bool
    is_default: bool

    @property
    def locale(self) -> str:
        """The language with the territory where most of its readers live, such as `zh_CN`."""
        return likely_locale(self.tag)


@register.simple_block_tag(takes_context=True)
def below_heading(context: template.Context, content: SafeString, name: str) -> SafeString:
    """Return the content of a page with a template inserted below its heading or, if it has no
    heading, above everything. This keeps the heading where readers expect it."""
    engine = template.Engine.get_default()
    included = engine.get_template(name).render(context)
    above, heading, below = content.partition("</h1>")
    if not heading:
        return SafeString(included + content)
    return SafeString(f"{above}{heading}{included}{below}")


@register.filter
def no_scheme(address: str) -> str:
    """Return an address without its scheme, as people type it."""
    return address.partition("://")[2] or address


@register.simple_tag(takes_context=True)
def short_address(context: template.Context, evidence: Evidence) -> str:
    """Return this site's short address for a source, as people type it."""
    address = path_to("source", evidence.pk)
    return no_scheme(context["request"].build_absolute_uri(address))


@register.simple_tag
def interface_languages() -> list[InterfaceLanguage]:
    """Return the languages of the interface, in the order of the settings."""
    current, default = reader_tag(), settings.LANGUAGE_CODE
    short_names = Counter(short_name(tag) for tag in interface_tags())
    return [
        InterfaceLanguage(
            code,
            tag,
            short_name(tag) if short_names[short_name(tag)] == 1 else language_name(tag),
            tag == current,
            code == default,
        )
        for (code, _name), tag in zip(settings.LANGUAGES, interface_tags(), strict=True)
    ]


@register.simple_tag
def interface_marks() -> SafeString:
    """Return the attributes of a page in the reader's language."""
    return html_marks(reader_tag())


@register.simple_tag
def default_marks() -> SafeString:
    """Return the attributes of a page in the default language."""
    return html_marks(interface_tag(settings.LANGUAGE_CODE))


@register.simple_tag
def in_language(address: str, language: str) -> str:
    """Return the absolute address of the same page in another language."""
    return translate_url(address, language)


def _filtered(route: str, context: template.Context, filters: Mapping[str, object]) -> str:
    clocks = {name: value for name, value in context["clocks"].items() if name not in filters}
    query = urlencode({**filters, **clocks}, doseq=True)
    address = reverse(route, args=[context["plan"].code])
    return f"{address}?{query}" if query else address
