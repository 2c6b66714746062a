"""Texts in several languages on admin pages: the languages that forms offer and pages show, and the
search of lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commitments.admin.base.columns import (
    functions_of,
    shown_for_reader,
    shown_in_all_languages,
)
from commitments.admin.base.typed import BaseInlineFormSet, BaseModelAdmin, ModelAdmin
from commitments.form_fields import SearchTermsField
from commitments.models import Plan
from commitments.models.plans import languages_of
from commitments.models.querysets.words import contains_all
from commitments.texts.fields import MultilingualField
from commitments.texts.forms import offer_languages
from commitments.texts.languages import interface_tags, likely_locale
from commitments.texts.lists import join_list
from commitments.texts.search_terms import SearchTerm

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

    from commitments.admin.base.typed import FieldLine, ListColumn, ListColumns


def languages_for(row: Model) -> list[str]:
    """Return the languages that the texts of a row may be in, in the order in which it has them:
    those of its plan. Names that plans share may be in any language; forms offer those that the row
    has, then `shared_languages`."""
    plan = row if isinstance(row, Plan) else getattr(row, "plan", None)
    if isinstance(plan, Plan):
        return list(plan.languages)
    columns = [each for each in row._meta.fields if isinstance(each, MultilingualField)]
    own = (tag for each in columns for tag in each.value_from_object(row))
    return list(dict.fromkeys((*own, *shared_languages())))


def shared_languages() -> list[str]:
    """Return the languages of all plans, and those languages of the interface that no plan has.
    `zh` of a plan and `zh-Hans` of the interface count as one language."""
    tags = languages_of(Plan.objects.in_order())
    spoken = {likely_locale(tag) for tag in tags}
    return [*tags, *(tag for tag in interface_tags() if likely_locale(tag) not in spoken)]


def terms_or_message(request: HttpRequest, query: str) -> list[SearchTerm] | None:
    """Return the terms of a query. If there are too many, add a message to the page and return
    None."""
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

    # Django names the columns of the database.

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        columns = {column.name: column for column in self.fk.model._meta.fields}
        shown = [columns[name] for name in unique_check if name != self.fk.name]
        names = [capfirst(str(column.verbose_name)) for column in shown]
        return _("The same more than once: %(names)s.") % {"names": join_list(names)}

    def get_form_error(self) -> str:
        return _("This row repeats another one.")


class AllLanguagesMixin(BaseModelAdmin):
    """Shows texts that cannot be edited in all their languages."""

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        return [self._shown(name) for name in super().get_readonly_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> _FieldsetSpec:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self._shown_line(line) for line in options["fields"]]})
            for title, options in fieldsets
        ]

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Exclude from forms the fields that are shown by functions, and those functions."""
        fixed = [str(name) for name in super().get_readonly_fields(request, obj)]
        return [*(super().get_exclude(request, obj) or ()), *fixed, *self._functions.values()]

    def _shown_line(self, line: FieldLine) -> FieldLine:
        """Return the same for a line of a form; the names of several fields on it stay names."""
        return self._shown(line) if isinstance(line, str) else line

    def _shown(self, name: str) -> str:
        """Return the name of a field as it is; for a text, a function that shows it in all its
        languages, which the admin takes in place of a name."""
        return self._functions.get(name, name)

    @cached_property
    def _functions(self) -> dict[str, str]:
        return functions_of(self.opts.fields, shown_in_all_languages)


class TextsAdmin(AllLanguagesMixin, ModelAdmin):
    """Shows texts that cannot be edited in all their languages, and searches in all.

    `search_indexes` are the columns of search indexes; `search_fields` those of codes and
    addresses. Expressions that these name are `search_columns`, which are added to a search alone:
    their joins would slow down every list.
    """

    search_indexes: Sequence[str] = ()
    search_columns: Mapping[str, Combinable] = {}

    def get_list_display(self, request: HttpRequest) -> list[ListColumn]:
        """Show texts of lists in the reader's language, or marked as being in another one."""
        return [self._columns.get(str(name), name) for name in super().get_list_display(request)]

    def get_list_display_links(
        self, request: HttpRequest, list_display: ListColumns
    ) -> ListColumns:
        links = super().get_list_display_links(request, list_display)
        return links and [self._columns.get(str(name), name) for name in links]

    @cached_property
    def _columns(self) -> dict[str, str]:
        return functions_of(self.opts.fields, shown_for_reader)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term:
            queryset = queryset.alias(**self.search_columns)
        if not self.search_indexes:
            return super().get_search_results(request, queryset, search_term)
        fields: Iterable[str] = self.get_search_fields(request)
        terms = terms_or_message(request, search_term)
        if terms is None:
            return queryset.none(), False
        return queryset.filter(contains_all(terms, self.search_indexes, fields)), False
