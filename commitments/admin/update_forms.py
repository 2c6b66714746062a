"""The form of a draft and the forms of its evidence. The workflow checks the data when it is saved,
and its problems are shown at the fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.forms.models import construct_instance
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.finding_forms import (
    EventsField,
    FindingsFormField,
    event_label,
    offered_events,
)
from commitments.choices import statuses_for
from commitments.clocks import local_day, period_end
from commitments.exceptions import Problem, ProblemPath
from commitments.files import file_types, storage
from commitments.models import Commitment, Evidence, Forum, Plan, ProgressUpdate
from commitments.models.plans import languages_of
from commitments.texts.forms import offer_languages
from commitments.texts.languages import UNDETERMINED
from commitments.texts.text import Text
from commitments.workflow import (
    EVIDENCE_FIELDS,
    UPDATE_FIELDS,
    EvidenceChanges,
    FindingFields,
    events_to_weigh,
    first_day_offered,
    saved_events,
    saved_findings,
)

if TYPE_CHECKING:
    from commitments.roles import Person

# The fields of an update that have form fields of their own.
OWN_FIELDS = ("findings", "rests_on")
# The form fields that name several rows.
ROW_FIELDS = ("forums", "criteria", "meets")
# The form fields of what the workflow calls otherwise.
FIELD_OF = {"file": "upload", "publisher": "publisher_name"}


# The fields of evidence that the form has as they are; a publisher is given by its name.
COLUMNS_OF_EVIDENCE = tuple(name for name in EVIDENCE_FIELDS if name != "publisher")


def place_problem(form: forms.BaseForm, problem: Problem, path: ProblemPath) -> None:
    """Show a problem at the field that its path names, else above the form."""
    name = FIELD_OF.get(str(path[0]), str(path[0])) if path else None
    form.add_error(name if name in form.fields else None, problem.message)


def commitment_of(pk: object) -> Commitment | None:
    """Return the commitment that a form or an address names by its id, None if there is none."""
    text = str(pk or "")
    if not text.isdecimal():
        return None
    return Commitment.objects.select_related("plan").filter(pk=text).first()


class UpdateForm(forms.ModelForm):
    """`expected_revision` is the revision of the draft that the form shows; `refused` holds the
    problems for which the workflow refused the submitted data. `user` is who fills it in."""

    refused: Sequence[Problem] = ()
    user: Person = AnonymousUser()

    expected_revision = forms.IntegerField(widget=forms.HiddenInput, required=False, label="")
    findings = FindingsFormField(label=gettext_lazy("Findings"), required=False)
    rests_on = EventsField(
        help_text=gettext_lazy(
            "Events behind the assessment. Those that findings name need not be repeated."
        )
    )

    class Meta:
        model = ProgressUpdate
        fields = ["commitment", *(name for name in UPDATE_FIELDS if name not in OWN_FIELDS)]
        widgets = {
            "forums": forms.CheckboxSelectMultiple,
            "criteria": forms.CheckboxSelectMultiple,
            "meets": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "effective_on": gettext_lazy(
                "The date of the event, or the date to which the commitment was assessed. "
                "For a month or a year, any day in it."
            ),
            "event_type": gettext_lazy("Leave empty to record an assessment without an event."),
            "criteria": gettext_lazy("Those of the commitment that the event bears on."),
            "meets": gettext_lazy(
                "Milestones that this event reached. A declaration alone meets none."
            ),
            "status": gettext_lazy("Leave empty to record an event without an assessment."),
            "covers_from": gettext_lazy(
                "First day of the period that is assessed, for a standing duty; its last is the "
                "date above. If empty: the day after the last assessment, or two review intervals "
                "before."
            ),
            "summary": gettext_lazy("One language is enough."),
            "search_note": gettext_lazy(
                "What was searched for and where, and why nothing that was found counts as "
                "evidence. Required for “No evidence of fulfilment found” and “Cannot be assessed "
                "as written”."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "expected_revision" in self.fields:
            self.fields["expected_revision"].initial = self.instance.revision
        commitment = self.known_commitment()
        if commitment is not None:
            self._limit_choices(commitment)
        offer_languages(self, languages_to_write(commitment))

    def known_commitment(self) -> Commitment | None:
        """Return the commitment of the draft, or the one selected in the form or by the address."""
        if self.instance.pk:
            commitment: Commitment = self.instance.commitment
            return commitment
        return commitment_of(self.data.get("commitment") or self.initial.get("commitment"))

    def _limit_choices(self, commitment: Commitment) -> None:
        """Offer the statuses of the commitment's kind, and list the forums that it names first."""
        status: Any = self.fields.get("status")
        if status is not None:
            statuses = [(code.value, code.label) for code in statuses_for(commitment.kind)]
            # The choices of the widget only: the workflow has the better message for other values.
            status.widget.choices = [("", "—"), *statuses]
        self._offer_criteria(commitment)
        self._offer_milestones(commitment)
        forums: Any = self.fields.get("forums")
        if forums is not None:
            forums.choices = forum_choices(commitment)

    def _offer_criteria(self, commitment: Commitment) -> None:
        """Offer the criteria in use, those that the draft has already, and the events."""
        update, corrected = self.instance, self._corrected()
        own = Q(events=update) | Q(findings__update=update) if update.pk else Q(pk__in=[])
        if corrected:
            own |= Q(findings__update=corrected)
        criteria = commitment.criteria.filter(Q(retired_at__isnull=True) | own).distinct()
        offered = offered_events(commitment, self.user)
        events = [(row.pk, event_label(row)) for row in offered]
        fields: dict[str, Any] = self.fields
        if "criteria" in fields:
            fields["criteria"].queryset = criteria.in_order()
        if "findings" in fields:
            fields["findings"].offer(criteria.in_order(), events)
            fields["rests_on"].choices = [row for row in events if row[0] != update.pk]
        today = local_day(timezone.now(), commitment.plan.time_zone)
        last = update.effective_on if update.pk else today
        proposed = events_to_weigh(commitment, last, offered)
        self.initial["findings"] = {key: FindingFields("", ids) for key, ids in proposed.items()}
        if update.pk:
            self.initial["findings"] |= saved_findings(update)
            self.initial["rests_on"] = saved_events(update)

    def _offer_milestones(self, commitment: Commitment) -> None:
        """Offer the milestones in use, those of the draft, and of the update that it corrects."""
        field: Any = self.fields.get("meets")
        if field is not None:
            own = Q(updates__in=[pk for pk in (self.instance.pk, self._corrected()) if pk])
            rows = commitment.milestones.filter(Q(retired_at__isnull=True) | own).distinct()
            field.queryset = rows.in_order()

    def _corrected(self) -> int | None:
        """Return the id of the update that is corrected, by the draft or by the address."""
        if self.instance.corrects_id:
            return int(self.instance.corrects_id)
        named = str(self.data.get("corrects") or self.initial.get("corrects") or "")
        return int(named) if re.fullmatch(r"[0-9]{1,18}", named) else None

    def clean_meets(self) -> list[str]:
        return [row.key for row in self.cleaned_data["meets"]]

    def clean_criteria(self) -> list[str]:
        return [row.key for row in self.cleaned_data["criteria"]]

    def clean_covers_from(self) -> date | None:
        """Return the first day of the period; where an assessment leaves it empty, the one that is
        offered."""
        given: date | None = self.cleaned_data["covers_from"]
        entered, commitment = self.cleaned_data.get("effective_on"), self.known_commitment()
        if given or entered is None or commitment is None or not self.cleaned_data.get("status"):
            return given
        today = local_day(timezone.now(), commitment.plan.time_zone)
        last = period_end(entered, self.cleaned_data.get("date_precision", ""), today)
        return first_day_offered(commitment, last)

    def clean_external_ref(self) -> str | None:
        return self.cleaned_data["external_ref"] or None

    def _post_clean(self) -> None:
        """Show the problems that the workflow found. It makes all checks, so none are made here."""
        columns = [name for name in self._meta.fields or () if name not in ROW_FIELDS]
        self.instance = construct_instance(self, self.instance, columns)
        for problem in self.refused:
            if problem.path[:1] != ("evidence",):
                place_problem(self, problem, problem.path)

    def fields_of_update(self) -> dict[str, Any]:
        """Return the keyword arguments for `workflow.create_draft` and `edit_draft`."""
        fields = self.cleaned_data
        return {name: fields[name] for name in UPDATE_FIELDS if name in fields}


