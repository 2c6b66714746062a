"""The list of progress updates; the workbench has the page of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.base.lists import code_at, names_at
from commitments.admin.base.pages import ReadOnlyAdmin
from commitments.admin.records.filters import PersonListFilter, RelatedListFilter
from commitments.choices import EventType, Status
from commitments.clocks import local_day
from commitments.db import whole_number
from commitments.models import Commitment, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet, narrowed
from commitments.roles import name_of
from commitments.templatetags.tracker import on_day
from commitments.texts.scripts import folded

# The parameters of the list that could reveal what an assessment finds, by the fields they are
# about. The other filters could not, and the list is filtered by nothing else.
ABOUT_FINDINGS = {"status", SEARCH_VAR}


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    list_display = ["number", "about", "office", "when", "what", "state", "author_name", "changed"]
    list_display_links = ["number", "about"]
    list_per_page = 50
    list_filter = [
        "state",
        "commitment__plan",
        "event_type",
        "status",
        ("commitment__lead_office", RelatedListFilter),
        ("author", PersonListFilter),
        "effective_on",
    ]
    linked_by = ["commitment"]
    search_indexes = ["search_index", "commitment__search_index"]
    search_fields = ["public_code", "author__username", "author_full_name"]
    search_columns = {"public_code": code_at("commitment"), "author_full_name": names_at("author")}
    search_help_text = gettext_lazy(
        "Search by number of the update (such as #436), code or title of the commitment, words of "
        "the update, or author."
    )
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgressUpdate]:
        visible = ProgressUpdate.objects.visible_to(request.user)
        if any(name.split("__")[0] in ABOUT_FINDINGS for name in request.GET):
            visible = visible.not_withheld_from(request.user)
        return visible.select_related("commitment__plan", "commitment__lead_office", "author")

    def with_shown(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        shown = narrowed(rows, ProgressUpdateQuerySet)
        return shown.with_is_withheld(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find also the update whose number was typed as messages write it, such as #436."""
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        number = whole_number(folded(search_term).removeprefix("#"))
        if number is not None:
            found = queryset.filter(Q(pk__in=found.values("pk")) | Q(pk=number))
        return found, may_have_duplicates

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.is_reporter(request.user)

    @admin.display(description=gettext_lazy("update"), ordering="id")
    def number(self, update: ProgressUpdate) -> str:
        return f"#{update.pk}"

    @admin.display(description=gettext_lazy("commitment"), ordering="commitment__position")
    def about(self, update: ProgressUpdate) -> SafeString:
        commitment = update.commitment
        return format_html("{} {}", commitment.code, commitment.title)

    @admin.display(description=gettext_lazy("office"), ordering="commitment__lead_office__code")
    def office(self, update: ProgressUpdate) -> str:
        office = update.commitment.lead_office
        return office.code if office else "–"

    @admin.display(description=gettext_lazy("date"), ordering="effective_on")
    def when(self, update: ProgressUpdate) -> str:
        return on_day(update.effective_on, update.date_precision)

    @admin.display(description=gettext_lazy("event or assessment"))
    def what(self, update: Any) -> str:
        event_type = EventType(update.event_type).label if update.event_type else ""
        status = Status(update.status).label if update.status else ""
        if update.is_withheld:
            status = _("Assessment, to be rated first")
        return " · ".join(str(label) for label in (event_type, status) if label)

    @admin.display(description=gettext_lazy("author"), ordering="author__username")
    def author_name(self, update: ProgressUpdate) -> str:
        return name_of(update.author)

    @admin.display(description=gettext_lazy("changed"), ordering="changed_at")
    def changed(self, update: ProgressUpdate) -> str:
        return on_day(local_day(update.changed_at, update.commitment.plan.time_zone))

    # The pages of one update

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Redirect to the workbench: to the form for the commitment whose id is in the address,
        else to the page on which one is chosen."""
        named = whole_number(request.GET.get("commitment", ""))
        for commitment in Commitment.objects.filter(pk=named) if named is not None else ():
            return HttpResponseRedirect(reverse("admin:log-new", args=[commitment.code]))
        return HttpResponseRedirect(reverse("admin:log"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Redirect to the page of the update on the workbench."""
        if whole_number(object_id) is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:update", args=[object_id]))
