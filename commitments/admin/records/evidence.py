"""The lists of evidence and of link checks; evidence is edited on the page of its update."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base.lists import code_at
from commitments.admin.base.pages import ReadOnlyAdmin
from commitments.admin.records.filters import LinkListFilter
from commitments.links import checks
from commitments.models import Evidence, LinkCheck
from commitments.templatetags.tracker import on_day


def link_state(evidence: Evidence) -> str:
    """Return the state of a link as text, or a dash if it was never checked."""
    health = checks.health_of(evidence)
    if health is None:
        return "–"
    if not health.dead:
        return str(health.status.label)
    good_on = timezone.localdate(health.good_at) if health.good_at else None
    if good_on is None:
        return _("Dead")
    return _("Dead; last reached on %(day)s") % {"day": on_day(good_on)}


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnlyAdmin):
    """The results of link checks over time."""

    list_display = ["evidence", "url", "status", "detail", "first_at", "last_at", "checks"]
    list_filter = ["status"]
    search_indexes = ["evidence__search_index"]
    search_fields = ["public_code", "url", "moved_to"]
    search_columns = {"public_code": code_at("evidence__update__commitment")}
    ordering = ["-last_at", "-id"]
    exclude = ["fingerprint", "validator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkCheck]:
        visible = Evidence.objects.visible_to(request.user)
        rows = LinkCheck.objects.filter(evidence__in=visible.values("pk"))
        return rows.select_related("evidence")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """All evidence; it is edited on the page of its update."""

    list_display = ["title", "publisher", "kind", "source", "public", "link_state", "update"]
    list_filter = ["source", "kind", "public", LinkListFilter]
    search_indexes = ["search_index", "publisher__search_index"]
    search_fields = ["public_code"]
    search_columns = {"public_code": code_at("update__commitment")}
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        rows = Evidence.objects.visible_to(request.user)
        return rows.select_related("update__commitment__plan").prefetch_related("link_checks")

    @admin.display(description=gettext_lazy("link"))
    def link_state(self, evidence: Evidence) -> str:
        return link_state(evidence)
