"""Rating an assessment blind, and comparing ratings with what its author found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import workflow
from commitments.access import policies
from commitments.admin.workbench.finding_fields import (
    FINDINGS,
    Findings,
    FindingsFormField,
    FindingTable,
    basis_labels,
    finding_table,
    ids_in,
)
from commitments.admin.workbench.update_form import place_problem
from commitments.choices import FindingResult, Status, statuses_for
from commitments.exceptions import Problem
from commitments.models import Criterion, ProgressUpdate, Rating
from commitments.roles import name_of
from commitments.workflow import FindingFields

if TYPE_CHECKING:
    from commitments.roles import Person


class RatingForm(forms.Form):
    """Asks what the criteria show, by the events on which the assessment rests."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput)
    findings = FindingsFormField(label=gettext_lazy("Findings"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        help_text=gettext_lazy(
            "If it is left open, it is the one that follows from what you found; where several "
            "follow, you are asked."
        ),
    )

    def __init__(self, update: ProgressUpdate, user: Person, data: Any = None) -> None:
        # The page has another form with a field of this name.
        initial = {"expected_revision": update.revision}
        super().__init__(data, initial=initial, auto_id="rating_%s")
        self.update, self.user = update, user
        self.criteria = workflow.criteria_to_rate(update)
        choices = [(code.value, code.label) for code in statuses_for(update.commitment.kind)]
        fields: dict[str, Any] = self.fields
        fields["status"].choices = [("", _("As follows from the findings")), *choices]

    @cached_property
    def events(self) -> list[ProgressUpdate]:
        rows = ProgressUpdate.objects.filter(pk__in=workflow.saved_events(self.update))
        return list(rows.latest_first())

    @property
    def finding_table(self) -> FindingTable:
        """The criteria and events, as the form lays them out."""
        sent: Findings = {}
        if self.is_bound:
            sent = {row.key: self._sent_finding(row.key) for row in self.criteria}
        labels = basis_labels(self.update, self.user)
        return finding_table(
            self.criteria, self.events, sent, (), date.min, besides=False, labels=labels
        )

    def _sent_finding(self, key: str) -> FindingFields:
        name = f"{FINDINGS}_{key}"
        events = self.data.getlist(f"{name}_events") if hasattr(self.data, "getlist") else ()
        return FindingFields(str(self.data.get(name, "")), ids_in(events))

    def details(self) -> dict[str, Any]:
        """Return the arguments for `workflow.perform`."""
        data = self.cleaned_data
        return {
            "expected_revision": data["expected_revision"],
            "findings": data["findings"] or {},
            "status": data["status"] or None,
        }

    def refuse(self, problems: list[Problem]) -> None:
        """Show the problems for which the workflow refused the rating."""
        for problem in problems:
            place_problem(self, problem, problem.path)


@dataclass(frozen=True)
class ComparedFinding:
    """What two people found of a criterion; None for the one who did not answer it."""

    criterion: Criterion
    rated: FindingResult | None
    assessed: FindingResult | None

    @property
    def differs(self) -> bool:
        return self.rated is not self.assessed


@dataclass(frozen=True)
class ComparedRating:
    """A rating beside the assessment. `holds` says whether it still applies to the assessment as it
    is now."""

    rating: Rating
    at: datetime
    rater: str
    findings: list[ComparedFinding]
    rated: Status
    assessed: Status
    holds: bool

    @property
    def differs(self) -> bool:
        return self.rated is not self.assessed


def compared_ratings(user: Person, update: ProgressUpdate) -> list[ComparedRating]:
    """Return the ratings that a person may see, each beside what the assessment finds now."""
    rows = policies.visible_ratings(user, update)
    if not rows or not update.status:
        return []
    criteria = {row.key: row for row in update.commitment.criteria.in_order()}
    assessed = {key: row.result for key, row in workflow.saved_findings(update).items()}
    holding = {row.pk for row in workflow.holding_ratings(update)}
    decisions = {row.pk: row for row in update.decisions.select_related("actor")}
    return [
        ComparedRating(
            row,
            decisions[row.decision_id].at,
            name_of(row.rater),
            [
                ComparedFinding(criterion, _result(row.findings.get(key)), _result(assessed, key))
                for key, criterion in criteria.items()
                if key in row.findings or key in assessed
            ],
            Status(row.status),
            Status(update.status),
            row.pk in holding,
        )
        for row in rows
    ]


def _result(found: Mapping[str, Any] | None, key: str = "result") -> FindingResult | None:
    return FindingResult(found[key]) if found and key in found else None
