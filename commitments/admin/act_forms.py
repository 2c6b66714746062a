"""What each act of the workflow asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from commitments.choices import PUBLIC_NOTE_ACTIONS, Action
from commitments.models import Evidence, ProgressUpdate
from commitments.transitions import TRANSITIONS


class ActForm(forms.Form):
    """`seen` is the revision that was on the page."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("note"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, act: Action, update: ProgressUpdate, data: Any = None) -> None:
        super().__init__(data, initial={"seen": update.revision})
        note = self.fields["note"]
        note.required = TRANSITIONS[act].note_required
        note.help_text = (
            _("The public will read this note.")
            if act in PUBLIC_NOTE_ACTIONS
            else _("For staff only.")
        )
        self.order_fields([*(name for name in self.fields if name != "note"), "note"])

    def details(self) -> dict[str, Any]:
        """Arguments for `workflow.perform`."""
        return dict(self.cleaned_data)


class ArchiveForm(ActForm):
    evidence = forms.ModelChoiceField(label=_("link"), queryset=Evidence.objects.none())
    archived_url = forms.URLField(label=_("archived address"), assume_scheme="https")

    def __init__(self, act: Action, update: ProgressUpdate, data: Any = None) -> None:
        super().__init__(act, update, data)
        links: Any = self.fields["evidence"]
        links.queryset = update.evidence.filter(public=True).exclude(url="").order_by("pk")

    def details(self) -> dict[str, Any]:
        return {**self.cleaned_data, "evidence": self.cleaned_data["evidence"].pk}


class ReassignForm(ActForm):
    to = forms.ModelChoiceField(
        label=_("new author"), queryset=User.objects.filter(is_active=True).order_by("username")
    )


SPECIAL = {Action.ARCHIVE: ArchiveForm, Action.REASSIGN: ReassignForm}


def act_form(act: Action, update: ProgressUpdate, data: Any = None) -> ActForm:
    return SPECIAL.get(act, ActForm)(act, update, data)