def forum_choices(commitment: Commitment) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the forums to choose from: those that the commitment names, then the others of its
    plan, then those that only other plans have."""
    named = set(commitment.forums.values_list("pk", flat=True))
    of_plan = Forum.objects.used_in(commitment.plan)
    groups: dict[str, list[tuple[int, str]]] = {
        _("Named in the commitment"): [],
        _("Other forums of the plan"): [],
        _("Forums of other plans"): [],
    }
    ours, plans, others = groups.values()
    for row in Forum.objects.in_order():
        group = ours if row.pk in named else plans if row.pk in of_plan else others
        group.append((row.pk, str(row)))
    return [(title, rows) for title, rows in groups.items() if rows]


def languages_to_write(commitment: Commitment | None) -> list[str]:
    """Return the languages of a commitment's plan, of all plans if it is not known yet."""
    if commitment is None:
        return languages_of(Plan.objects.in_order())
    return list(commitment.plan.languages)


class StoredFile(forms.Widget):
    """Shows a stored file as a link to it, in place of an upload field."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self.evidence = evidence

    def render(self, *args: object, **kwargs: object) -> SafeString:
        return stored_file(self.evidence)


def stored_file(evidence: Evidence) -> SafeString:
    if not evidence.file:
        return mark_safe("–")
    address = reverse("api:evidence-file", args=[evidence.pk])
    size = filesizeformat(evidence.file_size or 0)
    return format_html('<a href="{}">{}</a> ({})', address, evidence.file_name, size)


class EvidenceForm(forms.ModelForm):
    """A file can be uploaded with a new piece of evidence only, and cannot be replaced.
    `default_language` is that of a source whose language is not given."""

    default_language = ""

    url = forms.URLField(
        label=gettext_lazy("Link"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        help_text=gettext_lazy("Give a link, a file or a citation."),
    )
    publisher_name = forms.CharField(
        label=gettext_lazy("Published by"), required=False, max_length=300
    )
    upload = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)

    class Meta:
        model = Evidence
        fields = list(COLUMNS_OF_EVIDENCE)
        widgets = {"citation": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "source": gettext_lazy(
                "Statement by a party: the plan's owner about itself, or one side of a "
                "dispute. Formally adopted record: a law, treaty or resolution. Third-party "
                "source: not controlled by the plan's owner."
            ),
            "language": gettext_lazy("Its BCP 47 tag, such as pt-BR."),
            "public": gettext_lazy(
                "Internal evidence is visible to staff only and does not count towards the "
                "evidence level."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.publisher is not None:
            self.initial["publisher_name"] = str(self.instance.publisher)
        field = self.fields.get("upload")
        if field is not None and self.instance.pk:
            field.disabled, field.widget = True, StoredFile(self.instance)
        elif field is not None:
            limits = {"most": storage.max_megabytes(), "allowed": file_types.ALLOWED}
            sentences = _(
                "Up to %(most)s MB. Accepted formats: %(allowed)s. Location and camera data are "
                "removed from photos."
            )
            field.help_text = sentences % limits

    def clean(self) -> dict[str, Any]:
        """Refuse two titles in the language of the source, of which the workflow would keep one."""
        data: dict[str, Any] = super().clean() or {}
        language = data.get("language") or self.default_language
        if {UNDETERMINED, language} <= set(data.get("title") or ()):
            message = _("There are two titles in the language of the source, “%(tag)s”.")
            self.add_error("title", message % {"tag": language})
        return data

    def _post_clean(self) -> None:
        """Make no other checks: the workflow makes them all."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)

    def fields_of_evidence(self) -> dict[str, object]:
        fields = {name: self.cleaned_data[name] for name in COLUMNS_OF_EVIDENCE}
        if not self.instance.pk or "publisher_name" in self.changed_data:
            name = self.cleaned_data["publisher_name"]
            fields["publisher"] = Text({UNDETERMINED: name})
        upload = self.cleaned_data.get("upload")
        return fields if upload is None else {**fields, "file": upload}


