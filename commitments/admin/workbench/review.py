"""Reviewing as a queue: one update on one screen, with what it needs to judge it."""

from __future__ import annotations

import re

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import workflow
from commitments.admin.workbench.actions import REVIEWING
from commitments.admin.workbench.base import StaffPage, update_address
from commitments.admin.workbench.returned import since_return
from commitments.admin.workbench.subject import update_context, waiting_since
from commitments.choices import Action, Role, State
from commitments.exceptions import StaleRevision, TrackerError
from commitments.models import ProgressUpdate
from commitments.roles import roles_of
from commitments.workflow import work_queue


class ReviewForm(forms.Form):
    """One note for whichever decision is made, so that it survives a change of mind."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Note to the author"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Required to return. Visible to staff only."),
    )


def next_to_review(user: User, after: int | None = None) -> ProgressUpdate | None:
    """Return the update that waits longest for this person; behind the one with the id `after`, if
    that waits too, and then from the beginning. None if there is no other."""
    waiting = list(work_queue.to_review_by(user).values_list("pk", flat=True))
    place = waiting.index(after) if after in waiting else -1
    others = [pk for pk in (*waiting[place + 1 :], *waiting[: place + 1]) if pk != after]
    return ProgressUpdate.objects.get(pk=others[0]) if others else None


class QueuePage(StaffPage):
    """Leads to the first update that waits, or to the next `?after=` another; says so if nothing
    waits."""

    template_name = "workbench/review_done.html"
    menu_entry = "review"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        given = request.GET.get("after", "")
        after = int(given) if re.fullmatch("[0-9]{1,18}", given) else None
        update = next_to_review(self.user, after)
        if update is None:
            return self.render_to_response(
                self.get_context_data(skipped=work_queue.to_review_by(self.user).count())
            )
        return HttpResponseRedirect(reverse("admin:review-update", args=[update.pk]))


class ReviewPage(StaffPage):
    """An update in review; after the decision comes the next one that waits."""

    template_name = "workbench/review.html"
    menu_entry = "review"

    @cached_property
    def update(self) -> ProgressUpdate:
        return self.visible_update(self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if self.update.state != State.SUBMITTED:
            return HttpResponseRedirect(update_address(self.update))
        form = ReviewForm(initial={"expected_revision": self.update.revision})
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = ReviewForm(request.POST)
        named = [action for action in REVIEWING if action.value in request.POST]
        if not form.is_valid() or len(named) != 1:
            return self.render_to_response(self.get_context_data(form=form))
        [action] = named
        if action is Action.RETURN and not form.cleaned_data["note"].strip():
            form.add_error("note", _("Returning requires a note."))
            return self.render_to_response(self.get_context_data(form=form))
        following = next_to_review(self.user, self.update.pk)
        try:
            workflow.perform(
                self.update, action, by=self.user, at=timezone.now(), **form.cleaned_data
            )
        except StaleRevision as error:
            self.report_refusal(error)
            # With the current revision and content, so that the decision can be made.
            return self._show_current(form.cleaned_data["note"])
        except TrackerError as error:
            self.report_refusal(error)
            return self._show_current(form.cleaned_data["note"])
        self._report(action)
        if following is None:
            return HttpResponseRedirect(reverse("admin:review"))
        return HttpResponseRedirect(reverse("admin:review-update", args=[following.pk]))

    def _show_current(self, note: str) -> HttpResponse:
        """Show the update as it is now, with the note that was typed."""
        self.update = self.visible_update(self.kwargs["pk"])
        initial = {"expected_revision": self.update.revision, "note": note}
        return self.render_to_response(self.get_context_data(form=ReviewForm(initial=initial)))

    def _report(self, action: Action) -> None:
        done = format_html(
            '{} <a href="{}">{}</a>',
            action.done,
            update_address(self.update),
            self.update.commitment.code,
        )
        messages.success(self.request, done)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        waiting = list(work_queue.to_review_by(self.user).values_list("pk", flat=True))
        here = self.update.pk
        position = waiting.index(here) + 1 if here in waiting else None
        allowed = Action.PUBLISH in workflow.allowed_actions(self.user, self.update)
        return super().get_context_data(
            allowed=allowed,
            took_part=self.update.state == State.SUBMITTED
            and Role.REVIEWER in roles_of(self.user)
            and not allowed,
            position=position,
            waiting=len(waiting),
            waiting_since=waiting_since(self.update),
            returned=since_return(self.update),
            missing=workflow.check(self.update, publishing=True),
            pending=self._pending(),
            **update_context(self.user, self.update, timezone.now()),
            **kwargs,
        )

    def _pending(self) -> list[ProgressUpdate]:
        """Return the other updates on the commitment that are in review."""
        rows = ProgressUpdate.objects.visible_to(self.user).filter(state=State.SUBMITTED)
        others = rows.filter(commitment=self.update.commitment_id).exclude(pk=self.update.pk)
        return list(others.select_related("author").by_changed_at())
