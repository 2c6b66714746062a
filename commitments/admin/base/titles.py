"""Titles of the admin's pages: a list is named for what it contains, a page for its record."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commitments.admin.base.typed import ModelAdmin


class PlainTitles(ModelAdmin):
    """Titles in place of Django's “Select office to change” and “Change office”."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if obj and request.method == "POST":
            # A form that is refused has already written what was typed to its row.
            obj = self.get_queryset(request).get(pk=obj.pk)
        title = str(obj) if obj else _("Add %s") % self.opts.verbose_name
        titled = {**context, "title": title, "subtitle": None}
        return super().render_change_form(request, titled, add, change, form_url, obj)
