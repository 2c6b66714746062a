"""Base classes of the tracker's admin pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments.access import policies
from commitments.admin.dates import DAYS
from commitments.admin.texts import AllLanguagesMixin, LanguagesFormSet, TextsAdmin, languages_for
from commitments.curation import edits
from commitments.curation.history import ChangeReason
from commitments.roles import is_staff, signed_in
from commitments.texts.forms import offer_languages

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups, _FieldsetSpec

    # At run time these classes take no type arguments.
    ModelAdmin = admin.ModelAdmin[Model]
    StackedInline = admin.StackedInline[Model, Model]
    ModelForm = forms.ModelForm[Model]
    Actions = dict[str, tuple[Callable[..., str], str, str] | None]
    InlineFormSet = forms.BaseInlineFormSet[Model, Model, forms.ModelForm[Model]]
else:
    ModelAdmin, StackedInline, ModelForm = admin.ModelAdmin, admin.StackedInline, forms.ModelForm


class ReadOnlyAdmin(TextsAdmin):
    """Pages that staff may view and nobody may change. Superusers are no exception: all
    permissions come from `policies`, by role."""

    formfield_overrides = DAYS | {models.URLField: {"assume_scheme": "https"}}

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


class ReasonForm(ModelForm):
    """A form that asks for the reason of a change. `expected_version` is the version of the row
    that the form shows; `change_reason` is set when the form is saved."""

    change_reason: ChangeReason

    expected_version = forms.CharField(widget=forms.HiddenInput, required=False, label="")

    reason = forms.CharField(
        label=_("Reason for the change"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self, languages_for(self.instance))
        field = self.fields.get("reason")
        if field is None or self.instance.pk is None:
            return
        self.fields["expected_version"].initial = edits.edit_version(self.instance)
        field.required = edits.needs_reason(self.instance)
        field.help_text = (
            _("Published in the edit history of the commitment.")
            if field.required
            else _("Kept in the edit history, visible to staff only.")
        )

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()

    def clean_expected_version(self) -> str:
        expected_version = str(self.cleaned_data["expected_version"])
        if expected_version and expected_version != edits.edit_version(self.instance):
            self.add_error(
                None,
                _(
                    "Someone else has changed this since you opened it. Your changes are "
                    "still on this page: open the current version in another window, "
                    "compare, and save there."
                ),
            )
        return expected_version


# The fields of `ReasonForm` that are no columns of the row.
REASON_FIELDS = ["reason", "expected_version"]


class CuratorAdmin(ReadOnlyAdmin):
    """Reference data that curators change, with a reason."""

    may_add = True
    form = ReasonForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> _FieldGroups:
        return [name for name in super().get_fields(request, obj) if name not in REASON_FIELDS]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> _FieldsetSpec:
        """Ask for the reason last, of those who may change an existing row."""
        fieldsets: _FieldsetSpec = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": REASON_FIELDS})]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Read a row that is to be changed under its lock, which the view's transaction holds."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not policies.may_curate(request.user):
            return row
        edits.lock_for_edit(row)
        return super().get_object(request, object_id, from_field)

    def save_form(self, request: HttpRequest, form: ReasonForm, change: bool) -> Model:
        """Set one reason for everything that the page saves."""
        reason: str = form.cleaned_data.get("reason", "")
        form.change_reason = ChangeReason(signed_in(request.user), timezone.now(), reason)
        row: Model = super().save_form(request, form, change)
        return row

    def save_model(self, request: HttpRequest, obj: Model, form: ReasonForm, change: bool) -> None:
        form.change_reason.apply_to(obj)
        if not change or set(form.changed_data) - set(REASON_FIELDS):
            super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: ReasonForm, formset: InlineFormSet, change: bool
    ) -> None:
        formset.save(commit=False)
        saved = [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]
        for row in (*saved, *formset.deleted_objects):
            form.change_reason.apply_to(row)
        for row in formset.deleted_objects:
            row.delete()
        for row in saved:
            row.save()
        formset.save_m2m()

    def save_related(
        self,
        request: HttpRequest,
        form: ReasonForm,
        formsets: Iterable[InlineFormSet],
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        edits.bump_plan_revision(form.instance)


class ProtectedDeleteMixin(ModelAdmin):
    """Refuses to delete what the record still needs, and shows what to do instead."""

    def get_actions(self, request: HttpRequest) -> Actions:
        """Remove deletion of several rows: each may be refused, so they are deleted one by one."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            row = self.get_object(request, object_id)
            reason = None
            if row is not None and self.has_delete_permission(request, row):
                reason = edits.deletion_blocker(row)
            if row is None or reason is None:
                return super().delete_view(request, object_id, extra_context)
        messages.error(request, reason)
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(f"admin:{name}", args=[row.pk]))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        ChangeReason(signed_in(request.user), timezone.now()).apply_to(obj)
        super().delete_model(request, obj)


class DeletableCuratorAdmin(ProtectedDeleteMixin, CuratorAdmin):
    """Reference data that curators may also delete while nothing refers to it."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        edits.bump_plan_revision(obj)


class CuratorInline(AllLanguagesMixin, StackedInline):
    """Rows of a commitment that curators change on its page."""

    extra = 0
    formset = LanguagesFormSet
    formfield_overrides = DAYS

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
