"""Calling for reports on a plan, and answering that there is nothing new."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.base.dates import DayInput, PlainDateField
from commitments.admin.workbench.base import StaffPage
from commitments.curation.report_calls import ask_for_reports, report_nothing_new
from commitments.exceptions import TrackerError
from commitments.models import Commitment, Plan


class CallForm(forms.Form):
    due_on = PlainDateField(label=gettext_lazy("Reports due on"), widget=DayInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Visible to staff only."),
    )


class CallPage(StaffPage):
    """Asks for the deadline of a call for reports, and calls."""

    template_name = "workbench/call.html"
    menu_entry = "planning"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(CallForm())

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        plan, form = self._plan(), CallForm(request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            ask_for_reports(plan, by=self.user, at=timezone.now(), **form.cleaned_data)
        except TrackerError as error:
            for problem in error.problems:
                form.add_error(str(problem.path[0]), problem.message)
            return self._show(form)
        messages.success(request, _("Call for reports sent."))
        return HttpResponseRedirect(reverse("admin:planning", args=[plan.code]))

    def _plan(self) -> Plan:
        if not policies.may_curate(self.user):
            raise Http404
        return get_object_or_404(Plan, code=self.kwargs["code"])

    def _show(self, form: CallForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, of_plan=self._plan()))


class NothingNewPage(StaffPage):
    """Records that somebody has checked a commitment and there is nothing new; back to the desk."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        commitment = Commitment.objects.by_codes([self.kwargs["code"]]).first()
        if commitment is None:
            raise Http404
        try:
            report_nothing_new(commitment, by=self.user, at=timezone.now())
        except TrackerError as error:
            self.report_refusal(error)
        else:
            sentence = _("%(code)s: checked, nothing new. The assessment stays as it is.")
            messages.success(request, sentence % {"code": commitment.code})
        return HttpResponseRedirect(reverse("admin:index"))
