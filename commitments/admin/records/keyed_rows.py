"""Criteria and milestones on the page of their commitment: rows that are retired instead of
deleted, and whose keys are never used again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commitments.admin.base.pages import CuratorInline
from commitments.admin.base.texts import LanguagesFormSet
from commitments.admin.base.typed import ModelForm
from commitments.curation import keyed_rows
from commitments.curation.recording import ChangeReason
from commitments.models import Commitment, Criterion, Milestone

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups


class KeyedForm(ModelForm):
    """A row that is in use, or a new one; if a new row has no key, the tracker assigns one.
    `retire` takes it out of use; columns in `fixed` never change."""

    fixed: tuple[str, ...] = ("key",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["retire"].widget = forms.HiddenInput()
            self.fields["key"].required = False
            self.fields["key"].help_text = _("If empty, the next free one.")
            return
        for name in set(self.fixed) & set(self.fields):
            self.fields[name].disabled = True


class CriterionForm(KeyedForm):
    """A criterion never changes; one that does not fit is replaced by another."""

    fixed = ("key", "text", "quote")
    retire = forms.BooleanField(
        required=False,
        label=_("Replace"),
        help_text=_(
            "Assessments keep the criteria that they answered. To change a criterion, tick this "
            "and add the new wording as another."
        ),
    )


class MilestoneForm(KeyedForm):
    retire = forms.BooleanField(
        required=False,
        label=_("Drop"),
        help_text=_("It stays in the edit history, and its key is not used again."),
    )


class KeyedFormSet(LanguagesFormSet):
    """The rows in use; `save_at` saves them as of the time of a change."""

    model: type[Criterion | Milestone]
    instance: Commitment

    def clean(self) -> None:
        if any(self.errors):
            return
        if any(row.instance.pk is None for row in self.initial_forms):
            # Another curator has retired the row since the page was opened.
            raise forms.ValidationError(_("A row of this list is no longer in use."))
        kept = [row for row in self.initial_forms if not row.cleaned_data.get("retire")]
        added = [row for row in self.extra_forms if row.has_changed()]
        self._give_keys(added)
        super().clean()
        for problem in self._problems(len(kept) + len(added), added):
            raise forms.ValidationError(problem)

    def _give_keys(self, added: list[Any]) -> None:
        """Give a key to each new row that has none, and refuse keys that were used before."""
        used = keyed_rows.used_keys(self.model, self.instance)
        for form in added:
            key = form.cleaned_data["key"]
            if key in used:
                form.add_error("key", _("This key has been used in this commitment."))
        used.update(form.cleaned_data.get("key", "") for form in added)
        for form in added:
            if not form.instance.key:
                form.instance.key = keyed_rows.free_key(self.model, used)
                form.cleaned_data["key"] = form.instance.key
                used.add(form.instance.key)

    def _problems(self, count: int, added: list[Any]) -> list[str]:
        """Return the problems that keep this number of rows in use, or the added forms, from being
        saved."""
        return []

    def save_at(self, change: ChangeReason) -> None:
        """Save what has changed. Retired rows and added criteria get the time of the change."""
        self.save(commit=False)
        changed: list[Any] = [form for form in self.initial_forms if form.has_changed()]
        for form in changed:
            if form.cleaned_data["retire"]:
                keyed_rows.retire(form.instance, change)
            else:
                form.instance.save()
        added: list[Any] = self.new_objects
        for row in added:
            keyed_rows.add(row, change)


class CriterionFormSet(KeyedFormSet):
    def _problems(self, count: int, added: list[Any]) -> list[str]:
        new = [form.instance for form in added]
        return keyed_rows.criteria_problems(self.instance, count, new)


class MilestoneFormSet(KeyedFormSet):
    def clean(self) -> None:
        super().clean()
        commitment = self.instance
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if data.get("due_on") is None or data.get("retire"):
                continue
            for problem in keyed_rows.milestone_problems(
                data["due_on"], commitment.start_on, commitment.last_day
            ):
                form.add_error("due_on", problem)


class KeyedInline(CuratorInline):
    """Rows of a commitment that are in use."""

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> _FieldGroups:
        """Offer `retire` to people who may change the rows."""
        fields = super().get_fields(request, obj)
        if self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name != "retire"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(retired_at__isnull=True)


class CriterionInline(KeyedInline):
    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    fields = ["key", "text", "quote", "retire"]
    ordering = ["position", "id"]


class MilestoneInline(KeyedInline):
    model = Milestone
    form = MilestoneForm
    formset = MilestoneFormSet
    fields = [("key", "due_on"), "title", "retire"]
    ordering = ["due_on", "id"]
