"""What a draft lacks while it is typed. The draft is written as far as possible and rolled back, so
that the rules of the workflow decide what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from commitments import workflow
from commitments.admin.workbench.draft_forms import DraftForms, refusals
from commitments.admin.workbench.evidence_forms import stand_in
from commitments.admin.workbench.form_places import FormPlace, place_of, sentences
from commitments.admin.workbench.subject import proposed_statuses
from commitments.choices import DatePrecision
from commitments.exceptions import Problem, TrackerError
from commitments.models import ProgressUpdate
from commitments.texts.text import Text
from commitments.workflow import EvidenceChanges

WriteDraft = Callable[[Mapping[str, Any], EvidenceChanges], ProgressUpdate]

# The value of a field whose input was refused and therefore left out.
EMPTY_FIELDS: Mapping[str, object] = {
    "covers_from": None,
    "criteria": [],
    "event_type": None,
    "external_ref": None,
    "findings": {},
    "forums": [],
    "meets": [],
    "rests_on": [],
    "search_note": Text(),
    "status": None,
    "summary": Text(),
}


@dataclass(frozen=True)
class TypedDraft:
    """A draft as it is typed: the fields of the update, and the changes of its evidence."""

    fields: Mapping[str, Any]
    evidence: EvidenceChanges

    def without(self, problems: Iterable[Problem], today: date) -> TypedDraft | None:
        """Return the draft without the values that these problems concern, None if a problem
        concerns a value that cannot be left out."""
        fields, added, changed = dict(self.fields), [*self.evidence.add], {**self.evidence.change}
        for problem in problems:
            match problem.path:
                case ("evidence", int(index), *_rest):
                    added[index] = stand_in(added[index])
                case ("evidence", str(pk), *_rest):
                    changed.pop(int(pk), None)
                case ("effective_on" | "date_precision", *_rest):
                    fields |= {"effective_on": today, "date_precision": DatePrecision.DAY}
                case (str(name), *_rest) if name in EMPTY_FIELDS:
                    fields[name] = EMPTY_FIELDS[name]
                case _:
                    return None
        return TypedDraft(fields, replace(self.evidence, add=added, change=changed))


def missing_so_far(
    forms: DraftForms, write: WriteDraft, today: date, note: str
) -> dict[str, object]:
    """Return what would be missing if the forms were saved as they are typed, and the statuses that
    their findings propose; `note` gives the reasons for a status that differs from that of a
    rating."""
    found: list[tuple[FormPlace, str]] = forms.mistakes()
    typed = TypedDraft(forms.update.fields_so_far(), forms.evidence.changes_so_far())
    proposed = ("", "")
    with transaction.atomic():
        update, refused = _write_without_refused(forms.update.instance, typed, write, today)
        found += [(forms.place_of(problem.path), problem.message) for problem in refused]
        if update is not None:
            known = {place for place, _message in found}
            problems = [*workflow.check(update), *workflow.argument_problems(update, note)]
            # Do not report a field as missing if its input is only not valid yet.
            lacking = [(place_of(problem.path), problem.message) for problem in problems]
            found += [row for row in lacking if row[0] not in known or not row[0].label]
            proposed = proposed_statuses(update, typed.fields.get("covers_from"))
        transaction.set_rollback(True)
    return {"missing": sentences(found), "proposed": proposed}


def _write_without_refused(
    stored: ProgressUpdate, typed: TypedDraft, write: WriteDraft, today: date
) -> tuple[ProgressUpdate | None, list[Problem]]:
    """Write the `stored` draft, or a new one, without the values that are refused, and return it
    with the problems of those values; None in place of the draft if it cannot be written."""
    found: list[Problem] = []
    for _attempt in range(2):
        try:
            return write(typed.fields, typed.evidence), found
        except TrackerError as error:
            refused = refusals(error, stored) or [Problem((), str(error))]
        found += refused
        remaining = typed.without(refused, today)
        if remaining is None:
            break
        typed = remaining
    return None, found
