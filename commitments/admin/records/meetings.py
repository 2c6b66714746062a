"""The meetings of forums, which curators enter. They are no part of the record, so no reason is
asked for, not even where readers see them (`curation.meetings`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import connection
from django.db.models import Model, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commitments.access import policies
from commitments.admin.base.pages import (
    ProtectedDeleteMixin,
    ReadOnlyAdmin,
    changed_since_opened,
)
from commitments.admin.base.texts import languages_for
from commitments.admin.base.typed import ModelForm
from commitments.admin.records.filters import RelatedListFilter
from commitments.curation.meetings import STAFF_FIELDS, mark_changed, meeting_version
from commitments.models import Meeting, Office
from commitments.texts.forms import offer_languages


class MeetingForm(ModelForm):
    """Offers the offices that are not closed, and those already listed as going. `expected_version`
    is the version of the meeting that the form shows."""

    instance: Meeting

    expected_version = forms.CharField(widget=forms.HiddenInput, required=False, label="")

    class Meta:
        widgets = {"offices": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self, languages_for(self.instance))
        if "ends_on" in self.fields:
            self.fields["ends_on"].required = False
            self.fields["ends_on"].help_text = gettext("If empty: the first day.")
        offices: Any = self.fields.get("offices")
        if offices is not None:
            going = Q(meetings=self.instance.pk) if self.instance.pk else Q(pk__in=[])
            rows = Office.objects.filter(Q(closed_on__isnull=True) | going)
            offices.queryset = rows.distinct().order_by("code")
        if self.instance.pk:
            self.fields["expected_version"].initial = meeting_version(self.instance)

    def clean_expected_version(self) -> str:
        expected_version = str(self.cleaned_data["expected_version"])
        if self.instance.pk and expected_version != meeting_version(self.instance):
            self.add_error(None, changed_since_opened())
        return expected_version

    def clean(self) -> dict[str, Any]:
        """Let a meeting without a last day end on its first day."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on", "") is None:
            data["ends_on"] = data["starts_on"]
        return data


@admin.register(Meeting)
class MeetingAdmin(ProtectedDeleteMixin, ReadOnlyAdmin):
    form = MeetingForm
    list_display = ["forum", "title", "starts_on", "ends_on", "place", "papers_due_on", "public"]
    list_select_related = ["forum"]
    list_filter = [
        "starts_on",
        "public",
        "cancelled",
        ("forum", RelatedListFilter),
        ("offices", RelatedListFilter),
    ]
    search_indexes = ["search_index", "forum__search_index"]
    search_fields = ["forum__code"]
    search_help_text = _("Search by forum, title or place, in any language.")
    ordering = ["-starts_on", "-id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.may_curate(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Read a meeting that is to be changed under its lock, which the view's transaction
        holds."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        return Meeting.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or not STAFF_FIELDS.issuperset(form.changed_data):
            mark_changed(obj, timezone.now(), was_public=bool(form.initial.get("public")))
        super().save_model(request, obj, form, change)
