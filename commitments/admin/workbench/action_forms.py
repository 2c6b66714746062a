"""The forms of the actions of the workflow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from commitments.access import policies
from commitments.choices import PUBLIC_NOTE_ACTIONS, Action
from commitments.models import Evidence, ProgressUpdate
from commitments.roles import choice_of
from commitments.workflow.transitions import TRANSITIONS


class ActionForm(forms.Form):
    """Asks for a note. `expected_revision` is the revision of the update that the page shows."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, action: Action, update: ProgressUpdate, data: QueryDict | None = None
    ) -> None:
        super().__init__(data, initial={"expected_revision": update.revision})
        note = self.fields["note"]
        note.required = TRANSITIONS[action].note_required
        note.help_text = (
            _("This note is public.")
            if action in PUBLIC_NOTE_ACTIONS
            else _("Visible to staff only.")
        )
        self.order_fields([*(name for name in self.fields if name != "note"), "note"])

    def details(self) -> dict[str, Any]:
        """Return the arguments for `workflow.perform`."""
        return dict(self.cleaned_data)


class ArchiveForm(ActionForm):
    evidence = forms.ModelChoiceField(label=_("Link"), queryset=Evidence.objects.none())
    archived_url = forms.URLField(label=_("Archived address"), assume_scheme="https")

    def __init__(
        self, action: Action, update: ProgressUpdate, data: QueryDict | None = None
    ) -> None:
        super().__init__(action, update, data)
        links: Any = self.fields["evidence"]
        links.queryset = update.evidence.archivable().order_by("pk")

    def details(self) -> dict[str, Any]:
        return {**self.cleaned_data, "evidence": self.cleaned_data["evidence"].pk}


class ReassignForm(ActionForm):
    to = forms.ModelChoiceField(label=_("New author"), queryset=User.objects.none())

    def __init__(
        self, action: Action, update: ProgressUpdate, data: QueryDict | None = None
    ) -> None:
        super().__init__(action, update, data)
        authors: Any = self.fields["to"]
        authors.queryset = policies.who_may_report(update.commitment)
        authors.label_from_instance = choice_of


ACTION_FORMS = {Action.ARCHIVE: ArchiveForm, Action.REASSIGN: ReassignForm}


def action_form(
    action: Action, update: ProgressUpdate, data: QueryDict | None = None
) -> ActionForm:
    return ACTION_FORMS.get(action, ActionForm)(action, update, data)
