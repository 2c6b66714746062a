"""How columns of lists, and fields that cannot be edited, show texts, days, times, marks and
persons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import BooleanField, DateField, DateTimeField, ForeignKey, Model
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.roles import name_of
from commitments.templatetags.tracker import on_day, time_in
from commitments.texts.fields import MultilingualField
from commitments.texts.languages import language_name_for_reader
from commitments.texts.text import Text, html_marks


def all_languages(text: Text) -> SafeString:
    """Return a text in all its languages, each with the name of the language if there are more
    than one."""
    rows = (
        (
            html_marks(tag),
            format_html("<strong>{}</strong> ", language_name_for_reader(tag))
            if len(text) > 1
            else "",
            words,
        )
        for tag, words in text.in_reading_order()
    )
    return format_html_join("", "<div>{1}<span {0}>{2}</span></div>", rows) or SafeString("–")


def shown_in_all_languages(field: MultilingualField) -> Callable[[Model], SafeString]:
    """Return a field of the admin that shows a text in all its languages."""

    @admin.display(description=field.verbose_name)
    def text(row: Model) -> SafeString:
        return all_languages(getattr(row, field.name))

    return text


def shown_for_reader(field: MultilingualField) -> Callable[[Model], SafeString]:
    """Return a column of a list that shows a text in the reader's language or, if the text lacks
    that, in another one."""

    @admin.display(description=field.verbose_name)
    def text(row: Model) -> SafeString:
        shown: Text = getattr(row, field.name)
        return shown.__html__()

    return text


def shown_with_zone(field: DateTimeField[Any, Any]) -> Callable[[Model], str]:
    """Return a column or a field of the admin that shows a time with the name of its zone, that of
    the page (`days.LocalTimes`)."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def time(row: Model) -> str:
        value = getattr(row, field.name)
        return time_in(value, str(timezone.get_current_timezone())) if value else "–"

    return time


def shown_as_day(field: DateField[Any, Any]) -> Callable[[Model], str]:
    """Return a column or a field of the admin that shows a day as all pages write it."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def day(row: Model) -> str:
        return on_day(getattr(row, field.name))

    return day


def shown_by_name(field: ForeignKey[Any, Any]) -> Callable[[Model], str]:
    """Return a column or a field of the admin that shows a person by name, without a link: most
    readers may not open the page of the account."""

    @admin.display(description=field.verbose_name, ordering=f"{field.name}__username")
    def person(row: Model) -> str:
        value: User | None = getattr(row, field.name)
        return name_of(value) if value else "–"

    return person


def shown_as_mark(field: BooleanField[Any, Any]) -> Callable[[Model], SafeString]:
    """Return a column or a field of the admin that shows Django's mark for yes or no, with its name
    in the reader's language."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def mark(row: Model) -> SafeString:
        word, name = (_("Yes"), "yes") if getattr(row, field.name) else (_("No"), "no")
        return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{name}.svg"), word)

    return mark


def functions_of(
    fields: Iterable[object], shown: Callable[[MultilingualField], Callable[[Model], SafeString]]
) -> dict[str, str]:
    """Return, by name, a function that shows each text, day, time, mark and person among `fields`;
    `shown` makes those for texts. The admin accepts functions in place of names, but its types do
    not allow them, so they are cast to strings.
    """
    functions: dict[str, Callable[[Model], str]] = {}
    for field in fields:
        if isinstance(field, MultilingualField):
            functions[field.name] = shown(field)
        elif isinstance(field, DateTimeField):
            functions[field.name] = shown_with_zone(field)
        elif isinstance(field, DateField):
            functions[field.name] = shown_as_day(field)
        elif isinstance(field, BooleanField):
            functions[field.name] = shown_as_mark(field)
        elif isinstance(field, ForeignKey) and field.related_model is User:
            functions[field.name] = shown_by_name(field)
    return {name: cast("str", function) for name, function in functions.items()}
