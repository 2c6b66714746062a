"""Reviewing as a queue: one update on one screen, with what it needs to judge it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import workflow
from commitments.access import policies
from commitments.admin.base.words import person_label
from commitments.admin.workbench.actions import DECIDING, done_by
from commitments.admin.workbench.base import StaffPage, update_address
from commitments.admin.workbench.finding_fields import FINDINGS
from commitments.admin.workbench.form_places import problem_sentences
from commitments.admin.workbench.rating import RatingForm
from commitments.admin.workbench.returned import since_return
from commitments.admin.workbench.subject import ShownEvidence, update_context, waiting_since
from commitments.choices import EDITABLE_STATES, Action, FindingResult, Role, State
from commitments.db import whole_number
from commitments.exceptions import (
    ActionRefused,
    NoteRequired,
    Problem,
    StaleRevision,
    TrackerError,
)
from commitments.models import Decision, ProgressUpdate
from commitments.roles import roles_of
from commitments.workflow import work_queue

# What took an update out of review, and who did so.
LEFT_REVIEW = {
    Action.PUBLISH: gettext_lazy(
        "That update is no longer in review: %(name)s has published it meanwhile."
    ),
    Action.RETURN: gettext_lazy(
        "That update is no longer in review: %(name)s has returned it meanwhile."
    ),
    Action.RECALL: gettext_lazy(
        "That update is no longer in review: %(name)s has recalled it meanwhile."
    ),
}


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
    """Return the update that has waited longest for this person. With `after`, the id of a waiting
    update, return the next one in the queue, which starts again at its end. None if there is no
    other."""
    waiting = list(work_queue.to_review_by(user).values_list("pk", flat=True))
    place = waiting.index(after) if after in waiting else -1
    others = [pk for pk in (*waiting[place + 1 :], *waiting[: place + 1]) if pk != after]
    return ProgressUpdate.objects.get(pk=others[0]) if others else None


def was_in_review(user: User, pk: int) -> bool:
    """Return whether the update with this id is a draft again that this person could see before, as
    a reviewer."""
    if Role.REVIEWER not in roles_of(user):
        return False
    rows = ProgressUpdate.objects.filter(pk=pk, state__in=EDITABLE_STATES)
    return rows.filter(decisions__action=Action.SUBMIT).exists()


def left_sentence(user: User, update: ProgressUpdate | None) -> str:
    """Return how an update has left the review, as far as this person may know; None stands for one
    that they can no longer see."""
    decisions = policies.visible_decisions(user, update) if update else []
    ends = [row for row in decisions if row.action in LEFT_REVIEW]
    if not ends:
        return _("That update is no longer in review: it was recalled or returned meanwhile.")
    return LEFT_REVIEW[Action(ends[-1].action)] % {"name": person_label(ends[-1].actor)}


def typed_rating(sent: QueryDict) -> list[tuple[str, object]]:
    """Return the key of each criterion that somebody has rated, with the result that they chose."""
    prefix = f"{FINDINGS}_"
    results = {name: str(sent[name]) for name in sent if name.startswith(prefix)}
    return [
        (name.removeprefix(prefix), FindingResult(result).label)
        for name, result in results.items()
        if result in FindingResult.values()
    ]


def following_address(pk: int) -> str:
    """Return the address of the next update in the queue after the one with this id."""
    return f"{reverse('admin:review')}?after={pk}"


class QueuePage(StaffPage):
    """Redirects to the first update that waits, or to the next one after `?after=`; says so if none
    waits."""

    template_name = "workbench/review_done.html"
    menu_entry = "review"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        update = next_to_review(self.user, whole_number(request.GET.get("after", "")))
        if update is None:
            return self.render_to_response(
                self.get_context_data(skipped=work_queue.to_review_by(self.user).count())
            )
        return HttpResponseRedirect(reverse("admin:review-update", args=[update.pk]))


class ReviewPage(StaffPage):
    """An update in review; after the decision comes the next one that waits. An assessment that is
    rated blind is rated first; then the page shows what its author found."""

    template_name = "workbench/review.html"
    menu_entry = "review"

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """If the update has left the review, and this person can no longer see it, say just
        that."""
        try:
            return super().respond(request, *args, **kwargs)
        except Http404:
            pk = self.kwargs["pk"]
            if not was_in_review(self.user, pk):
                raise
        if request.method != "POST":
            messages.info(request, left_sentence(self.user, None))
            return HttpResponseRedirect(following_address(pk))
        return self._say_left(None)

    def _say_left(self, update: ProgressUpdate | None) -> HttpResponse:
        """Say that the update has left the review, and show what was typed; `update` is None if
        this person can no longer see it."""
        sent = self.request.POST
        context = StaffPage.get_context_data(
            self,
            left=left_sentence(self.user, update),
            left_update=update,
            following=following_address(self.kwargs["pk"]),
            note=sent.get("note", ""),
            rating=typed_rating(sent),
        )
        return TemplateResponse(self.request, "workbench/review_left.html", context)

    @cached_property
    def update(self) -> ProgressUpdate:
        return self.visible_update(self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if self.update.state != State.SUBMITTED:
            return HttpResponseRedirect(update_address(self.update))
        return self._show(self._form())

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "rate" in request.POST:
            return self._rate(request)
        form = ReviewForm(request.POST)
        named = [action for action in DECIDING if action.value in request.POST]
        if not form.is_valid() or len(named) != 1:
            return self._show(form)
        [action] = named
        following = next_to_review(self.user, self.update.pk)
        try:
            workflow.perform(
                self.update, action, by=self.user, at=timezone.now(), **form.cleaned_data
            )
        except NoteRequired as error:
            form.add_error("note", str(error))
            return self._show(form)
        except TrackerError as error:
            self.update = self.visible_update(self.kwargs["pk"])
            if done := done_by(self.user, self.update, action):
                # The form was submitted again, since its response was lost, or by a double click.
                return self._done_before(done, form.cleaned_data["note"].strip(), following)
            # Show the current revision and content, so that the decision can be made on them.
            return self._show(self._form(form.cleaned_data["note"]), error)
        return self._done(action, following)

    def _rate(self, request: HttpRequest) -> HttpResponse:
        rating_form = RatingForm(self.update, self.user, request.POST)
        refusal: TrackerError | None = None
        if rating_form.is_valid():
            details = rating_form.details()
            try:
                workflow.perform(
                    self.update, Action.RATE, by=self.user, at=timezone.now(), **details
                )
            except StaleRevision as error:
                refusal = error
                data = request.POST.copy()
                self.update = self.visible_update(self.kwargs["pk"])
                data["expected_revision"] = str(self.update.revision)
                rating_form = RatingForm(self.update, self.user, data)
            except ActionRefused as error:
                rating_form.refuse(list(error.problems))
            except TrackerError as error:
                refusal = error
                self.update = self.visible_update(self.kwargs["pk"])
            else:
                messages.success(
                    request, _("Rated. What its author found is now shown beside your rating.")
                )
                return HttpResponseRedirect(reverse("admin:review-update", args=[self.update.pk]))
        return self._show(self._form(), refusal, rating_form=rating_form, rating_checked=True)

    def _form(self, note: str = "") -> ReviewForm:
        return ReviewForm(initial={"expected_revision": self.update.revision, "note": note})

    def _show(
        self, form: ReviewForm, refusal: TrackerError | None = None, **context: object
    ) -> HttpResponse:
        """Show the update with what was typed, and why it was refused; or, if the update is no
        longer in review, how it left it."""
        if self.update.state != State.SUBMITTED:
            return self._say_left(self.update)
        if refusal:
            self.report_refusal(refusal)
        return self.render_to_response(self.get_context_data(form=form, **context))

    def _done_before(
        self, done: Decision, note: str, following: ProgressUpdate | None
    ) -> HttpResponse:
        """Say that the decision had already been made, and repeat what was typed since."""
        action = Action(done.action)
        if note == done.note:
            return self._done(action, following)
        sentence = _("%(done)s What you have typed since was not sent: “%(note)s”")
        messages.warning(self.request, sentence % {"done": action.done, "note": note})
        return HttpResponseRedirect(update_address(self.update))

    def _done(self, action: Action, following: ProgressUpdate | None) -> HttpResponse:
        """Add a message that the action was performed, and redirect to the next update."""
        done = format_html(
            '{} <a href="{}">{}</a>',
            action.done,
            update_address(self.update),
            self.update.commitment.code,
        )
        messages.success(self.request, done)
        if following is None:
            return HttpResponseRedirect(reverse("admin:review"))
        return HttpResponseRedirect(reverse("admin:review-update", args=[following.pk]))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        waiting = list(work_queue.to_review_by(self.user).values_list("pk", flat=True))
        here = self.update.pk
        position = waiting.index(here) + 1 if here in waiting else None
        actions = workflow.allowed_actions(self.user, self.update)
        allowed = Action.RETURN in actions
        if Action.RATE in actions:
            kwargs = {"rating_form": RatingForm(self.update, self.user), **kwargs}
        now = timezone.now()
        context = update_context(self.user, self.update, now)
        shown = not context["is_withheld"]
        missing = self._missing(cast("list[ShownEvidence]", context["evidence"])) if shown else []
        return super().get_context_data(
            allowed=allowed,
            may_publish=Action.PUBLISH in actions and not missing,
            took_part=self.update.state == State.SUBMITTED
            and Role.REVIEWER in roles_of(self.user)
            and not allowed,
            position=position,
            waiting=len(waiting),
            waiting_since=waiting_since(self.update),
            now=now,
            returned=since_return(self.update) if shown else None,
            missing=missing,
            pending=self._pending(),
            **context,
            **kwargs,
        )

    def _missing(self, evidence: Iterable[ShownEvidence]) -> list[str]:
        """Return why the update cannot be published by this person as it is. Reads its files."""
        problems = workflow.check(self.update, publishing=True)
        problems += workflow.publication_problems(self.update, self.user)
        faults = [shown.examined.fault for shown in evidence]
        problems += [Problem((), fault) for fault in faults if fault]
        return problem_sentences(problems)

    def _pending(self) -> list[ProgressUpdate]:
        """Return the other updates on the commitment that are in review."""
        rows = ProgressUpdate.objects.visible_to(self.user).filter(state=State.SUBMITTED)
        others = rows.filter(commitment=self.update.commitment_id).exclude(pk=self.update.pk)
        return list(others.select_related("author").by_changed_at())