class EvidenceFormSet(forms.BaseInlineFormSet):
    """The evidence of a draft; `refused` as for `UpdateForm`. `commitment` is that of a new draft,
    if it is known."""

    refused: Sequence[Problem] = ()
    commitment: Commitment | None = None

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Offer titles in the language of the source and in those of the plan."""
        super().add_fields(form, index)
        offer_languages(form, [UNDETERMINED, *self._languages])
        if isinstance(form, EvidenceForm):
            form.default_language = next(iter(self._languages), "")

    @cached_property
    def _languages(self) -> list[str]:
        update: ProgressUpdate = self.instance
        return languages_to_write(update.commitment if update.commitment_id else self.commitment)

    def changes(self) -> EvidenceChanges:
        """Return the changes made in the forms, for the workflow."""
        return EvidenceChanges(
            add=[row.fields_of_evidence() for row in self._new_rows()],
            change={
                row.instance.pk: row.fields_of_evidence()
                for row in self._rows()
                if row.instance.pk and row.has_changed()
            },
            remove=[row.instance.pk for row in self.deleted_forms if row.instance.pk],
        )

    def clean(self) -> None:
        """Show each problem at the form that its path names, else above all forms."""
        new: dict[object, EvidenceForm] = dict(enumerate(self._new_rows()))
        existing = {str(row.instance.pk): row for row in self._rows() if row.instance.pk}
        rows = new | existing
        for problem in self.refused:
            match problem.path:
                case ("evidence", key, *path) if key in rows:
                    place_problem(rows[key], problem, tuple(path))
                case ("evidence", *_path):
                    raise forms.ValidationError(problem.message)

    def _rows(self) -> list[Any]:
        return [row for row in self.forms if row not in self.deleted_forms]

    def _new_rows(self) -> list[EvidenceForm]:
        return [row for row in self._rows() if not row.instance.pk and row.has_changed()]
