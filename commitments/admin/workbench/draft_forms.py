"""The forms of a draft and of its evidence together, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from commitments.admin.workbench.evidence_forms import EvidenceFormSet
from commitments.admin.workbench.update_form import UpdateForm
from commitments.exceptions import DuplicateReference, Problem, StaleRevision, TrackerError
from commitments.workflow import EvidenceChanges


@dataclass
class DraftForms:
    """The form of an update and those of its evidence."""

    update: UpdateForm
    evidence: EvidenceFormSet

    def is_valid(self) -> bool:
        return all([self.update.is_valid(), self.evidence.is_valid()])

    def leave_unchecked(self) -> None:
        """Show what was sent without its mistakes: it is not finished yet."""
        for form in self._forms():
            form._errors = ErrorDict()

    @property
    def error_count(self) -> int:
        """The number of fields with mistakes."""
        return sum(len(form.errors) for form in self._forms()) + bool(
            self.evidence.non_form_errors()
        )

    def mistakes(self) -> list[Problem]:
        """Return what keeps the forms from being saved, each with the name of its field."""
        return [
            Problem((name,), _named(sentence, place, form, name))
            for place, form in self._places()
            for name, sentences in form.errors.items()
            for sentence in sentences
        ]

    def changes_without_files(self) -> EvidenceChanges:
        """Return the changes of the evidence as they count for what an update lacks: the contents
        of files are left where they are."""
        changes = self.evidence.changes()
        added = [
            {**piece, "file": None, "citation": "-"} if piece.get("file") else piece
            for piece in changes.add
        ]
        return replace(changes, add=added)

    def _places(self) -> Iterator[tuple[str, Any]]:
        """Yield each form with the words that tell where it is on the page."""
        for number, form in enumerate(self.evidence.forms, 1):
            yield _("Source %(number)s") % {"number": number}, form
        yield "", self.update

    def _forms(self) -> list[Any]:
        return [form for _place, form in self._places()]


def _named(sentence: str, place: str, form: Any, name: str) -> str:
    """Return a mistake with the place and the label of its field, if it is that of one."""
    label = str(form[name].label) if name in form.fields else ""
    words = " · ".join(filter(None, [place, label]))
    return _("%(name)s: %(message)s") % {"name": words, "message": sentence} if words else sentence


def refusals(error: TrackerError) -> list[Problem]:
    """Return the problems of an error, each with the path of the field at which it is shown."""
    match error:
        case DuplicateReference():
            return [Problem(("external_ref",), str(error))]
        case StaleRevision():
            sentence = _(
                "Someone else has changed this update since you opened it. Your changes are still "
                "on this page: open the current version in another window, compare, and save there."
            )
            return [Problem((), sentence)]
        case _:
            return list(error.problems)
