"""Progress updates: a form for drafts and their evidence, and a page for each action. All changes
are made by `workflow`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import ledger, workflow
from commitments.access import policies
from commitments.admin.action_forms import ActionForm, action_form
from commitments.admin.base import ReadOnlyAdmin
from commitments.admin.erase_links import erase_url
from commitments.admin.evidence import EvidenceInline, may_change_evidence
from commitments.admin.form_context import (
    basis_context,
    diff_context,
    finding_lines,
    header_context,
    other_fields,
    proposal,
    schedule_of,
    sidebar_context,
)
from commitments.admin.ledger import DecisionInline, person_label
from commitments.admin.update_forms import EvidenceFormSet, UpdateForm, commitment_of
from commitments.choices import Action
from commitments.clocks import local_day
from commitments.exceptions import (
    DuplicateReference,
    FileTooLarge,
    InvalidUpdate,
    Problem,
    StaleRevision,
    TrackerError,
)
from commitments.files import storage
from commitments.models import Commitment, ProgressUpdate
from commitments.roles import is_staff, signed_in
from commitments.templatetags.tracker import on_day
from commitments.workflow import UPDATE_FIELDS
from commitments.workflow.transitions import TRANSITIONS

# Side by side in the form.
DATE_FIELDS = ("effective_on", "date_precision")


def _has_milestones(request: HttpRequest, update: Model | None) -> bool:
    """Return whether the commitment of an update, or the one chosen for a new one, has any."""
    chosen = request.POST.get("commitment") or request.GET.get("commitment")
    known = update.commitment if isinstance(update, ProgressUpdate) else None
    commitment = known or commitment_of(chosen)
    return commitment is not None and commitment.milestones.exists()


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    form = UpdateForm
    change_form_template = "admin/commitments/progressupdate/change_form.html"
    list_display = [
        "number",
        "commitment",
        "when",
        "status",
        "state",
        "author",
        "changed_at",
    ]
    list_filter = [
        "state",
        "status",
        "commitment__plan",
        ("author", admin.RelatedOnlyFieldListFilter),
    ]
    search_indexes = ["search_index"]
    search_fields = ["commitment__number", "author__username"]
    ordering = ["-id"]
    raw_id_fields = ["corrects"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "expected_revision",
                    "commitment",
                    DATE_FIELDS,
                    *(name for name in UPDATE_FIELDS if name not in DATE_FIELDS),
                ]
            },
        ),
        (
            gettext_lazy("Workflow state"),
            {"fields": ["state", "author_name", "publisher_name", "published_at", "origin"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgressUpdate]:
        visible = ProgressUpdate.objects.visible_to(request.user)
        return visible.select_related("commitment__plan", "author")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_change_evidence(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is not None and may_change_evidence(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        fixed = ["state", "author_name", "publisher_name", "published_at", "origin"]
        return [*fixed, "commitment"] if obj else fixed

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Leave out the revision where nothing can be edited, the milestones of a commitment that
        has none, and the state of a new update."""
        (title, content), state = super().get_fieldsets(request, obj)
        may_change = may_change_evidence(request, obj)
        omitted = {"expected_revision": not may_change, "meets": not _has_milestones(request, obj)}
        fields = [name for name in content["fields"] if not omitted.get(name)]
        shown = title, {"fields": fields}
        return [shown, state] if obj or not may_change else [shown]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return today as the effective day, in the plan's time zone if the commitment is known."""
        initial = super().get_changeform_initial_data(request)
        pk = str(initial.get("commitment", ""))
        rows = Commitment.objects.filter(pk=pk) if pk.isdecimal() else Commitment.objects.none()
        zone = rows.values_list("plan__time_zone", flat=True).first()
        today = local_day(timezone.now(), zone) if zone else timezone.localdate()
        return {"effective_on": today, **initial}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "commitment":
            kwargs["queryset"] = (
                Commitment.objects.reportable_by(request.user).select_related("plan").in_order()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the commitment, its current assessment and the rule of each status."""
        form: Any = context["adminform"].form
        if kwargs.get("obj"):
            context |= header_context(request.user, kwargs["obj"])
        context["sidebar"] = (
            sidebar_context(form.known_commitment(), timezone.now())
            if isinstance(form, UpdateForm)
            else None
        )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("update"), ordering="id")
    def number(self, update: ProgressUpdate) -> str:
        return f"#{update.pk}"

    @admin.display(description=gettext_lazy("date"), ordering="effective_on")
    def when(self, update: ProgressUpdate) -> str:
        return on_day(update.effective_on, update.date_precision)

    @admin.display(description=gettext_lazy("findings"))
    def findings(self, update: ProgressUpdate) -> str:
        return finding_lines(update)

    @admin.display(description=gettext_lazy("rests on"))
    def rests_on(self, update: ProgressUpdate) -> str:
        return ", ".join(f"#{pk}" for pk in workflow.saved_events(update)) or "–"

    @admin.display(description=gettext_lazy("origin"))
    def origin(self, update: ProgressUpdate) -> str:
        file = ledger.import_digest(update)
        if file is None:
            return _("Entered in the tracker")
        return f"{_('Loaded from a file')} (SHA-256: {file})"

    @admin.display(description=gettext_lazy("author"))
    def author_name(self, update: ProgressUpdate) -> str:
        return person_label(update.author)

    @admin.display(description=gettext_lazy("publisher"))
    def publisher_name(self, update: ProgressUpdate) -> str:
        return person_label(update.publisher)

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type[InlineModelAdmin]]:
        return [EvidenceInline, DecisionInline] if obj else [EvidenceInline]

    # Writing

    def save_model(
        self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool
    ) -> None:
        """Do nothing: `save_related` saves the update together with its evidence."""

    def save_related(
        self,
        request: HttpRequest,
        form: UpdateForm,
        formsets: Sequence[EvidenceFormSet],
        change: bool,
    ) -> None:
        author: dict[str, Any] = {"by": signed_in(request.user), "at": timezone.now()}
        fields, changes = form.fields_of_update(), formsets[0].changes()
        if change:
            expected = form.cleaned_data.get("expected_revision")
            saved = workflow.edit_draft(
                form.instance, **author, expected_revision=expected, evidence=changes, **fields
            )
        else:
            commitment = form.cleaned_data["commitment"]
            saved = workflow.create_draft(commitment, **author, evidence=changes.add, **fields)
        form.instance.pk, form.instance.revision = saved.pk, saved.revision

    def construct_change_message(
        self,
        request: HttpRequest,
        form: forms.Form,
        formsets: Iterable[BaseFormSet],
        add: bool = False,
    ) -> list[dict[str, dict[str, list[str]]]]:
        """Describe changes of the form only: the formset has not saved the evidence itself."""
        return super().construct_change_message(request, form, [], add)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        update = self._get_visible(request, object_id) if object_id else None
        context = {
            "actions": self._offered_actions(request, update),
            "erase_url": erase_url(request.user, update),
            **(extra_context or {}),
        }
        try:
            with storage.delete_on_rollback():
                return super().changeform_view(request, object_id, form_url, context)
        except (InvalidUpdate, DuplicateReference, FileTooLarge, StaleRevision) as error:
            # Show the form again, as it was filled in, with what the workflow refused.
            request.refused = _refusals(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, context)
        except TrackerError as error:
            self._report_refusal(request, error)
            return HttpResponseRedirect(request.get_full_path())

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(
            form.__name__,
            (form,),
            {"refused": getattr(request, "refused", ()), "user": request.user},
        )

    def response_add(
        self, request: HttpRequest, obj: Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._report_missing(request, obj)
        return HttpResponseRedirect(self._address(obj))

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        self._report_missing(request, obj)
        return super().response_change(request, obj)

    def _report_missing(self, request: HttpRequest, update: Model) -> None:
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        statuses = proposal(fresh)
        if statuses:
            sentence = _("From the findings follows: %(statuses)s.") % {"statuses": statuses}
            self.message_user(request, sentence, messages.INFO)
        missing = workflow.check(fresh)
        if not missing:
            self.message_user(request, _("Saved. Ready to submit for review."), messages.SUCCESS)
        for problem in missing:
            sentence = _("Saved. Not yet ready to submit for review: %(problem)s")
            self.message_user(request, sentence % {"problem": problem.message}, messages.WARNING)

    # Actions

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.action_view)
        name = "commitments_progressupdate_action"
        return [path("<int:pk>/action/<slug:code>/", view, name=name), *super().get_urls()]

    def action_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Show the update with the form of an action or, once it is submitted, perform it."""
        update = self._get_visible(request, str(pk))
        if code not in Action.values() or Action(code) not in TRANSITIONS:
            raise Http404
        action = Action(code)
        form = action_form(action, update, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                workflow.perform(
                    update, action, by=signed_in(request.user), at=timezone.now(), **form.details()
                )
            except StaleRevision as error:
                # Reload the page, so that the reviewer sees the current content.
                self._report_refusal(request, error)
                return HttpResponseRedirect(request.get_full_path())
            except TrackerError as error:
                self._report_refusal(request, error)
            else:
                self.message_user(request, str(action.done), messages.SUCCESS)
                return HttpResponseRedirect(self._next_address(request, update))
        return TemplateResponse(
            request,
            "admin/commitments/progressupdate/action.html",
            self._action_context(request, update, action, form),
        )

    def _action_context(
        self, request: HttpRequest, update: ProgressUpdate, action: Action, form: ActionForm
    ) -> dict[str, object]:
        return {
            **self.admin_site.each_context(request),
            "title": action.label,
            "subtitle": str(update),
            "opts": self.model._meta,
            "update": update,
            "action": action,
            "form": form,
            "allowed": action in workflow.allowed_actions(request.user, update),
            "others": [
                row
                for row in self._offered_actions(request, update)
                if row["label"] != action.label
            ],
            "evidence": policies.visible_evidence(request.user, update),
            "level": workflow.evidence_level(update),
            "forum_names": [forum.name for forum in update.forums.all()],
            "schedule": schedule_of(update.commitment, timezone.now()),
            "other_fields": other_fields(update),
            **basis_context(update),
            "last": diff_context(update),
            "loaded_from": ledger.import_digest(update),
            "back": self._address(update),
        }

    def _offered_actions(
        self, request: HttpRequest, update: ProgressUpdate | None
    ) -> list[dict[str, object]]:
        """Return the label and address of each action that the user may perform now."""
        if update is None:
            return []
        name = "admin:commitments_progressupdate_action"
        return [
            {"label": action.label, "url": reverse(name, args=[update.pk, action.value])}
            for action in workflow.allowed_actions(request.user, update)
        ]

    def _get_visible(self, request: HttpRequest, pk: str) -> ProgressUpdate:
        rows = ProgressUpdate.objects.visible_to(request.user).with_related_content()
        update = rows.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() else None
        if update is None or not is_staff(request.user):
            raise Http404
        return update

    def _next_address(self, request: HttpRequest, update: ProgressUpdate) -> str:
        """Return the address of the update, or of the list if the user can no longer see it."""
        if ProgressUpdate.objects.visible_to(request.user).filter(pk=update.pk).exists():
            return self._address(update)
        return reverse("admin:commitments_progressupdate_changelist")

    def _address(self, update: Model) -> str:
        return reverse("admin:commitments_progressupdate_change", args=[update.pk])

    def _report_refusal(self, request: HttpRequest, error: TrackerError) -> None:
        for sentence in (str(error), *(problem.message for problem in error.problems)):
            self.message_user(request, sentence, messages.ERROR)


def _refusals(error: TrackerError) -> list[Problem]:
    """Return the problems of an error, each with the path of the field at which it is shown."""
    match error:
        case DuplicateReference():
            return [Problem(("external_ref",), str(error))]
        case StaleRevision():
            sentence = _(
                "Someone else has changed this update since you opened it. Your changes are still "
                "on this page: open the current version in another window, compare, and save there."
            )
            return [Problem((), sentence)]
        case _:
            return list(error.problems)
