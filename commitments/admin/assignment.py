"""Lead and supporting offices and due dates for several commitments at once, with the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from commitments import planfile
from commitments.admin.dates import PlainDateField
from commitments.models import Office


class AssignmentForm(forms.Form):
    """What is left empty stays as it is."""

    lead_office = forms.ModelChoiceField(
        label=gettext_lazy("lead office"), queryset=Office.objects.none(), required=False
    )
    supporting_offices = forms.ModelMultipleChoiceField(
        label=gettext_lazy("supporting offices"),
        queryset=Office.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They are added to those that support a commitment already."),
    )
    due_on = PlainDateField(
        label=gettext_lazy("due on"),
        required=False,
        help_text=gettext_lazy("Deliverables only, such as 2026-12-31."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Public, with the history of the commitment."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("lead_office", "supporting_offices"):
            field: Any = self.fields[name]
            field.queryset = Office.objects.open()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("lead_office", "supporting_offices", "due_on")):
            raise forms.ValidationError(gettext_lazy("Choose an office or a due date."))
        for problem in planfile.named_twice(data):
            self.add_error(problem.place, problem.message)
        return data
