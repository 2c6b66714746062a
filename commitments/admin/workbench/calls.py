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
from commitments.form_fields import ReasonField
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
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Visible to staff, and sent to those who were told of the call."),
    )


# The names under which the template has the forms of the page.
FORM_NAMES = ("form", "deadline_form", "withdrawal_form")


class CallPage(StaffPage):
    """Issues a call for reports with a deadline; moves the deadline of the call in force, or
    withdraws that call."""

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
        if "move" in request.POST:
            deadline_form = DeadlineForm(request.POST)
            call = self._call_shown("move")
            return self._move(call, deadline_form) if call else self._show(deadline_form)
        if "withdraw" in request.POST:
            withdrawal_form = WithdrawCallForm(request.POST)
            call = self._call_shown("withdraw")
            return self._withdraw(call, withdrawal_form) if call else self._show(withdrawal_form)
        form = CallForm(request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            ask_for_reports(self.plan, by=self.user, at=timezone.now(), **form.cleaned_data)
        except TrackerError as error:
            for problem in error.problems:
                form.add_error(str(problem.path[0]), problem.message)
            return self._show(form)
        return self._done(_("Call for reports sent."))

    def _call_shown(self, button: str) -> ReportCall | None:
        """Return the call that the page with this button showed. If another curator has withdrawn
        it in the meantime, or issued another one, add a message and return None."""
        call = self.in_force
        if call is not None and self.request.POST[button] == str(call.pk):
            return call
        messages.error(
            self.request,
            _("The call that this page showed is no longer in force. Nothing was changed."),
        )
        return None

    def _move(self, call: ReportCall, form: DeadlineForm) -> HttpResponse:
        if not form.is_valid():
            return self._show(form)
        day = form.cleaned_data["new_day"]
        try:
            move_deadline(call, by=self.user, at=timezone.now(), due_on=day)
        except TrackerError as error:
            for problem in error.problems:
                form.add_error("new_day", problem.message)
            return self._show(form)
        return self._done(_("The deadline is %(day)s now.") % {"day": on_day(day)})

    def _withdraw(self, call: ReportCall, form: WithdrawCallForm) -> HttpResponse:
        if not form.is_valid():
            return self._show(form)
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

    def _show(self, sent: forms.Form | None = None) -> HttpResponse:
        """Show the forms of the page: the one that was sent as it was, the others empty."""
        kinds = (CallForm, DeadlineForm, WithdrawCallForm)
        shown = [sent if isinstance(sent, kind) else kind() for kind in kinds]
        return self.render_to_response(
            self.get_context_data(
                of_plan=self.plan,
                in_force=self.in_force,
                # If no call is in force any more, the page has no form that would keep the reason.
                kept_reason=sent.data.get("reason", "") if sent and not self.in_force else "",
                **dict(zip(FORM_NAMES, shown, strict=True)),
            )
        )


class NothingNewPage(StaffPage):
    """Records that somebody has checked a commitment and found nothing new, or takes that back;
    redirects to the desk."""

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
