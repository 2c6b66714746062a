"""Evidence: beside its update while that is written, and all of it to search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import links, policies, workflow
from commitments.admin.base import StaffReads
from commitments.admin.dates import DAYS
from commitments.admin.filters import ByLink
from commitments.admin.update_forms import EvidenceForm, EvidenceFormSet, stored_file
from commitments.models import Evidence, LinkCheck, ProgressUpdate
from commitments.roles import is_staff
from commitments.templatetags.tracker import on_day


def may_write(request: HttpRequest, update: Model | None) -> bool:
    """A new update is a reporter's; a present one whoever's the workflow says."""
    if isinstance(update, ProgressUpdate) and update.pk:
        return workflow.may_write(request.user, update)
    return policies.is_reporter(request.user)


class EvidenceInline(admin.StackedInline):
    """Evidence while its update may be written, else to read."""

    model = Evidence
    form = EvidenceForm
    formset = EvidenceFormSet
    formfield_overrides = DAYS
    extra = 0
    fields = [
        ("title", "publisher"),
        "url",
        "upload",
        "citation",
        ("kind", "source"),
        ("language", "dated_on", "public"),
    ]

    # What there is to read where nothing can be written.
    also_read = ("link_state", "archived_url")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("link_checks")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Read alone, the file is what there is of the upload."""
        if may_write(request, obj):
            return self.fields
        shown = ["stored" if name == "upload" else name for name in self.fields]
        return [*shown, self.also_read]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if may_write(request, obj) else ("stored", *self.also_read)

    @admin.display(description=gettext_lazy("file"))
    def stored(self, evidence: Evidence) -> str:
        return stored_file(evidence)

    @admin.display(description=gettext_lazy("what became of the link"))
    def link_state(self, evidence: Evidence) -> str:
        return link_state(evidence)

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        """A new update begins with a place for its first source."""
        return 0 if obj else 1

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)


def link_state(evidence: Evidence) -> str:
    """What became of a link, in a line."""
    found = links.health(evidence)
    if found is None:
        return "–"
    if not found.dead:
        return str(found.outcome.label)
    good_on = timezone.localdate(found.good_at) if found.good_at else None
    if good_on is None:
        return _("Dead")
    return _("Dead; last reached on %(day)s") % {"day": on_day(good_on)}


@admin.register(LinkCheck)
class LinkCheckAdmin(StaffReads):
    """What was found at links over time."""

    list_display = ["evidence", "outcome", "detail", "first_at", "last_at", "checks"]
    list_filter = ["outcome"]
    search_fields = ["evidence__url", "evidence__title", "moved_to"]
    ordering = ["-last_at", "-id"]
    exclude = ["fingerprint", "validator"]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Evidence.objects.visible_to(request.user)
        rows = LinkCheck.objects.filter(evidence__in=visible.values("pk"))
        return rows.select_related("evidence")


@admin.register(Evidence)
class EvidenceAdmin(StaffReads):
    """All evidence, to search; it is written on its update's page."""

    list_display = ["title", "publisher", "kind", "source", "public", "link_state", "update"]
    list_filter = ["source", "kind", "public", ByLink]
    search_fields = ["title", "publisher", "url", "citation"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = Evidence.objects.visible_to(request.user)
        return rows.select_related("update__commitment__plan").prefetch_related("link_checks")

    @admin.display(description=gettext_lazy("link"))
    def link_state(self, evidence: Evidence) -> str:
        return link_state(evidence)
