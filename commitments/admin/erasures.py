"""Requests to erase something for good: one administrator asks, a second one answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import ledger, workflow
from commitments.access import policies
from commitments.admin.base import ReadOnlyAdmin
from commitments.admin.erase_links import TARGETS
from commitments.admin.words import person_label
from commitments.choices import RequestState
from commitments.curation.erasures import field_label, part_label
from commitments.exceptions import TrackerError
from commitments.ledger import Part
from commitments.models import Decision, ErasureRequest, Plan, ProgressUpdate, RecordedContent
from commitments.roles import signed_in
from commitments.texts.text import Text
from commitments.workflow.erasable import Target

# What the page shows of a long text.
MAX_SHOWN = 300
# By the answer: the function, the message once it is done, and whether a person may give it.
ANSWERS: dict[str, tuple[Callable[..., object], Any, Callable[..., bool]]] = {
    "confirm": (workflow.confirm_erasure, gettext_lazy("Erased."), policies.may_confirm_erasure),
    "decline": (
        workflow.decline_erasure,
        gettext_lazy("The request was declined."),
        policies.may_decline_erasure,
    ),
    "recall": (
        workflow.recall_erasure,
        gettext_lazy("The request was recalled."),
        policies.may_recall_erasure,
    ),
}


def target_label(target: Target) -> str:
    """Return what a request is about, in words."""
    match target:
        case ProgressUpdate():
            return _("Update %(id)s") % {"id": f"{target.pk} · {target.commitment.code}"}
        case Decision():
            return _("Ledger entry %(seq)s") % {"seq": f"{target.seq} · {target.action}"}
        case RecordedContent():
            label = _("Former content of %(subject)s") % {"subject": target.subject_key}
            return f"{label} · {target.decision.seq}"


def shown_parts(target: Target, parts: list[Part]) -> list[tuple[str, str]]:
    """Return the name of each part, with what it holds."""
    if isinstance(target, RecordedContent):
        words: dict[str, Any] = target.content or {}
        return [(field_label(part.name), _short(Text(words.get(part.name)))) for part in parts]
    if isinstance(target, Decision):
        return [(part_label(str(part)), _short(target.note)) for part in parts]
    evidence = {item.pk: item for item in target.evidence.all()}
    rows = [
        (part, target if part.evidence is None else evidence.get(part.evidence)) for part in parts
    ]
    return [
        (part_label(str(part)), _short(ledger.left_of_part(row, part.name)) if row else "")
        for part, row in rows
    ]


def _short(value: object) -> str:
    words = value.inline() if isinstance(value, Text) else str(value or "")
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


class ErasureForm(forms.Form):
    """Offers what can be erased of a row."""

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Erase"), widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Published. Do not repeat here what is to disappear."),
    )

    def __init__(self, target: Target, data: QueryDict | None = None) -> None:
        super().__init__(data)
        possible = workflow.erasable_parts(target)
        field: Any = self.fields["parts"]
        field.choices = [
            (str(part), f"{label}: {words}")
            for part, (label, words) in zip(possible, shown_parts(target, possible), strict=True)
        ]


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["pk", "about", "asked_by", "asked_at", "state", "closed_by", "closed_at"]
    list_filter = ["state"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErasureRequest]:
        rows = ErasureRequest.objects.select_related(
            "asked_by", "closed_by", "note_of__plan", "content__decision__plan", "decision"
        )
        return rows.select_related("update__commitment__plan")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return policies.may_request_erasure(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_request_erasure(request.user)

    @admin.display(description=gettext_lazy("about"))
    def about(self, row: ErasureRequest) -> str:
        return target_label(row.target)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show what can be erased of a row or, once the form is submitted, keep the request."""
        if not policies.may_request_erasure(request.user):
            raise PermissionDenied
        target = _target_of(request)
        form = ErasureForm(target, request.POST or None)
        if form.is_valid():
            parts = [Part.from_text(text) for text in form.cleaned_data["parts"]]
            try:
                workflow.request_erasure(
                    target,
                    parts,
                    by=signed_in(request.user),
                    at=timezone.now(),
                    reason=form.cleaned_data["reason"],
                )
            except TrackerError as error:
                self._report(request, error)
            else:
                sentence = _("Requested. Nothing is erased until a second administrator confirms.")
                self.message_user(request, sentence, messages.SUCCESS)
                return HttpResponseRedirect(_list_address())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Request erasure"),
            "about": target_label(target),
            "form": form,
            "back": _page_of(target),
        }
        return TemplateResponse(request, "admin/commitments/erasurerequest/ask.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show a request with the answers that this person may give or, once one is chosen, give
        it."""
        row = self.get_object(request, object_id)
        if not isinstance(row, ErasureRequest):
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self._answered(request, row)
        parts = [Part.from_text(text) for text in row.parts]
        is_open = row.state == RequestState.OPEN
        answers = [name for name, (_do, _done, may) in ANSWERS.items() if may(request.user, row)]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Erasure request %(id)s") % {"id": row.pk},
            "row": row,
            "about": target_label(row.target),
            "page": _page_of(row.target),
            "time_zone": _time_zone_of(row.target),
            "parts": shown_parts(row.target, parts),
            "asked_by": person_label(row.asked_by),
            "closed_by": person_label(row.closed_by),
            "answers": answers if is_open else [],
            "is_open": is_open,
        }
        return TemplateResponse(request, "admin/commitments/erasurerequest/answer.html", context)

    def _answered(self, request: HttpRequest, row: ErasureRequest) -> HttpResponse:
        answer = request.POST.get("answer", "")
        if answer not in ANSWERS:
            raise Http404
        perform, done, _may = ANSWERS[answer]
        try:
            perform(row, by=signed_in(request.user), at=timezone.now())
        except TrackerError as error:
            self._report(request, error)
            return HttpResponseRedirect(request.get_full_path())
        self.message_user(request, str(done), messages.SUCCESS)
        return HttpResponseRedirect(_list_address())

    def _report(self, request: HttpRequest, error: TrackerError) -> None:
        for sentence in (str(error), *(problem.message for problem in error.problems)):
            self.message_user(request, sentence, messages.ERROR)


def _list_address() -> str:
    return reverse("admin:commitments_erasurerequest_changelist")


def _page_of(target: Target) -> str:
    name = f"admin:commitments_{target._meta.model_name}_change"
    return reverse(name, args=[target.pk])


def _time_zone_of(target: Target) -> str:
    """Return the time zone of the plan that a request concerns, that of the site if it concerns
    what plans share."""
    if isinstance(target, ProgressUpdate):
        plan: Plan | None = target.commitment.plan
    else:
        decision = target.decision if isinstance(target, RecordedContent) else target
        plan = decision.plan
    return str(plan.time_zone if plan else settings.TIME_ZONE)


def _target_of(request: HttpRequest) -> Target:
    """Return the row that the address names. Raise Http404 if it names none."""
    for model, name in TARGETS.items():
        pk = request.GET.get(name, "")
        if pk.isascii() and pk.isdigit():
            row = model._default_manager.filter(pk=int(pk)).first()
            if isinstance(row, ProgressUpdate | Decision | RecordedContent):
                return row
    raise Http404
