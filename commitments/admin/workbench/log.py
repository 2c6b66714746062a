"""Logging progress: the form of a draft. Submitting saves first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.access import policies
from commitments.admin.workbench.actions import offered_actions
from commitments.admin.workbench.base import StaffPage, update_address
from commitments.admin.workbench.draft_forms import DraftForms, refusals, stale
from commitments.admin.workbench.evidence_forms import EvidenceForms, EvidenceFormSet, copied_piece
from commitments.admin.workbench.form_places import problem_sentences
from commitments.admin.workbench.new_sources import (
    NewSources,
    with_chosen_files,
    with_new_sources,
    with_waiting_files,
)
from commitments.admin.workbench.rating import compared_ratings
from commitments.admin.workbench.restoring import restored_form
from commitments.admin.workbench.still_missing import missing_so_far
from commitments.admin.workbench.subject import (
    corrections_under_way,
    margin_context,
    proposed_statuses,
)
from commitments.admin.workbench.update_form import UpdateForm
from commitments.api.handlers import LOST_FILES
from commitments.choices import Action, State
from commitments.clocks import local_day
from commitments.curation.report_calls import own_check
from commitments.db import is_busy
from commitments.exceptions import (
    ActionRefused,
    DuplicateReference,
    FileTooLarge,
    InvalidInput,
    Problem,
    StaleRevision,
    TrackerError,
)
from commitments.files import staging, storage
from commitments.models import Commitment, Meeting, ProgressUpdate, Publisher
from commitments.texts.languages import best_match, reader_tag
from commitments.texts.lists import join_list
from commitments.workflow import work_queue

# Buttons that add rows to the form without saving, and `restore`, with which a script submits what
# the browser has kept, to be shown.
ADDING = ("add", "cite", "restore")
# Publishers that the form offers; a longer list is slow to send and to read.
MAX_OFFERED = 100
# Marks messages by which the page knows that what was typed is stored.
SAVED = "saved"


class DraftPage(StaffPage):
    """The form of a draft: one that is there, or a new one."""

    template_name = "workbench/log.html"
    menu_entry = "log"

    @property
    def update(self) -> ProgressUpdate | None:
        """The draft, None for a new one."""
        return None

    @property
    def commitment(self) -> Commitment:
        raise NotImplementedError

    @cached_property
    def corrected(self) -> ProgressUpdate | None:
        """The update that is corrected."""
        return self.update.corrects if self.update else None

    @property
    def meeting(self) -> Meeting | None:
        """The meeting from which somebody reports, None if they do not."""
        return None

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self.render_to_response(self.get_context_data(forms=self._unbound()))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "check" in request.POST:
            return self._checked_so_far()
        chosen = request.FILES.getlist("files")
        adding = any(name in request.POST for name in ADDING)
        new = with_new_sources(request.POST, chosen, self.user, self._language)
        data = new.data
        if "restore" in request.POST:
            data = self._restored(data)
        if adding:
            self._report_refused(new)
            return self._form_again(self._bound(self._kept(data), {}), checked=False)
        not_taken = [Problem((), sentence) for sentence in (*new.refused, *self._lost_files())]
        if refused := not_taken or self._stale():
            return self._form_again(self._bound(self._kept(data), {}, refused))
        forms = self._bound(data, request.FILES)
        if not forms.is_valid():
            return self._form_again(self._bound(self._kept(data), {}))
        try:
            with storage.delete_unused_files():
                update = self._save(forms)
        except (InvalidInput, DuplicateReference, FileTooLarge, StaleRevision) as error:
            return self._form_again(self._bound(self._kept(data), {}, refusals(error, self.update)))
        except TrackerError as error:
            self.report_refusal(error)
            return self._form_again(self._bound(self._kept(data), {}))
        return self._after_saving(update)

    def _lost_files(self) -> list[str]:
        """Return a sentence on the files that the form lost on the way, if it did: without them it
        is not what its sender meant to save."""
        names = self.request.POST.getlist(LOST_FILES)
        sentence = _("Files could not be kept meanwhile; choose them again: %(names)s.")
        return [sentence % {"names": join_list(names)}] if names else []

    def _restored(self, data: QueryDict) -> QueryDict:
        """Return the data of a form that a browser has kept, changed so that the form can be
        saved."""
        return data if self.update is None else restored_form(self.request, data, self.update)

    def _is_stale(self) -> bool:
        """Return whether the form shows an older revision, whose sources may be gone."""
        revision = self.request.POST.get("expected_revision", "")
        return self.update is not None and revision != str(self.update.revision)

    def _stale(self) -> list[Problem]:
        """Return the problem that the form shows an older revision, if it does."""
        if self.update is None or not self._is_stale():
            return []
        alone = policies.contributors(self.update) == {self.user.pk}
        return [stale(self.update, by_themselves=alone)]

    def _report_refused(self, new: NewSources) -> None:
        """Add messages on the files and lines that became no source, or that there was nothing to
        add."""
        refused = [*new.refused, *self._lost_files()]
        for sentence in refused:
            messages.error(self.request, sentence)
        if "add" in self.request.POST and not (new.added or refused):
            messages.error(self.request, _("Paste a link or choose a file first."))

    @property
    def _language(self) -> str:
        """The language of the plan in which this person writes."""
        tags = self.commitment.plan.languages
        return best_match(reader_tag(), tags) or tags[0]

    def _unbound(self) -> DraftForms:
        rows = [] if self.update or not self.corrected else list(self.corrected.evidence.all())
        evidence = self._evidence(initial=[copied_piece(piece) for piece in rows])
        evidence.extra = len(rows)
        return DraftForms(self._update_form(), evidence)

    def _bound(
        self,
        data: QueryDict,
        files: MultiValueDict[str, Any] | dict[str, Any],
        refused: Sequence[Problem] = (),
    ) -> DraftForms:
        return DraftForms(
            self._update_form(data, files, refused=refused),
            self._evidence(data, files, refused=refused),
        )

    def _update_form(self, *args: Any, **options: Any) -> UpdateForm:
        return UpdateForm(
            *args,
            instance=self.update,
            commitment=self.commitment,
            user=self.user,
            corrected=self.corrected,
            meeting=self.meeting,
            **options,
        )

    def _evidence(self, *data: Any, **options: Any) -> EvidenceFormSet:
        options |= {
            "instance": self.update,
            "prefix": "evidence",
            "languages": self.commitment.plan.languages,
            "owner": self.user.pk,
            "corrected": None if self.update else self.corrected,
        }
        return cast(EvidenceFormSet, EvidenceForms(*data, **options))

    def _kept(self, data: QueryDict) -> QueryDict:
        """Return the data of the form after staging the files that were chosen in its rows."""
        return with_waiting_files(data, self.request.FILES, self.user.pk)

    def _save(self, forms: DraftForms) -> ProgressUpdate:
        changes, data = forms.evidence.changes(), forms.update.cleaned_data
        saved = self._write(
            forms.update.fields_of_update(),
            changes,
            revision=data["expected_revision"],
            request_key=data["request_key"],
        )
        for piece in changes.add:
            staging.discard(piece.get("file"))
        return saved

    def _write(
        self,
        fields: Mapping[str, Any],
        changes: workflow.EvidenceChanges,
        *,
        revision: int | None,
        request_key: str = "",
    ) -> ProgressUpdate:
        who: dict[str, Any] = {"by": self.user, "at": timezone.now()}
        if self.update is None:
            key = request_key or None
            return workflow.create_draft(
                self.commitment, **who, evidence=changes.add, request_key=key, **fields
            )
        return workflow.edit_draft(
            self.update, **who, expected_revision=revision, evidence=changes, **fields
        )

    def _checked_so_far(self) -> HttpResponse:
        """Return, for a script, what would still be missing if the form were saved as typed so
        far."""
        context = self._missing_in(self._bound(with_chosen_files(self.request.POST), {}))
        return TemplateResponse(self.request, "workbench/_missing.html", context)

    def _missing_in(self, forms: DraftForms) -> dict[str, object]:
        today = local_day(timezone.now(), self.commitment.plan.time_zone)
        note = self.request.POST.get("argument", "")
        forms.is_valid()
        sent: Mapping[str, Any] = getattr(forms.update, "cleaned_data", {})
        write = partial(self._write, revision=sent.get("expected_revision"))
        return missing_so_far(forms, write, today, note) | {"is_checked": True}

    def _after_saving(self, update: ProgressUpdate) -> HttpResponse:
        """Submit the saved update if requested, and say what is missing if it cannot be
        submitted."""
        if "submit" not in self.request.POST:
            messages.success(self.request, _("Saved."), SAVED)
            return HttpResponseRedirect(update_address(update))
        revision, now = update.revision, timezone.now()
        note = self.request.POST.get("argument", "")
        try:
            workflow.perform(
                update, Action.SUBMIT, by=self.user, at=now, expected_revision=revision, note=note
            )
        except ActionRefused:
            message = format_html(
                '{} <a href="#missing">{}</a>',
                _("Saved, but not submitted: something is missing."),
                _("Still missing"),
            )
            messages.warning(self.request, message, SAVED)
            return self._not_submitted(update)
        except TrackerError as error:
            self.report_refusal(error)
            return HttpResponseRedirect(update_address(update))
        done = format_html(
            '{} <a href="{}">{}</a>',
            Action.SUBMIT.done,
            update_address(update),
            update.commitment.code,
        )
        messages.success(self.request, done, SAVED)
        return HttpResponseRedirect(reverse("admin:index"))

    def _not_submitted(self, update: ProgressUpdate) -> HttpResponse:
        return HttpResponseRedirect(update_address(update))

    def _form_again(
        self, forms: DraftForms, *, checked: bool = True, is_unsaved: bool = False
    ) -> HttpResponse:
        if not checked:
            forms.leave_unchecked()
        context = self.get_context_data(
            forms=forms, checked=checked, is_unsaved=checked or is_unsaved
        )
        return self.render_to_response(context)

    def _missing_as_shown(self, forms: DraftForms) -> dict[str, object]:
        """Return what is missing in a draft whose form is shown again as submitted, or in a new one
        that begins as a copy or with a meeting."""
        sent = cast(QueryDict, forms.update.data)
        begun_with_something = not self.update and (self.corrected or self.meeting)
        if sent and self._is_stale():
            return {"missing": [], "is_checked": False}
        if not (sent or begun_with_something):
            return {}
        try:
            return self._missing_in(self._bound(sent, {}) if sent else forms)
        except (OperationalError, InterfaceError) as error:
            # The database is busy. Show the page without the list; its script asks for that again.
            if is_busy(error):
                return {}
            raise

    def _other_corrections(self) -> list[ProgressUpdate]:
        """Return the other corrections of the same update: only one of them can be published."""
        if self.corrected is None:
            return []
        return [
            row for row in corrections_under_way(self.user, self.corrected) if row != self.update
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        update = self.update
        return super().get_context_data(
            update=update,
            commitment=self.commitment,
            corrected=self.corrected,
            corrections=self._other_corrections(),
            missing=_missing(update) if update else [],
            ratings=compared_ratings(self.user, update) if update else [],
            argument=self.request.POST.get("argument", ""),
            publishers=Publisher.objects.of_plan(self.commitment.plan)[:MAX_OFFERED],
            own_check=own_check(self.commitment, self.user),
            is_checked=update is not None,
            proposed=proposed_statuses(update) if update else ("", ""),
            last_return=work_queue.last_return(update)
            if update and update.state == State.RETURNED
            else None,
            actions=[
                row for row in offered_actions(self.user, update) if row.code != Action.SUBMIT
            ],
            **margin_context(self.user, self.commitment, timezone.now(), update),
            **kwargs,
        ) | self._missing_as_shown(kwargs["forms"])


def _missing(update: ProgressUpdate) -> list[str]:
    """Return what a saved draft lacks before it can be submitted."""
    problems = [*workflow.check(update), *workflow.argument_problems(update, note="")]
    return problem_sentences(problems)
