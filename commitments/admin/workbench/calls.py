"""Calling for reports on a plan, and answering that there is nothing new."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access import policies
from commitments.admin.base.dates import DayInput, PlainDateField
from commitments.admin.workbench.base import StaffPage, log_address
from commitments.curation.report_calls import (
    ask_for_reports,
    calls_in_force,
    move_deadline,
    report_nothing_new,
    take_back_nothing_new,
    withdraw_call,
)
from commitments.exceptions import TrackerError
from commitments.models import Commitment, Plan, ReportCall
from commitments.templatetags.tracker import on_day


class CallForm(forms.Form):
    due_on = PlainDateField(label=gettext_lazy("Reports due on"), widget=DayInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Visible to staff only."),
    )


class DeadlineForm(forms.Form):
    new_day = PlainDateField(label=gettext_lazy("New deadline"), widget=DayInput)


class WithdrawCallForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Visible to staff, and sent to those who were told of the call."),
    )


class CallPage(StaffPage):
    """Asks for the deadline of a call for reports, and calls; moves that of the one in force, or
    withdraws it."""

    template_name = "workbench/call.html"
    menu_entry = "planning"

    @cached_property
    def plan(self) -> Plan:
        if not policies.may_curate(self.user):
            raise Http404
        return get_object_or_404(Plan, code=self.kwargs["code"])

    @cached_property
    def in_force(self) -> ReportCall | None:
        return calls_in_force().select_related("plan").filter(plan=self.plan).first()

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "move" in request.POST and self.in_force:
            return self._move(self.in_force)
        if "withdraw" in request.POST and self.in_force:
            return self._withdraw(self.in_force)
        form = CallForm(request.POST)
        if not form.is_valid():
            return self._show(form=form)
        try:
            ask_for_reports(self.plan, by=self.user, at=timezone.now(), **form.cleaned_data)
        except TrackerError as error:
            for problem in error.problems:
                form.add_error(str(problem.path[0]), problem.message)
            return self._show(form=form)
        return self._done(_("Call for reports sent."))

    def _move(self, call: ReportCall) -> HttpResponse:
        form = DeadlineForm(self.request.POST)
        if not form.is_valid():
            return self._show(deadline_form=form)
        day = form.cleaned_data["new_day"]
        try:
            move_deadline(call, by=self.user, at=timezone.now(), due_on=day)
        except TrackerError as error:
            for problem in error.problems:
                form.add_error("new_day", problem.message)
            return self._show(deadline_form=form)
        return self._done(_("The deadline is %(day)s now.") % {"day": on_day(day)})

    def _withdraw(self, call: ReportCall) -> HttpResponse:
        form = WithdrawCallForm(self.request.POST)
        # The one that the page showed: another curator may have withdrawn it, or called since.
        if self.request.POST["withdraw"] != str(call.pk):
            messages.error(self.request, _("Another call is in force now. Nothing was withdrawn."))
            return self._show(withdrawal_form=form)
        if not form.is_valid():
            return self._show(withdrawal_form=form)
        withdraw_call(call, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        again = calls_in_force().filter(plan=self.plan).first()
        if again is None:
            return self._done(_("The call was withdrawn."))
        values = {"day": on_day(again.due_on)}
        return self._done(
            _("The call was withdrawn. The one before it, due on %(day)s, is in force again.")
            % values
        )

    def _done(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return HttpResponseRedirect(reverse("admin:planning", args=[self.plan.code]))

    def _show(self, **forms_sent: forms.Form) -> HttpResponse:
        shown = {
            "form": CallForm(),
            "deadline_form": DeadlineForm(),
            "withdrawal_form": WithdrawCallForm(),
            "of_plan": self.plan,
            "in_force": self.in_force,
        }
        return self.render_to_response(self.get_context_data(**shown | forms_sent))


class NothingNewPage(StaffPage):
    """Records that somebody has checked a commitment and there is nothing new, or takes that back;
    back to the desk."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        commitment = Commitment.objects.by_codes([self.kwargs["code"]]).first()
        if commitment is None:
            raise Http404
        if "undo" in request.POST:
            self._take_back(commitment)
            return HttpResponseRedirect(reverse("admin:index"))
        try:
            report_nothing_new(commitment, by=self.user, at=timezone.now())
        except TrackerError as error:
            self.report_refusal(error)
        else:
            sentence = _("%(code)s: checked, nothing new. The assessment stays as it is.")
            undo = f"{log_address(commitment.code)}#checked"
            link = format_html('<a href="{}">{}</a>', undo, _("Take it back"))
            done = format_html("{} {}", sentence % {"code": commitment.code}, link)
            messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:index"))

    def _take_back(self, commitment: Commitment) -> None:
        if take_back_nothing_new(commitment, by=self.user):
            sentence = _("%(code)s: your answer that there is nothing new was taken back.")
        else:
            sentence = _("%(code)s: there is no such answer of yours since the latest call.")
        messages.info(self.request, sentence % {"code": commitment.code})
