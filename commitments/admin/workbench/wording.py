"""Amending a wording of a plan in the browser."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.workbench.base import StaffPage
from commitments.choices import SubjectType
from commitments.curation.history import FIELD_LABELS, FieldChange
from commitments.exceptions import Problem, StaleRevision, TrackerError
from commitments.form_fields import ReasonField
from commitments.importing.wording import WORDED, amend_wording, wording
from commitments.ledger.hashing import sha256_of
from commitments.models import Plan
from commitments.texts.fields import MAX_LENGTH
from commitments.texts.forms import MultilingualFormField, offer_languages
from commitments.texts.languages import language_name_for_reader
from commitments.texts.text import Text


class WordingForm(forms.Form):
    """The texts of an item of a plan, and the reason for amending them."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(
        label=gettext_lazy("Reason for the change"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Published in the edit history and under “Changes”."),
    )

    def __init__(self, plan: Plan, texts: dict[str, Text], data: QueryDict | None = None) -> None:
        super().__init__(data, initial={**texts, "expected": digest(texts)})
        for name in texts:
            label = str(FIELD_LABELS[name]).capitalize()
            self.fields[name] = MultilingualFormField(
                label=label, max_length=MAX_LENGTH, required=True
            )
        offer_languages(self, plan.languages)

    @property
    def texts(self) -> list[forms.BoundField]:
        """The fields of the texts."""
        return [field for field in self if isinstance(field.field, MultilingualFormField)]


def digest(texts: Mapping[str, Text]) -> str:
    """Return a digest of the texts, to see whether they have changed since a page showed them."""
    return sha256_of({name: text.as_dict() for name, text in texts.items()})


class WordingPage(StaffPage):
    """The words of a plan, a goal, an area or a commitment, to be amended with a public reason."""

    template_name = "workbench/wording.html"
    menu_entry = "planning"

    @cached_property
    def plan(self) -> Plan:
        if not policies.may_curate(self.user):
            raise Http404
        return get_object_or_404(Plan, code=self.kwargs["code"])

    @cached_property
    def subject_type(self) -> SubjectType:
        if self.kwargs["part"] not in WORDED:
            raise Http404
        return SubjectType(self.kwargs["part"])

    @property
    def number(self) -> str:
        return str(self.kwargs.get("number", ""))

    @cached_property
    def present(self) -> dict[str, Text]:
        texts = wording(self.plan, self.subject_type, self.number)
        if texts is None:
            raise Http404
        return texts

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(WordingForm(self.plan, self.present))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = WordingForm(self.plan, self.present, request.POST)
        if not form.is_valid():
            return self._show(form)
        reason, shown = form.cleaned_data["reason"].strip(), request.POST.get("shown", "")
        texts = {name: form.cleaned_data[name] for name in self.present}
        amends = "amend" in request.POST and shown == digest(texts)
        if amends and not reason:
            form.add_error("reason", _("Give a reason."))
            amends = False
        try:
            if form.cleaned_data["expected"] != digest(self.present):
                raise StaleRevision(
                    _("Someone else has changed this wording since you opened the page.")
                )
            self._amend(texts, reason, dry_run=not amends)
        except TrackerError as error:
            form.add_error(None, str(error))
            for problem in error.problems:
                self._place_problem(form, problem)
            return self._show(form)
        if amends:
            messages.success(request, self._done())
            return HttpResponseRedirect(self.request.get_full_path())
        if "amend" in request.POST and shown and shown != digest(texts):
            sentence = _(
                "You have changed the text since it was compared; see what would change now."
            )
            messages.warning(request, sentence)
        return self._show(form, shown=digest(texts), **self._changes(texts))

    def _place_problem(self, form: WordingForm, problem: Problem) -> None:
        """Show a problem at the text that its path names, with the name of the language; else above
        the form."""
        name, *language = (str(step) for step in problem.path) if problem.path else (None,)
        message = problem.message
        if language:
            values = {"list": language_name_for_reader(language[-1]), "value": message}
            message = _("%(list)s: %(value)s") % values
        form.add_error(name, message)

    def _changes(self, texts: Mapping[str, Text]) -> dict[str, object]:
        """Return what these texts would change, and the name of the language if it is one of
        several."""
        changes = [
            FieldChange(name, before, texts[name])
            for name, before in self.present.items()
            if texts[name] != before
        ]
        tags = {tag for change in changes for tag in change.comparison or ()}
        is_alone = len(tags) == 1 and len(self.plan.languages) > 1
        alone = language_name_for_reader(tags.pop()) if is_alone else ""
        return {"changes": changes, "only_language": alone}

    def _done(self) -> SafeString:
        """Return the message that the wording was amended, with a link if it is that of a
        commitment."""
        done = _("The wording was amended.")
        if self.subject_type is not SubjectType.COMMITMENT:
            return format_html("{}", done)
        row = self.plan.commitments.get(number=self.number)
        page = reverse("admin:commitments_commitment_change", args=[row.pk])
        return format_html('{} <a href="{}">{}</a>', done, page, row.code)

    def _amend(self, texts: Mapping[str, Text], reason: str, *, dry_run: bool) -> None:
        amend_wording(
            self.plan,
            self.subject_type,
            self.number,
            texts,
            expected=self.present,
            reason=reason or "-",
            by=self.user,
            at=timezone.now(),
            dry_run=dry_run,
        )

    def _show(self, form: WordingForm, **context: object) -> HttpResponse:
        label = self.subject_type.label
        return self.render_to_response(
            self.get_context_data(
                form=form, of_plan=self.plan, about=f"{label} {self.number}".strip(), **context
            )
        )


def wording_address(plan: Plan, subject_type: SubjectType, number: object) -> str:
    """Return the address of the page on which these words are amended; `number` is not used for a
    plan."""
    if subject_type is SubjectType.PLAN:
        return reverse("admin:plan-wording", args=[plan.code])
    return reverse("admin:wording", args=[plan.code, subject_type.value, number])
