"""Texts in several languages on admin pages: which languages forms offer, how texts are shown, and
how lists are searched; and how times are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from commitments.admin.base.typed import BaseInlineFormSet, BaseModelAdmin, ModelAdmin
from commitments.form_fields import SearchTermsField
from commitments.models import Plan
from commitments.models.plans import languages_of
from commitments.models.querysets.shared import contains_all
from commitments.templatetags.tracker import time_in
from commitments.texts.fields import MultilingualField
from commitments.texts.forms import offer_languages
from commitments.texts.languages import interface_tags, language_name_for_reader, likely_locale
from commitments.texts.search_terms import SearchTerm
from commitments.texts.text import Text, html_marks


def languages_for(row: Model) -> list[str]:
    """Return the languages that the texts of a row may be in: those of its plan. Names that plans
    share may be in any; on offer are `shared_languages`."""
    plan = row if isinstance(row, Plan) else getattr(row, "plan", None)
    return list(plan.languages) if isinstance(plan, Plan) else shared_languages()


def shared_languages() -> list[str]:
    """Return the languages of all plans, and those of the interface that no plan is in: a plan in
    `zh` and an interface in `zh-Hans` are in one language."""
    tags = languages_of(Plan.objects.in_order())
    spoken = {likely_locale(tag) for tag in tags}
    return [*tags, *(tag for tag in interface_tags() if likely_locale(tag) not in spoken)]


def terms_or_message(request: HttpRequest, query: str) -> list[SearchTerm] | None:
    """Return the terms of a query; if they are too many, say so on the page and return None."""
    try:
        return SearchTermsField(required=False).clean(query)
    except forms.ValidationError as error:
        messages.error(request, error.messages[0])
        return None


class LanguagesFormSet(BaseInlineFormSet):
    """Rows of a commitment, with texts in the languages of its plan."""

    def add_fields(self, form: forms.ModelForm[Model], index: int | None) -> None:
        super().add_fields(form, index)
        offer_languages(form, languages_for(self.instance))


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
    """Return a column of a list that shows a text in the reader's language, if it has it."""

    @admin.display(description=field.verbose_name)
    def text(row: Model) -> SafeString:
        shown: Text = getattr(row, field.name)
        return shown.__html__()

    return text


def shown_with_zone(field: DateTimeField[Any, Any]) -> Callable[[Model], str]:
    """Return a column or a field of the admin that shows a time in the zone of the site, which it
    names."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def time(row: Model) -> str:
        value = getattr(row, field.name)
        return time_in(value, settings.TIME_ZONE) if value else "–"

    return time


def functions_of(
    fields: Iterable[object], shown: Callable[[MultilingualField], Callable[[Model], SafeString]]
) -> dict[str, str]:
    """Return for the name of each text and each time among `fields` the function that shows it,
    `shown` for texts. The admin takes functions in place of names, which its types do not say."""
    functions: dict[str, Callable[[Model], str]] = {}
    for field in fields:
        if isinstance(field, MultilingualField):
            functions[field.name] = shown(field)
        elif isinstance(field, DateTimeField):
            functions[field.name] = shown_with_zone(field)
    return {name: cast("str", function) for name, function in functions.items()}


class AllLanguagesMixin(BaseModelAdmin):
    """Shows texts that cannot be edited in all their languages."""

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        return [self._shown(name) for name in super().get_readonly_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets: Any = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self._shown(name) for name in options["fields"]]})
            for title, options in fieldsets
        ]

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Leave out of forms what is shown by functions, and the functions."""
        fixed = [str(name) for name in super().get_readonly_fields(request, obj)]
        return [*(super().get_exclude(request, obj) or ()), *fixed, *self._functions.values()]

    def _shown(self, name: str) -> str:
        """Return the name of a field, or a tuple of names, as it is; for a text, a function that
        shows it in all its languages, which the admin takes in place of a name."""
        return self._functions.get(name, name)

    @cached_property
    def _functions(self) -> dict[str, str]:
        return functions_of(self.opts.fields, shown_in_all_languages)


class TextsAdmin(AllLanguagesMixin, ModelAdmin):
    """Shows texts that cannot be edited in all their languages, and searches in all.

    `search_indexes` are the columns of search indexes; `search_fields` those of codes and
    addresses.
    """

    search_indexes: Sequence[str] = ()

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show texts of lists in the reader's language, or marked as being in another one."""
        return [self._columns.get(str(name), name) for name in super().get_list_display(request)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        links = super().get_list_display_links(request, list_display)
        return links and [self._columns.get(str(name), name) for name in links]

    @cached_property
    def _columns(self) -> dict[str, str]:
        return functions_of(self.opts.fields, shown_for_reader)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not self.search_indexes:
            return super().get_search_results(request, queryset, search_term)
        fields: Iterable[str] = self.get_search_fields(request)
        terms = terms_or_message(request, search_term)
        if terms is None:
            return queryset.none(), False
        return queryset.filter(contains_all(terms, self.search_indexes, fields)), False
