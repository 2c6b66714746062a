"""Pages of requests that one administrator makes and a second one answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments import workflow
from commitments.access import policies
from commitments.admin.base.pages import AdministratorsAdmin
from commitments.admin.base.words import person_label
from commitments.choices import RequestState
from commitments.exceptions import TrackerError
from commitments.models.administrator_requests import AdministratorRequest
from commitments.roles import signed_in

_Request = TypeVar("_Request", bound=AdministratorRequest)

# For each answer, the function that returns whether a person may give it.
MAY_ANSWER: dict[str, Callable[[Any, Any], bool]] = {
    "confirm": policies.may_confirm_request,
    "decline": policies.may_decline_request,
    "recall": policies.may_recall_request,
}
OTHER_ANSWERS: dict[str, tuple[Callable[..., Any], Any]] = {
    "decline": (workflow.decline_request, _("The request was declined.")),
    "recall": (workflow.recall_request, _("The request was recalled.")),
}


class RequestAdmin(AdministratorsAdmin, Generic[_Request]):
    """The list of requests, and the page of each with the answers that a person may give.

    A subclass defines `confirm`, which confirms a request, and `confirmed`, the message shown then.
    """

    confirmed: ClassVar[Any]
    ordering = ["-pk"]
    list_filter = ["state"]

    def confirm(self, row: _Request, *, by: User, at: datetime) -> object:
        raise NotImplementedError

    def page_of(self, row: _Request) -> dict[str, object]:
        """Return the context of the page of a request: its `title`; what it is `about`, and the
        address of that, `page`; its `facts` as names with values; the `time_zone`; the label of the
        button, `confirm`, and a `warning` before it."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show a request with the answers that this person may give or, once one is chosen, record
        that answer."""
        row: Any = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self._answered(request, row)
        is_open = row.state == RequestState.OPEN
        answers = [name for name, may in MAY_ANSWER.items() if may(request.user, row)]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "asked_by": person_label(row.asked_by),
            "closed_by": person_label(row.closed_by),
            "answers": answers if is_open else [],
            "is_open": is_open,
            **self.page_of(row),
        }
        return TemplateResponse(request, "admin/commitments/request.html", context)

    def _answered(self, request: HttpRequest, row: Any) -> HttpResponse:
        answer = request.POST.get("answer", "")
        if answer not in MAY_ANSWER:
            raise Http404
        perform, done = OTHER_ANSWERS.get(answer, (self.confirm, self.confirmed))
        try:
            perform(row, by=signed_in(request.user), at=timezone.now())
        except TrackerError as error:
            self.report(request, error)
            return HttpResponseRedirect(request.get_full_path())
        self.message_user(request, str(done), messages.SUCCESS)
        return HttpResponseRedirect(self.list_address())

    def report(self, request: HttpRequest, error: TrackerError) -> None:
        for sentence in (str(error), *(problem.message for problem in error.problems)):
            self.message_user(request, sentence, messages.ERROR)

    def list_address(self) -> str:
        return reverse(f"admin:commitments_{self.opts.model_name}_changelist")
