"""The form of a draft. The workflow checks the data when it is saved, and its problems are shown at
the fields."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.forms.models import construct_instance
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base.dates import PlainDateField
from commitments.admin.workbench.finding_fields import (
    FINDINGS,
    EventsField,
    FindingsFormField,
    FindingTable,
    finding_table,
    ids_in,
    offered_events,
)
from commitments.admin.workbench.forum_choices import forum_choices
from commitments.choices import DatePrecision, EventType, statuses_for
from commitments.clocks import PartialDate, local_day, period_end
from commitments.exceptions import Problem, ProblemPath
from commitments.form_fields import PartialDateField
from commitments.models import Commitment, Criterion, Meeting, ProgressUpdate
from commitments.texts.forms import offer_languages
from commitments.workflow import (
    UPDATE_FIELDS,
    FindingFields,
    events_to_weigh,
    first_day_allowed,
    first_day_offered,
    saved_events,
    saved_findings,
)

if TYPE_CHECKING:
    from commitments.roles import Person

# The fields of an update that have form fields of their own, or come from the address.
OWN_FIELDS = (
    "effective_on",
    "date_precision",
    "covers_from",
    "findings",
    "rests_on",
    "corrects",
)
# The form fields that select several related rows.
ROW_FIELDS = ("forums", "criteria", "meets")
# The columns that a correction copies from its original, apart from dates, relations and findings.
# An external reference belongs to one update only.
COPIED_COLUMNS = tuple(
    name for name in UPDATE_FIELDS if name not in (*OWN_FIELDS, *ROW_FIELDS, "external_ref")
)
# The fields that the template places itself; the others are under *More*.
PLACED_FIELDS = (*OWN_FIELDS, *ROW_FIELDS, "when", "event_type", "summary", "status", "search_note")
# The names of form fields that differ from those the workflow uses.
FIELD_OF = {
    "file": "upload",
    "publisher": "publisher_name",
    "effective_on": "when",
    "date_precision": "when",
}


def place_problem(form: forms.BaseForm, problem: Problem, path: ProblemPath) -> None:
    """Show a problem at the field that its path names, else above the form."""
    name = FIELD_OF.get(str(path[0]), str(path[0])) if path else None
    form.add_error(name if name in form.fields else None, problem.message)


def event_type_choices() -> list[tuple[str, str]]:
    """Return the types of events, and that there is none, each with its definition in one line."""
    pair = _("%(list)s: %(value)s")
    types = [
        (code.value, pair % {"list": code.label, "value": code.definition}) for code in EventType
    ]
    return [("", _("No event: only an assessment")), *types]


class ForumsWidget(forms.CheckboxSelectMultiple):
    """Checkboxes in groups, of which those with forums that the commitment names or with a ticked
    box are open."""

    template_name = "workbench/_forums.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["groups"] = [
            {
                "label": label,
                "options": options,
                "is_open": label == _("Named in the commitment")
                or any(option["selected"] for option in options),
            }
            for label, options, _index in context["widget"]["optgroups"]
        ]
        return context


class RowsField(forms.ModelMultipleChoiceField):
    """Rows by their ids; a number that is too large for an id matches no row."""

    def _check_values(self, value: Any) -> Any:
        known = ids_in(value)
        if len(known) < len(value):
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], "invalid_choice", {"value": "…"}
            )
        return super()._check_values(known)  # type: ignore[misc]  # the stubs lack it


def from_meeting(meeting: Meeting, today: date) -> dict[str, Any]:
    """Return the initial data of a report from a meeting."""
    return {
        "when": PartialDate(min(meeting.ends_on, today), DatePrecision.DAY),
        "forums": [meeting.forum],
        "event_type": EventType.PARTICIPATION,
    }


class UpdateForm(forms.ModelForm):
    """The fields of an update on `commitment`, as `user` fills them in.

    `expected_revision` is the revision of the draft that the form shows; `request_key` that of a
    form for a new one. `corrected` is the update that is corrected: a new draft begins as a copy of
    it. `refused` holds the problems for which the workflow refused the submitted data.
    """

    expected_revision = forms.IntegerField(widget=forms.HiddenInput, required=False, label="")
    request_key = forms.RegexField(
        "^[0-9a-f]{32}$", widget=forms.HiddenInput, required=False, label=""
    )
    when = PartialDateField(
        label=gettext_lazy("Date"),
        required=True,
        help_text=gettext_lazy(
            "Of the event, or up to which you assess. A month such as 2026-10 or a year will do."
        ),
    )
    covers_from = PlainDateField(
        label=gettext_lazy("Period from"),
        required=False,
        help_text=gettext_lazy(
            "First day of the period that is assessed, for a standing duty; its last is the "
            "date above. If empty: the day after the last assessment, or two review intervals "
            "before."
        ),
    )
    findings = FindingsFormField(label=gettext_lazy("Findings"), required=False)
    rests_on = EventsField(
        label=gettext_lazy("Also rests on"),
        help_text=gettext_lazy("Events behind the assessment that no finding names."),
    )

    class Meta:
        model = ProgressUpdate
        fields = [name for name in UPDATE_FIELDS if name not in OWN_FIELDS]
        field_classes = dict.fromkeys(ROW_FIELDS, RowsField)
        widgets = {
            "event_type": forms.RadioSelect,
            "forums": ForumsWidget,
            "criteria": forms.CheckboxSelectMultiple,
            "meets": forms.CheckboxSelectMultiple,
        }
        labels = {"criteria": gettext_lazy("Bears on criteria")}
        help_texts = {
            "meets": gettext_lazy(
                "Milestones that this event reached. A declaration alone meets none."
            ),
            "summary": gettext_lazy("One language is enough."),
            "search_note": gettext_lazy(
                "What was searched for and where, and why nothing that was found counts as "
                "evidence. Required for “No evidence of fulfilment found” and “Cannot be assessed "
                "as written”."
            ),
        }

    def __init__(
        self,
        *args: Any,
        commitment: Commitment,
        user: Person,
        corrected: ProgressUpdate | None = None,
        meeting: Meeting | None = None,
        refused: Sequence[Problem] = (),
        **kwargs: Any,
    ) -> None:
        self.commitment, self.user, self.corrected = commitment, user, corrected
        self.refused, self.meeting = refused, meeting
        super().__init__(*args, **kwargs)
        self.initial.update(self._initial())
        self._offer_choices()
        offer_languages(self, commitment.plan.languages)

    def _today(self) -> date:
        return local_day(timezone.now(), self.commitment.plan.time_zone)

    def _source(self) -> ProgressUpdate | None:
        """Return what the form shows before anybody types: the draft, or what it corrects."""
        return self.instance if self.instance.pk else self.corrected

    def _initial(self) -> dict[str, Any]:
        source = self._source()
        if source is None:
            key = secrets.token_hex(16)
            begun = {"when": self._today().isoformat(), "request_key": key}
            return begun | (from_meeting(self.meeting, self._today()) if self.meeting else {})
        day = PartialDate(source.effective_on, source.date_precision)
        initial: dict[str, Any] = {
            "when": day,
            "covers_from": source.covers_from,
            "rests_on": saved_events(source),
        }
        if self.instance.pk:
            return initial | {"expected_revision": self.instance.revision}
        rows = {name: list(getattr(source, name).all()) for name in ROW_FIELDS}
        copied = {name: getattr(source, name) for name in COPIED_COLUMNS}
        return initial | copied | rows | {"request_key": secrets.token_hex(16)}

    def _offer_choices(self) -> None:
        """Offer the statuses of the commitment's kind, what its plan has, and its events."""
        fields: dict[str, Any] = self.fields
        statuses = [(code.value, code.label) for code in statuses_for(self.commitment.kind)]
        # The choices of the widgets only: for other values the workflow has the better message.
        fields["status"].widget.choices = [("", _("No assessment: only an event")), *statuses]
        fields["event_type"].widget.choices = event_type_choices()
        fields["forums"].choices = forum_choices(self.commitment)
        self._offer_criteria()
        own = Q(updates__in=[row.pk for row in (self._source(), self.corrected) if row])
        rows = self.commitment.milestones.filter(Q(retired_at__isnull=True) | own).distinct()
        fields["meets"].queryset = rows.in_order()

    def _offer_criteria(self) -> None:
        """Offer the criteria in use, those that the draft has already, and the events."""
        source = self._source()
        own = Q(pk__in=[])
        for row in (source, self.corrected):
            own |= Q(events=row) | Q(findings__update=row) if row else Q(pk__in=[])
        criteria = self.commitment.criteria.filter(Q(retired_at__isnull=True) | own).distinct()
        named = set(saved_events(source)) if source else ()
        events = offered_events(self.commitment, self.user, named).exclude(pk=self.instance.pk)
        fields: dict[str, Any] = self.fields
        fields["criteria"].queryset = criteria.in_order()
        self.events = list(events)
        fields["rests_on"].choices = [(row.pk, row.pk) for row in self.events]
        last = source.effective_on if source else self._today()
        proposed = events_to_weigh(self.commitment, last, events)
        self.initial[FINDINGS] = {key: FindingFields("", ids) for key, ids in proposed.items()}
        if source:
            self.initial[FINDINGS] |= saved_findings(source)

    @property
    def finding_table(self) -> FindingTable:
        """What was found of each criterion, as the form shows it."""
        rests_on = set(ids_in(self["rests_on"].value() or ()))
        first = first_day_allowed(self.commitment.plan, self._today())
        findings = self._shown_findings()
        return finding_table(self._criteria(), self.events, findings, rests_on, first)

    def _sent_finding(self, key: str) -> FindingFields:
        """Return what was submitted for a criterion, even without a result."""
        name = f"{FINDINGS}_{key}"
        sent = self.data.getlist(f"{name}_events") if isinstance(self.data, MultiValueDict) else ()
        return FindingFields(str(self.data.get(name, "")), ids_in(sent))

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in PLACED_FIELDS]

    @property
    def has_mistakes_in_other_fields(self) -> bool:
        return any(field.errors for field in self.other_fields)

    @property
    def has_criteria(self) -> bool:
        return bool(self._criteria())

    @property
    def has_milestones(self) -> bool:
        field: Any = self.fields["meets"]
        return bool(field.queryset)

    @property
    def is_assessment(self) -> bool:
        """Whether anything of an assessment is filled in, or was refused."""
        names = ("status", "covers_from", "findings", "rests_on", "search_note")
        refused = {str(problem.path[0]) for problem in self.refused if problem.path}
        values = (self[name].value() for name in ("status", "covers_from", "rests_on"))
        note = self["search_note"].value() or {}
        return (
            any(values)
            or any(words.strip() for words in note.values())
            or any(row.result for row in self._shown_findings().values())
            or bool((refused | {*self.errors}) & {*names})
        )

    def _shown_findings(self) -> dict[str, FindingFields]:
        """Return the findings as the form shows them, by the keys of the criteria offered."""
        if not self.is_bound:
            findings: dict[str, FindingFields] = self.initial[FINDINGS]
            return findings
        return {row.key: self._sent_finding(row.key) for row in self._criteria()}

    def _criteria(self) -> list[Criterion]:
        field: Any = self.fields["criteria"]
        return list(field.queryset)

    def clean_meets(self) -> list[str]:
        return [row.key for row in self.cleaned_data["meets"]]

    def clean_criteria(self) -> list[str]:
        return [row.key for row in self.cleaned_data["criteria"]]

    def clean_external_ref(self) -> str | None:
        return self.cleaned_data["external_ref"] or None

    def clean(self) -> dict[str, Any]:
        """Fill in the first day of the period that is offered, if an assessment leaves it empty."""
        data: dict[str, Any] = super().clean() or {}
        self._begin_period(data)
        return data

    def _begin_period(self, data: dict[str, Any]) -> None:
        entered: PartialDate | None = data.get("when")
        if entered and data.get("status") and data.get("covers_from", "") is None:
            last = period_end(entered.day, entered.precision, self._today())
            data["covers_from"] = first_day_offered(self.commitment, last)

    def _post_clean(self) -> None:
        """Show the problems that the workflow found. It makes all checks, so skip the model's."""
        columns = [name for name in self._meta.fields or () if name not in ROW_FIELDS]
        self.instance = construct_instance(self, self.instance, columns)
        for problem in self.refused:
            if problem.path[:1] != ("evidence",):
                place_problem(self, problem, problem.path)

    def fields_of_update(self) -> dict[str, Any]:
        """Return the keyword arguments for `workflow.create_draft` and `edit_draft`."""
        data = self.cleaned_data
        fields = {name: data[name] for name in UPDATE_FIELDS if name in data}
        day, precision = data["when"]
        corrects = self.instance.corrects if self.instance.pk else self.corrected
        return fields | {
            "effective_on": day,
            "date_precision": precision.value,
            "corrects": corrects,
        }

    def fields_so_far(self) -> dict[str, Any]:
        """Return the same as `fields_of_update` without refused values; an invalid date is replaced
        by the stored one, or today. Before a submission, return the initial values."""
        if not self.is_bound:
            return self._fields_at_first()
        data, stored = self.cleaned_data, self.instance
        if "when" not in data:
            day = stored.effective_on if stored.pk else self._today()
            precision = stored.date_precision if stored.pk else DatePrecision.DAY
            data["when"] = PartialDate(day, DatePrecision(precision))
            self._begin_period(data)
        return self.fields_of_update()

    def _fields_at_first(self) -> dict[str, Any]:
        begun = self.initial
        when = begun["when"]
        day, precision = when if isinstance(when, PartialDate) else (self._today(), "day")
        rows = {name: [row.key for row in begun.get(name, ())] for name in ("criteria", "meets")}
        columns = {name: begun.get(name, getattr(self.instance, name)) for name in COPIED_COLUMNS}
        return columns | {
            "forums": begun.get("forums", ()),
            "covers_from": begun.get("covers_from"),
            "rests_on": list(begun.get("rests_on", ())),
            "findings": {key: row for key, row in begun[FINDINGS].items() if row.result},
            "effective_on": day,
            "date_precision": DatePrecision(precision).value,
            "corrects": self.corrected,
            **rows,
        }
