"""Actions on an update: those that are offered, and a page for each with the form for what it
requires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from commitments import workflow
from commitments.admin.workbench.action_forms import ActionForm, action_form
from commitments.admin.workbench.base import StaffPage, update_address
from commitments.admin.workbench.subject import corrections_under_way, update_context
from commitments.choices import Action
from commitments.exceptions import StaleRevision, TrackerError
from commitments.models import Decision, ProgressUpdate
from commitments.workflow.transitions import TRANSITIONS

if TYPE_CHECKING:
    from commitments.roles import Person

# The actions that end a review, and all that the review page offers.
DECIDING = (Action.PUBLISH, Action.RETURN)
REVIEWING = (Action.RATE, *DECIDING)


@dataclass(frozen=True)
class OfferedAction:
    """An action that somebody may perform on an update now, and the page for it."""

    code: str
    label: object
    address: str


def done_by(user: Person, update: ProgressUpdate, action: Action) -> Decision | None:
    """Return the decision by which this person performed the action on the update; None if they did
    not, or if there has been another decision since."""
    last = max(update.decisions.all(), key=lambda row: row.seq, default=None)
    if last is None or (last.action, last.actor_id) != (action, user.pk):
        return None
    return last


def offered_actions(user: Person, update: ProgressUpdate | None) -> list[OfferedAction]:
    """Return the actions that a person may perform on an update now; none on a new one. Publishing
    and returning are one page."""
    if update is None:
        return []
    return [
        OfferedAction(action.value, action.label, action_address(update, action))
        for action in workflow.allowed_actions(user, update)
    ]


def action_address(update: ProgressUpdate, action: Action) -> str:
    """Return the address of the page for an action on an update."""
    if action in REVIEWING:
        return reverse("admin:review-update", args=[update.pk])
    return reverse("admin:update-action", args=[update.pk, action.value])


class ActionPage(StaffPage):
    """An update with the form of an action, which is performed once the form is sent."""

    template_name = "workbench/action.html"
    menu_entry = "updates"

    @cached_property
    def update(self) -> ProgressUpdate:
        return self.visible_update(self.kwargs["pk"])

    @cached_property
    def action(self) -> Action:
        code = self.kwargs["action"]
        if code not in Action.values() or Action(code) not in TRANSITIONS:
            raise Http404
        return Action(code)

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(action_form(self.action, self.update))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = action_form(self.action, self.update, request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            workflow.perform(
                self.update, self.action, by=self.user, at=timezone.now(), **form.details()
            )
        except StaleRevision as error:
            self.update = self.visible_update(self.kwargs["pk"])
            if self._is_done(form.cleaned_data["note"]):
                # The form was submitted again, since its response was lost, or by a double click.
                return self._done()
            # Show the form again with the current content and revision, and what was typed.
            self.report_refusal(error)
            data = request.POST.copy()
            data["expected_revision"] = str(self.update.revision)
            return self._show(action_form(self.action, self.update, data))
        except TrackerError as error:
            self.report_refusal(error)
            return self._show(form)
        return self._done()

    def _is_done(self, note: str) -> bool:
        """Return whether this person has just performed the action, with this note. One that can be
        performed again, such as adding an archived address, may have had other fields."""
        done = done_by(self.user, self.update, self.action)
        may_repeat = self.action in workflow.allowed_actions(self.user, self.update)
        return done is not None and done.note == note.strip() and not may_repeat

    def _done(self) -> HttpResponse:
        messages.success(self.request, str(self.action.done))
        return HttpResponseRedirect(self._next_address())

    def _next_address(self) -> str:
        """Return the address of the update, or of the desk if the person can no longer see the
        update."""
        still = ProgressUpdate.objects.visible_to(self.user).filter(pk=self.update.pk)
        return update_address(self.update) if still.exists() else reverse("admin:index")

    def _dependents(self) -> list[ProgressUpdate]:
        """Return the published assessments that would lose an event if this update is withdrawn."""
        if self.action is not Action.RETRACT:
            return []
        resting = ProgressUpdate.objects.published().filter(bases__event__chain=self.update.chain)
        return list(resting.exclude(pk=self.update.pk).distinct().latest_first())

    def _corrections(self) -> list[ProgressUpdate]:
        """Return the corrections that could no longer be published if this update is withdrawn."""
        is_withdrawal = self.action is Action.RETRACT
        return corrections_under_way(self.user, self.update) if is_withdrawal else []

    def _show(self, form: ActionForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            action=self.action,
            dependents=self._dependents(),
            corrections=self._corrections(),
            allowed=self.action in workflow.allowed_actions(self.user, self.update),
            **update_context(self.user, self.update, timezone.now()),
            **kwargs,
        )
