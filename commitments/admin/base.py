"""What all of the tracker's admin pages have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments import curation, policies
from commitments.admin.dates import DAYS
from commitments.history import Signature
from commitments.roles import is_staff


class StaffReads(admin.ModelAdmin):
    """Staff look; nobody writes. Superusers too: a role is what counts, and all of it is asked
    of `policies`."""

    formfield_overrides = DAYS

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


class ReasonForm(forms.ModelForm):
    """A change is kept with its reason. `seen` is the version that the form was filled from."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, label="")

    reason = forms.CharField(
        label=_("Reason for the change"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("reason")
        if field is None or self.instance.pk is None:
            return
        self.fields["seen"].initial = curation.version_of(self.instance)
        field.required = curation.needs_reason(self.instance)
        field.help_text = (
            _("Public, with the history of the commitment.")
            if field.required
            else _("For staff, with the history.")
        )

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()

    def clean_seen(self) -> str:
        seen = str(self.cleaned_data["seen"])
        if seen and seen != curation.version_of(self.instance):
            self.add_error(
                None,
                _(
                    "Somebody changed this since you opened it. Your changes are still here; open "
                    "it in another window, compare, and save there."
                ),
            )
        return seen


# What a form asks for besides the row's own columns.
OURS = ["reason", "seen"]


class CuratorsWrite(StaffReads):
    """Reference data: staff look, curators write, under a signature."""

    may_add = True
    form = ReasonForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [name for name in super().get_fields(request, obj) if name not in OURS]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Whoever may change what is there is asked why, at the end."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": OURS})]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """What is to be changed is read under its lock, which the page's transaction holds."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST" or not policies.may_curate(request.user):
            return found
        curation.lock(found)
        return super().get_object(request, object_id, from_field)

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        """All that is saved of one page bears one signature."""
        reason = form.cleaned_data.get("reason", "")
        form.signature = Signature(request.user, timezone.now(), reason)
        return super().save_form(request, form, change)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.signature.on(obj)
        if not change or set(form.changed_data) - set(OURS):
            super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        changed = [row for row, _fields in formset.changed_objects]
        for row in (*formset.new_objects, *changed, *formset.deleted_objects):
            form.signature.on(row)
        for row in formset.deleted_objects:
            row.delete()
        for row in (*formset.new_objects, *changed):
            row.save()
        formset.save_m2m()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        curation.announce(form.instance)


class KeptWithItsHistory(admin.ModelAdmin):
    """Whoever asks to delete what has a history is told what to do instead."""

    def get_actions(self, request: HttpRequest) -> Any:
        """One by one only: each is asked about."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        with transaction.atomic():
            row: Any = self.get_object(request, object_id)
            reason = row and self.has_delete_permission(request, row) and curation.why_kept(row)
            if not reason:
                return super().delete_view(request, object_id, extra_context)
        messages.error(request, reason)
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(f"admin:{name}", args=[row.pk]))

    def delete_model(self, request: Any, obj: Any) -> None:
        Signature(request.user, timezone.now()).on(obj)
        super().delete_model(request, obj)


class CuratorsKeep(KeptWithItsHistory, CuratorsWrite):
    """What curators may delete as long as nothing hangs on it."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        curation.announce(obj)


class CuratorsInline(admin.StackedInline):
    """Rows of a commitment that curators write."""

    extra = 0
    formfield_overrides = DAYS

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
