"""The list of progress updates; the workbench has the page of each."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.base import ReadOnlyAdmin
from commitments.models import Commitment, ProgressUpdate
from commitments.templatetags.tracker import on_day


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    list_display = [
        "number",
        "commitment_code",
        "about",
        "when",
        "event_type",
        "status",
        "state",
        "author_name",
        "changed_at",
    ]
    list_display_links = ["number", "commitment_code"]
    list_filter = [
        "state",
        "commitment__plan",
        "event_type",
        "status",
        ("commitment__lead_office", admin.RelatedOnlyFieldListFilter),
        ("author", admin.RelatedOnlyFieldListFilter),
        "effective_on",
    ]
    search_indexes = ["search_index", "commitment__search_index"]
    search_fields = ["public_code", "author__username", "author_full_name"]
    search_help_text = gettext_lazy("Search by code, title, words of the update, or author.")
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgressUpdate]:
        visible = ProgressUpdate.objects.visible_to(request.user)
        names = ("author__last_name", "author__first_name", Value(" "), "author__last_name")
        code = ("commitment__plan__code", Value("-"), "commitment__number")
        return visible.select_related("commitment__plan", "author").alias(
            public_code=Concat(*code), author_full_name=Concat(*names)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.is_reporter(request.user)

    @admin.display(description=gettext_lazy("update"), ordering="id")
    def number(self, update: ProgressUpdate) -> str:
        return f"#{update.pk}"

    @admin.display(description=gettext_lazy("commitment"), ordering="commitment__position")
    def commitment_code(self, update: ProgressUpdate) -> str:
        return update.commitment.code

    @admin.display(description=gettext_lazy("title"))
    def about(self, update: ProgressUpdate) -> SafeString:
        return update.commitment.title.__html__()

    @admin.display(description=gettext_lazy("date"), ordering="effective_on")
    def when(self, update: ProgressUpdate) -> str:
        return on_day(update.effective_on, update.date_precision)

    @admin.display(description=gettext_lazy("author"), ordering="author__username")
    def author_name(self, update: ProgressUpdate) -> str:
        return update.author.get_full_name() or update.author.get_username()

    # The pages of one update

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Lead to the workbench: to the form for the commitment that the address names by its id,
        else to choose one."""
        named = request.GET.get("commitment", "")
        rows = Commitment.objects.filter(pk=named) if named.isdecimal() else ()
        for commitment in rows:
            return HttpResponseRedirect(reverse("admin:log-new", args=[commitment.code]))
        return HttpResponseRedirect(reverse("admin:log"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Lead to the workbench."""
        return HttpResponseRedirect(f"/admin/updates/{object_id}/")
