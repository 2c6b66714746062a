"""Base classes of the tracker's admin pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commitments import ledger
from commitments.access import policies
from commitments.admin.base.dates import DAYS
from commitments.admin.base.days import LocalTimes, staff_zone
from commitments.admin.base.lists import CheckedLists
from commitments.admin.base.texts import (
    AllLanguagesMixin,
    LanguagesFormSet,
    TextsAdmin,
    languages_for,
)
from commitments.admin.base.titles import PlainTitles
from commitments.admin.base.typed import ModelAdmin, ModelForm, StackedInline
from commitments.curation import edits, history
from commitments.curation.recording import (
    ChangeReason,
    begin_change,
    record_deletion,
    record_edits,
)
from commitments.exceptions import TimeRefused
from commitments.form_fields import ReasonField
from commitments.models import Office
from commitments.roles import is_staff, signed_in
from commitments.texts.forms import offer_languages
from commitments.workflow.reasons import reason_problems

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups, _FieldsetSpec

    Actions = dict[str, tuple[Callable[..., str], str, str] | None]
    InlineFormSet = forms.BaseInlineFormSet[Model, Model, forms.ModelForm[Model]]


class ReadOnlyAdmin(PlainTitles, LocalTimes, CheckedLists, TextsAdmin):
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


class AdministratorsAdmin(ReadOnlyAdmin):
    """Pages that administrators alone may view."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return policies.may_administer(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_administer(request.user)


# The fields of `ReasonForm` that are not columns of the model.
REASON_FIELDS = ["reason", "expected_version"]


class ReasonForm(ModelForm):
    """A form that asks for the reason of a change, which is public if the change is.

    `expected_version` is the version of the row that the form shows; `change_reason` is set when
    the form is saved. The members of an office are not public.
    """

    change_reason: ChangeReason

    expected_version = forms.CharField(widget=forms.HiddenInput, required=False, label="")

    reason = ReasonField(
        label=_("Reason for the change"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Published in the edit history and under “Changes”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self, languages_for(self.instance))
        field = self.fields.get("reason")
        if field is None:
            return
        # This form does not contain the commitment's forums and milestones, which are on the same
        # page.
        field.required = not isinstance(self.instance, Office)
        if self.instance.pk is not None:
            self.fields["expected_version"].initial = edits.edit_version(self.instance)

    def clean(self) -> dict[str, object] | None:
        """Refuse to save while the ledger would refuse the time; the form keeps what was typed."""
        try:
            ledger.check_time(timezone.now())
        except TimeRefused as error:
            self.add_error(None, str(error))
        return super().clean()

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"]).strip()
        if not reason and set(self.changed_data) - {*REASON_FIELDS, "members"}:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return reason

    def clean_expected_version(self) -> str:
        """Refuse a form that shows an outdated version of the row, or does not say which version it
        shows."""
        expected_version = str(self.cleaned_data["expected_version"])
        if self.instance.pk and expected_version != edits.edit_version(self.instance):
            self.add_error(None, changed_since_opened())
        return expected_version


def changed_since_opened() -> str:
    return gettext(
        "This has been changed since you opened it, by somebody else or by you in another window. "
        "Your changes are still on this page: open the current version in another window, compare, "
        "and save there."
    )


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
        """Put the reason last, on the pages of people who may change the row."""
        fieldsets: _FieldsetSpec = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
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
        form.change_reason = begin_change(signed_in(request.user), timezone.now(), reason)
        row: Model = super().save_form(request, form, change)
        return row

    def save_related(
        self,
        request: HttpRequest,
        form: ReasonForm,
        formsets: Iterable[InlineFormSet],
        change: bool,
    ) -> None:
        """Save the rest of the page and record the edit."""
        super().save_related(request, form, formsets, change)
        record_edits([form.instance], form.change_reason)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and (problems := reason_problems(_given_reason(request))):
            messages.error(request, problems[0].message)
            return HttpResponseRedirect(request.get_full_path())
        try:
            return super().delete_view(request, object_id, extra_context)
        except TimeRefused as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        change = ChangeReason(signed_in(request.user), timezone.now(), _given_reason(request))
        record_deletion(obj, change)
        super().delete_model(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the public edit history instead of Django's log of changes in the admin."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            return super().history_view(request, object_id, extra_context)
        plan, subject = ledger.plan_of(row), ledger.subject_of(row)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Edit history of %(code)s") % {"code": subject.key},
            "opts": self.opts,
            "original": row,
            "subject": subject,
            "time_zone": plan.time_zone if plan else staff_zone(),
            "entries": history.entries_of(subject, plan.languages if plan else (), for_staff=True),
        }
        return TemplateResponse(request, "admin/commitments/history.html", context)


def _given_reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()


class ProtectedDeleteMixin(ModelAdmin):
    """Refuses to delete rows that the record still needs, and says what to do instead."""

    def get_actions(self, request: HttpRequest) -> Actions:
        """Remove Django's action that deletes several rows: each deletion may be refused, so rows
        are deleted one by one."""
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


class DeletableCuratorAdmin(ProtectedDeleteMixin, CuratorAdmin):
    """Reference data that curators may also delete while nothing refers to it."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)


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
