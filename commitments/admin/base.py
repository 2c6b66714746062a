"""What all of the tracker's admin pages have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from commitments import curation, policies
from commitments.roles import is_staff


class StaffReads(admin.ModelAdmin):
    """Staff look; nobody writes. Superusers too: a role is what counts, and all of it is asked
    of `policies`."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CuratorsWrite(StaffReads):
    """Reference data: staff look, curators write. Nothing is deleted."""

    may_add = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        curation.announce(form.instance)


class CuratorsInline(admin.TabularInline):
    """Rows of a commitment that curators write."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
