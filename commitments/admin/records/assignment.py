"""The form that assigns offices and due dates to several commitments at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from commitments.admin.base.dates import PlainDateField
from commitments.curation import edits
from commitments.form_fields import ReasonField
from commitments.models import Office


class AssignmentForm(forms.Form):
    """Fields that are left empty are not changed."""

    lead_office = forms.ModelChoiceField(
        label=gettext_lazy("Lead office"), queryset=Office.objects.none(), required=False
    )
    supporting_offices = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Supporting offices"),
        queryset=Office.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Added to the offices that already support a commitment."),
    )
    due_on = PlainDateField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("Deliverables only, in the form 2026-12-31."),
    )
    reason = ReasonField(
        label=gettext_lazy("Reason for the change"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Published in the edit history of the commitment."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        for name in ("lead_office", "supporting_offices"):
            field: Any = self.fields[name]
            field.queryset = Office.objects.open()

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        fields = ("lead_office", "supporting_offices", "due_on")
        if not any(data.get(name) or name in self.errors for name in fields):
            raise forms.ValidationError(gettext_lazy("Choose an office or enter a due date."))
        for problem in edits.mismatch_problems(data):
            self.add_error(problem.place, problem.message)
        return data
