"""Filters that write the lines of documents as HTML."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from commitments.exports.documents.blocks import Emphasis, Line, TextRun
from commitments.templatetags.tracker import join_html, status
from commitments.texts.text import html_marks

register = template.Library()

MARK_FORMATS = {
    Emphasis.PLAIN: "{}",
    Emphasis.NUMBER: "{}",
    Emphasis.STRONG: "<strong>{}</strong>",
    Emphasis.INTERNAL: "<strong>{}</strong>",
    Emphasis.MUTED: '<span class="muted">{}</span>',
    Emphasis.NOTE: "<sup>{}</sup>",
}


@register.filter
def line_html(line: Line) -> SafeString:
    """Return a line with its links, languages and marks."""
    return join_html(_words_html(words) for words in line)


def _words_html(words: TextRun) -> SafeString:
    if words.status:
        return status(words.status)
    html = conditional_escape(words.text)
    if words.link:
        marks = html_marks(words.language) if words.language else ""
        html = format_html('<a href="{}" {}>{}</a>', words.link, marks, html)
    elif words.language:
        html = format_html("<span {}>{}</span>", html_marks(words.language), html)
    return format_html(MARK_FORMATS[words.mark], html)
