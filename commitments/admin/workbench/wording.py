"""Amending a wording of a plan in the browser."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.workbench.base import StaffPage
from commitments.choices import SubjectType
from commitments.curation.history import FIELD_LABELS
from commitments.exceptions import StaleRevision, TrackerError
from commitments.importing.wording import WORDED, amend_wording, wording
from commitments.ledger.hashing import sha256_of
from commitments.models import Plan
from commitments.texts.fields import MAX_LENGTH
from commitments.texts.forms import MultilingualFormField, offer_languages
from commitments.texts.text import Text


class WordingForm(forms.Form):
    """The texts of an item of a plan, and the reason for amending them."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
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


def digest(texts: dict[str, Text]) -> str:
    """Return what tells whether the texts are those that a page was opened with."""
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
        is_check = "check" in request.POST
        reason = form.cleaned_data["reason"].strip()
        if not is_check and not reason:
            form.add_error("reason", _("Give a reason."))
        try:
            if form.cleaned_data["expected"] != digest(self.present):
                raise StaleRevision(
                    _("Someone else has changed this wording since you opened the page.")
                )
            changes = self._amend(form, reason, dry_run=is_check or not reason)
        except TrackerError as error:
            for sentence in (str(error), *(problem.message for problem in error.problems)):
                form.add_error(None, sentence)
            return self._show(form)
        if is_check or not reason:
            return self._show(form, changes=changes)
        messages.success(request, _("The wording was amended."))
        return HttpResponseRedirect(self.request.get_full_path())

    def _amend(self, form: WordingForm, reason: str, *, dry_run: bool) -> list[str]:
        texts = {name: form.cleaned_data[name] for name in self.present}
        lines = amend_wording(
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
        return list(lines)

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
