"""The draft's form and its evidence rows: they ask `drafts` what is wrong, before anything is
written, so that nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import drafts, filetypes, storage
from commitments.bilingual import Text
from commitments.choices import statuses_for
from commitments.clocks import local_day
from commitments.exceptions import DuplicateReference, FileTooLarge, Problem
from commitments.models import Commitment, Evidence, Forum, ProgressUpdate


class UpdateForm(forms.ModelForm):
    """`seen` is the revision that the form was filled from."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, label="")

    class Meta:
        model = ProgressUpdate
        fields = [
            "commitment",
            "effective_on",
            "date_precision",
            "status",
            "summary_en",
            "summary_zh",
            "search_note_en",
            "search_note_zh",
            "forums",
            "corrects",
            "external_ref",
        ]
        widgets = {
            "forums": forms.CheckboxSelectMultiple,
            **{
                name: forms.Textarea(attrs={"rows": 4, "cols": 80})
                for name in ("summary_en", "summary_zh", "search_note_en", "search_note_zh")
            },
        }
        help_texts = {
            "effective_on": gettext_lazy(
                "The day it took effect; for a month or a year, any day of it."
            ),
            "status": gettext_lazy("Leave empty to record an event without a judgement."),
            "summary_en": gettext_lazy("One language is enough."),
            "search_note_en": gettext_lazy(
                "What was looked for, where, and why nothing counts: needed for “No evidence "
                "found” and “Cannot be assessed as written”."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seen" in self.fields:
            self.fields["seen"].initial = self.instance.revision
        commitment = self.about()
        if commitment is not None:
            self._offer(commitment)

    def about(self) -> Commitment | None:
        """The commitment, as far as it is known before anything is sent."""
        if self.instance.pk:
            commitment: Commitment = self.instance.commitment
            return commitment
        given = str(self.data.get("commitment") or self.initial.get("commitment") or "")
        return Commitment.objects.filter(pk=given).first() if given.isdecimal() else None

    def _offer(self, commitment: Commitment) -> None:
        """Statuses of its kind, and first the forums that its text names."""
        status: Any = self.fields.get("status")
        if status is not None:
            fitting = [(code.value, code.label) for code in statuses_for(commitment.kind)]
            # Only what is offered: what is sent is judged by `drafts`, in its own words.
            status.widget.choices = [("", "—"), *fitting]
        forums: Any = self.fields.get("forums")
        if forums is not None:
            named = set(commitment.forums.values_list("pk", flat=True))
            rows = [(row.pk, str(row), row.pk in named) for row in Forum.objects.in_order()]
            forums.choices = [
                (title, [(pk, label) for pk, label, is_named in rows if is_named is first])
                for title, first in (
                    (_("Named by the commitment"), True),
                    (_("Other forums"), False),
                )
            ]

    def clean_external_ref(self) -> str | None:
        return self.cleaned_data["external_ref"] or None

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        update = self.instance
        today = local_day(timezone.now(), update.commitment.plan.time_zone)
        problems: list[Problem] = []
        if update.pk:
            was = self.initial["effective_on"], self.initial["date_precision"]
            problems += drafts.sharper_than_known(update, *was)
        problems += [*drafts.settle_day(update, today), *drafts.problems_of(update)]
        for problem in problems:
            self._place(problem)
        try:
            drafts.check_reference(update)
        except DuplicateReference as error:
            self.add_error("external_ref", str(error))
        seen = self.cleaned_data.get("seen")
        if update.pk and seen is not None and seen != update.revision:
            self.add_error(
                None,
                _(
                    "This update was changed since you opened it. Your changes are still here; "
                    "open it in another window, compare, and save there."
                ),
            )

    def _place(self, problem: Problem) -> None:
        name = str(problem.path[0]) if problem.path else None
        self.add_error(name if name in self.fields else None, problem.message)

    def fields_of_update(self) -> dict[str, Any]:
        """What was filled in, as `workflow.write` takes it."""
        data = self.cleaned_data
        return {
            "effective_on": data["effective_on"],
            "date_precision": data["date_precision"],
            "status": data["status"] or None,
            "summary": _text(data["summary_en"], data["summary_zh"]),
            "search_note": _text(data["search_note_en"], data["search_note_zh"]),
            "forums": list(data["forums"]),
            "corrects": data["corrects"],
            "external_ref": data["external_ref"],
        }


def _text(en: str, zh: str) -> Text:
    """Browsers send line ends as HTML has them; texts are kept as the API sends them."""
    return Text(en.replace("\r\n", "\n"), zh.replace("\r\n", "\n"))


class StoredFile(forms.Widget):
    """The name of a file that is there, as a link to it."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self.evidence = evidence

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return stored_file(self.evidence)


def stored_file(evidence: Evidence) -> SafeString:
    if not evidence.file:
        return mark_safe("–")
    address = reverse("api:evidence-file", args=[evidence.pk])
    shown = evidence.file_name, filesizeformat(evidence.file_size or 0)
    return format_html('<a href="{}">{}</a> ({})', address, *shown)


class EvidenceForm(forms.ModelForm):
    """A file is given with a new piece and then stays; another file is another piece."""

    url = forms.URLField(
        label=gettext_lazy("link"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        help_text=gettext_lazy("One of link, file and citation."),
    )
    upload = forms.FileField(label=gettext_lazy("file"), required=False, allow_empty_file=True)

    class Meta:
        model = Evidence
        fields = list(drafts.EVIDENCE_FIELDS)
        widgets = {"citation": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "source": gettext_lazy(
                "Statement: by the plan's owner of itself, or by one side of a dispute. Formally "
                "adopted: law, treaty, resolution. Independent: not controlled by the plan's owner."
            ),
            "public": gettext_lazy("Internal evidence is for staff only and does not count."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("upload")
        if field is not None and self.instance.pk:
            field.disabled, field.widget = True, StoredFile(self.instance)
        elif field is not None:
            said = {"most": storage.most_megabytes(), "allowed": filetypes.ALLOWED}
            field.help_text = _("At most %(most)s MB: %(allowed)s.") % said

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        upload = self.cleaned_data.get("upload")
        if upload is not None:
            try:
                problems = drafts.take_file(self.instance, upload)
            except FileTooLarge as error:
                problems = [Problem((), str(error))]
            for problem in problems:
                self.add_error("upload", problem.message)
        if not self.errors:
            for problem in drafts.evidence_problems(self.instance):
                self.add_error(None, problem.message)

    def fields_of_evidence(self) -> dict[str, Any]:
        fields = {name: self.cleaned_data[name] for name in drafts.EVIDENCE_FIELDS}
        upload = self.cleaned_data.get("upload")
        return fields if upload is None else {**fields, "file": upload}


class EvidenceFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if form not in self.deleted_forms]
        items = [((index,), form.instance) for index, form in enumerate(rows)]
        for problem in drafts.same_file_problems(items):
            rows[int(problem.path[0])].add_error("upload", problem.message)
