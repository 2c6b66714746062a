"""The forms of a draft and of its evidence together, and their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from commitments.admin.workbench.base import update_address
from commitments.admin.workbench.evidence_forms import EvidenceFormSet
from commitments.admin.workbench.form_places import FormPlace, place_of, place_of_source
from commitments.admin.workbench.update_form import FIELD_OF, UpdateForm
from commitments.exceptions import (
    DuplicateReference,
    Problem,
    ProblemPath,
    StaleRevision,
    TrackerError,
)
from commitments.models import ProgressUpdate
from commitments.texts.text import sentence_html


@dataclass
class DraftForms:
    """The form of an update and those of its evidence."""

    update: UpdateForm
    evidence: EvidenceFormSet

    def is_valid(self) -> bool:
        return all([self.update.is_valid(), self.evidence.is_valid()])

    def leave_unchecked(self) -> None:
        """Show the submitted data without errors, since the person has not finished it."""
        for form in self._forms():
            form._errors = ErrorDict()

    @property
    def error_count(self) -> int:
        """The number of fields with mistakes."""
        # Reading the errors of the formset first moves some of them into the fields of its forms.
        of_all = bool(self.evidence.non_form_errors())
        return of_all + sum(len(form.errors) for form in self._forms())

    def mistakes(self) -> list[tuple[FormPlace, str]]:
        """Return what keeps the forms from being saved, with the place of each mistake."""
        rows = [
            (place_of_source(number, _label(row, name)), str(message))
            for number, row in self.evidence.numbered()
            for name, messages in row.errors.items()
            for message in messages
        ]
        own = [
            (FormPlace("", _label(self.update, name)), str(message))
            for name, messages in self.update.errors.items()
            for message in messages
        ]
        return [*rows, *own]

    def place_of(self, path: ProblemPath) -> FormPlace:
        """Return the place on the form of the field that a problem of the workflow names."""
        match path:
            case ("evidence", key, *rest) if number := self.evidence.number_of(key):
                row, name = self.evidence.forms[number - 1], str(rest[0]) if rest else ""
                return place_of_source(number, _label(row, FIELD_OF.get(name, name)))
        return place_of(path)

    def _forms(self) -> list[Any]:
        return [*self.evidence.forms, self.update]


def _label(form: forms.BaseForm, name: str) -> str:
    """Return the label of a field, "" if there is none of this name."""
    return str(form[name].label) if name in form.fields else ""


def stale(update: ProgressUpdate, *, by_themselves: bool) -> Problem:
    """Return the message, as HTML, that an update has changed since its form was opened, with a
    link to its current version. If nobody else has ever edited it, it was changed in another
    window, or by the same form, whose response was lost."""
    if by_themselves:
        changed = _("You have changed this update since you opened this form, or sent it before.")
    else:
        changed = _("This update was changed since you opened it.")
    kept = _(
        "%(changed)s Your changes are still on this page: open %(version)s in another window, "
        "compare, and save there."
    )
    words, address = _("the current version"), update_address(update)
    version = format_html('<a href="{}" target="_blank">{}</a>', address, words)
    return Problem((), sentence_html(kept, {"changed": changed, "version": version}))


def refusals(error: TrackerError, update: ProgressUpdate | None) -> list[Problem]:
    """Return the problems of an error on saving a draft, each with the path of the field at which
    it is shown; `update` is None if the draft is new."""
    match error:
        case DuplicateReference():
            return [Problem(("external_ref",), str(error))]
        case StaleRevision() if update is not None:
            return [stale(update, by_themselves=False)]
        case _:
            return list(error.problems)
