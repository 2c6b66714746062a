"""The page of an update: its form if the person may edit it now, otherwise its content."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.access import policies
from commitments.admin.base.erase_links import erase_url
from commitments.admin.workbench.actions import done_by, offered_actions
from commitments.admin.workbench.base import StaffPage, log_address
from commitments.admin.workbench.log import DraftPage
from commitments.admin.workbench.subject import corrections_under_way, update_context
from commitments.choices import Action
from commitments.models import Commitment, ProgressUpdate

if TYPE_CHECKING:
    from commitments.roles import Person


def _record_context(user: Person, update: ProgressUpdate, at: datetime) -> dict[str, object]:
    """Return what the page of an update shows that is not edited."""
    is_correctable = workflow.correction_problem(update) is None
    may_correct = is_correctable and policies.may_report(user, update.commitment)
    correction = f"{log_address(update.commitment.code)}?corrects={update.pk}"
    return {
        "actions": offered_actions(user, update),
        "correction": correction if may_correct else "",
        "corrections": corrections_under_way(user, update),
        "erase_url": erase_url(user, update),
        **update_context(user, update, at),
    }


class UpdatePage(DraftPage):
    """An update: the form of one that this person may edit now, else what there is to read."""

    menu_entry = "updates"

    @cached_property
    def stored(self) -> ProgressUpdate:
        return self.visible_update(self.kwargs["pk"])

    @property
    def update(self) -> ProgressUpdate:
        return self.stored

    @property
    def commitment(self) -> Commitment:
        return self.stored.commitment

    def _not_submitted(self, update: ProgressUpdate) -> HttpResponse:
        """Show the update as it was saved, with the reasons that were typed but are not saved."""
        if not self.request.POST.get("argument"):
            return super()._not_submitted(update)
        self.stored = self.visible_update(update.pk)
        return self.render_to_response(self.get_context_data(forms=self._unbound()))

    @property
    def may_edit(self) -> bool:
        return workflow.may_edit_now(self.user, self.stored)

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if self.may_edit:
            return super().get(request, *args, **kwargs)
        context = StaffPage.get_context_data(
            self, **_record_context(self.user, self.stored, timezone.now())
        )
        return TemplateResponse(request, "workbench/update.html", context)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.may_edit and "summary_" not in "".join(request.POST):
            return HttpResponseRedirect(request.path)
        if self.may_edit:
            return super().post(request, *args, **kwargs)
        if done_by(self.user, self.stored, Action.SUBMIT):
            # The response was lost, or the form was changed and submitted again.
            sentence = _(
                "You have submitted this update. What you changed after that was not saved; copy "
                "what you need, or recall the update to edit it."
            )
        else:
            sentence = _(
                "This update can no longer be edited. Nothing was saved; copy what you need."
            )
        messages.error(request, sentence)
        return self._form_again(self._bound(self._kept(request.POST), {}), checked=False)
