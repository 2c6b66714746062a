"""Progress updates: one form with evidence for the draft, and a page for each act. Every write
goes through `workflow`; nobody sets a state or a status here."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import drafts, ledger, policies, storage, workflow
from commitments.admin.act_forms import ActForm, act_form
from commitments.admin.base import StaffReads
from commitments.admin.beside import above, beside, compared
from commitments.admin.evidence import EvidenceInline, may_write
from commitments.admin.ledger import DecisionInline, name_of
from commitments.admin.update_forms import UpdateForm
from commitments.choices import Action
from commitments.clocks import local_day
from commitments.drafts import EvidenceChanges
from commitments.exceptions import StaleRevision, TrackerError
from commitments.models import Commitment, ProgressUpdate
from commitments.roles import is_staff
from commitments.templatetags.tracker import on_day
from commitments.transitions import TRANSITIONS


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(StaffReads):
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
    search_fields = ["summary_en", "summary_zh", "commitment__number", "author__username"]
    ordering = ["-id"]
    raw_id_fields = ["corrects"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "seen",
                    "commitment",
                    ("effective_on", "date_precision"),
                    "status",
                    "summary_en",
                    "summary_zh",
                    "search_note_en",
                    "search_note_zh",
                    "forums",
                    "corrects",
                    "external_ref",
                ]
            },
        ),
        (
            gettext_lazy("Where it stands"),
            {"fields": ["state", "author_name", "publisher_name", "published_at", "origin"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = ProgressUpdate.objects.visible_to(request.user)
        return visible.select_related("commitment__plan", "author")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is not None and may_write(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fixed = ["state", "author_name", "publisher_name", "published_at", "origin"]
        return [*fixed, "commitment"] if obj else fixed

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A page that is only read has nothing to say which revision was seen, and a new update
        stands nowhere yet."""
        first, where = super().get_fieldsets(request, obj)
        if not may_write(request, obj):
            shown = [name for name in first[1]["fields"] if name != "seen"]
            return [(first[0], {"fields": shown}), where]
        return [first, where] if obj else [first]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Today, on the plan's calendar where the commitment is known."""
        given = super().get_changeform_initial_data(request)
        pk = str(given.get("commitment", ""))
        known = Commitment.objects.filter(pk=pk) if pk.isdecimal() else Commitment.objects.none()
        zone = known.values_list("plan__time_zone", flat=True).first()
        today = local_day(timezone.now(), zone) if zone else timezone.localdate()
        return {"effective_on": today, **given}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "commitment":
            kwargs["queryset"] = (
                Commitment.objects.reportable_by(request.user).select_related("plan").in_order()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Beside the form: the commitment, its last published claim, and what each status needs."""
        form: Any = context["adminform"].form
        if kwargs.get("obj"):
            context |= above(request.user, kwargs["obj"])
        context["beside"] = beside(form.about()) if isinstance(form, UpdateForm) else None
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("update"), ordering="id")
    def number(self, update: ProgressUpdate) -> str:
        return f"#{update.pk}"

    @admin.display(description=gettext_lazy("effective on"), ordering="effective_on")
    def when(self, update: ProgressUpdate) -> str:
        return on_day(update.effective_on, update.date_precision)

    @admin.display(description=gettext_lazy("origin"))
    def origin(self, update: ProgressUpdate) -> str:
        file = ledger.loaded_from(update)
        if file is None:
            return _("Written in the tracker")
        return f"{_('Loaded from a file')} (SHA-256: {file})"

    @admin.display(description=gettext_lazy("author"))
    def author_name(self, update: ProgressUpdate) -> str:
        return name_of(update.author)

    @admin.display(description=gettext_lazy("publisher"))
    def publisher_name(self, update: ProgressUpdate) -> str:
        return name_of(update.publisher)

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Any:
        return [EvidenceInline, DecisionInline] if obj else [EvidenceInline]

    # Writing

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Update and evidence are written together, in `save_related`."""

    def save_related(
        self, request: HttpRequest, form: Any, formsets: list[Any], change: bool
    ) -> None:
        update = form.instance
        written = workflow.write(
            update,
            by=cast(User, request.user),
            at=timezone.now(),
            seen=form.cleaned_data.get("seen") if change else None,
            evidence=_changes(formsets[0]),
            **form.fields_of_update(),
        )
        update.pk = written.pk
        update.revision = written.revision

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Evidence was not saved by its formset, so Django's own log speaks of the form alone."""
        return super().construct_change_message(request, form, [], add)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            update = self._visible(request, object_id) if object_id else None
            context = {"acts": self._acts(request, update), **(extra_context or {})}
            with storage.undone_on_failure():
                return super().changeform_view(request, object_id, form_url, context)
        except TrackerError as error:
            # What the form could not know: somebody was faster.
            self._complain(request, error)
            return HttpResponseRedirect(request.get_full_path())

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._say_what_is_missing(request, obj)
        return HttpResponseRedirect(self._address(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        self._say_what_is_missing(request, obj)
        return super().response_change(request, obj)

    def _say_what_is_missing(self, request: HttpRequest, update: ProgressUpdate) -> None:
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        missing = drafts.missing_for_submission(fresh)
        if not missing:
            self.message_user(request, _("Saved. It can be submitted."), messages.SUCCESS)
        for problem in missing:
            sentence = _("Saved, but before it can be submitted: %(problem)s")
            self.message_user(request, sentence % {"problem": problem.message}, messages.WARNING)

    # Acts

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(self.act_view)
        name = "commitments_progressupdate_act"
        return [path("<int:pk>/act/<slug:action>/", act, name=name), *super().get_urls()]

    def act_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Asks for what the act needs, shows what it is done to, and does it."""
        update = self._visible(request, str(pk))
        if action not in Action.values() or Action(action) not in TRANSITIONS:
            raise Http404
        act = Action(action)
        form = act_form(act, update, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                workflow.perform(
                    update, act, by=cast(User, request.user), at=timezone.now(), **form.details()
                )
            except StaleRevision as error:
                # What was shown is no longer what it is: shown anew.
                self._complain(request, error)
                return HttpResponseRedirect(request.get_full_path())
            except TrackerError as error:
                self._complain(request, error)
            else:
                self.message_user(
                    request,
                    _("Update %(id)s: done (%(act)s).") % {"id": pk, "act": act.label},
                    messages.SUCCESS,
                )
                return HttpResponseRedirect(self._after(request, update))
        return TemplateResponse(
            request,
            "admin/commitments/progressupdate/act.html",
            self._act_context(request, update, act, form),
        )

    def _act_context(
        self, request: HttpRequest, update: ProgressUpdate, act: Action, form: ActForm
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": act.label,
            "subtitle": str(update),
            "opts": self.model._meta,
            "update": update,
            "act": act,
            "form": form,
            "allowed": act in workflow.allowed_actions(request.user, update),
            "others": [row for row in self._acts(request, update) if row["label"] != act.label],
            "evidence": policies.shown_evidence(request.user, update),
            "level": drafts.evidence_level(update.evidence.all()),
            "last": compared(update),
            "loaded_from": ledger.loaded_from(update),
            "back": self._address(update),
        }

    def _acts(self, request: HttpRequest, update: ProgressUpdate | None) -> list[dict[str, Any]]:
        """The steps that this person may take now, as links."""
        if update is None:
            return []
        name = "admin:commitments_progressupdate_act"
        return [
            {"label": act.label, "url": reverse(name, args=[update.pk, act.value])}
            for act in workflow.allowed_actions(request.user, update)
        ]

    def _visible(self, request: HttpRequest, pk: str) -> ProgressUpdate:
        rows = ProgressUpdate.objects.visible_to(request.user).with_all_shown()
        update = rows.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() else None
        if update is None or not is_staff(request.user):
            raise Http404
        return update

    def _after(self, request: HttpRequest, update: ProgressUpdate) -> str:
        """Back to the update, or to the list if the act took it out of this person's sight."""
        if ProgressUpdate.objects.visible_to(request.user).filter(pk=update.pk).exists():
            return self._address(update)
        return reverse("admin:commitments_progressupdate_changelist")

    def _address(self, update: ProgressUpdate) -> str:
        return reverse("admin:commitments_progressupdate_change", args=[update.pk])

    def _complain(self, request: HttpRequest, error: TrackerError) -> None:
        for sentence in (str(error), *(problem.message for problem in error.problems)):
            self.message_user(request, sentence, messages.ERROR)


def _changes(formset: BaseFormSet[Any]) -> EvidenceChanges:
    """What was done in the inline rows, for `workflow.write`."""
    deleted = set(formset.deleted_forms)
    rows = [form for form in formset.forms if form not in deleted]
    return EvidenceChanges(
        add=[
            form.fields_of_evidence()
            for form in rows
            if not form.instance.pk and form.has_changed()
        ],
        change={
            form.instance.pk: form.fields_of_evidence()
            for form in rows
            if form.instance.pk and form.has_changed()
        },
        remove=[form.instance.pk for form in deleted if form.instance.pk],
    )
