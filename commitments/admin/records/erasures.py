"""Requests to erase something for good: one administrator asks, a second one answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import ledger, workflow
from commitments.access import policies
from commitments.admin.base.days import staff_zone
from commitments.admin.base.erase_links import TARGETS
from commitments.admin.records.administrator_requests import RequestAdmin
from commitments.choices import ErasablePart
from commitments.curation.erasures import field_label, part_label
from commitments.db import whole_number
from commitments.exceptions import TrackerError
from commitments.form_fields import ReasonField
from commitments.ledger import Part
from commitments.models import Decision, ErasureRequest, Plan, ProgressUpdate, RecordedContent
from commitments.roles import signed_in
from commitments.texts.lists import join_sentences
from commitments.texts.text import Text
from commitments.workflow.erasable import Target

# How many characters of a long text the page shows.
MAX_SHOWN = 300


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
    """Return the name of each part, with its content."""
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
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Published. Do not repeat here what is to disappear."),
    )

    def __init__(self, target: Target, data: QueryDict | None = None) -> None:
        super().__init__(data)
        possible, pair = workflow.erasable_parts(target), _("%(list)s: %(value)s")
        field: Any = self.fields["parts"]
        field.choices = [
            (str(part), pair % {"list": label, "value": words})
            for part, (label, words) in zip(possible, shown_parts(target, possible), strict=True)
        ]


@admin.register(ErasureRequest)
class ErasureRequestAdmin(RequestAdmin[ErasureRequest]):
    list_display = ["pk", "about", "asked_by", "asked_at", "state", "closed_by", "closed_at"]
    confirmed = gettext_lazy("Erased.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErasureRequest]:
        rows = ErasureRequest.objects.select_related(
            "asked_by", "closed_by", "note_of__plan", "content__decision__plan", "decision"
        )
        return rows.select_related("update__commitment__plan")

    @admin.display(description=gettext_lazy("about"))
    def about(self, row: ErasureRequest) -> str:
        return target_label(row.target)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show what can be erased of a row or, once the form is submitted, save the request."""
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
                self.report(request, error)
            else:
                sentence = _("Requested. Nothing is erased until a second administrator confirms.")
                self.message_user(request, sentence, messages.SUCCESS)
                return HttpResponseRedirect(self.list_address())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Request erasure"),
            "about": target_label(target),
            "form": form,
            "back": _page_of(target),
        }
        return TemplateResponse(request, "admin/commitments/erasurerequest/ask.html", context)

    def confirm(self, row: ErasureRequest, *, by: User, at: datetime) -> object:
        return workflow.confirm_erasure(row, by=by, at=at)

    def page_of(self, row: ErasureRequest) -> dict[str, object]:
        parts = [Part.from_text(text) for text in row.parts]
        warning = _("What is erased cannot be restored. The reason is published.")
        if any(part.name == ErasablePart.FILE for part in parts):
            later = _(
                "A file that the storage cannot delete at that moment is deleted later, by the "
                "task “Delete orphaned files”, once it is two days old."
            )
            warning = join_sentences([warning, later])
        return {
            "title": _("Erasure request %(id)s") % {"id": row.pk},
            "about": target_label(row.target),
            "page": _page_of(row.target),
            "facts": shown_parts(row.target, parts),
            "time_zone": _time_zone_of(row.target),
            "confirm": _("Erase for good"),
            "warning": warning,
        }


def _page_of(target: Target) -> str:
    name = f"admin:commitments_{target._meta.model_name}_change"
    return reverse(name, args=[target.pk])


def _time_zone_of(target: Target) -> str:
    """Return the time zone of the plan that a request concerns, or that of the site if it concerns
    something that plans share."""
    if isinstance(target, ProgressUpdate):
        plan: Plan | None = target.commitment.plan
    else:
        decision = target.decision if isinstance(target, RecordedContent) else target
        plan = decision.plan
    return str(plan.time_zone if plan else staff_zone())


def _target_of(request: HttpRequest) -> Target:
    """Return the row that the address names. Raise Http404 if it names none."""
    for model, name in TARGETS.items():
        pk = whole_number(request.GET.get(name, ""))
        if pk is not None:
            row = model._default_manager.filter(pk=pk).first()
            if isinstance(row, ProgressUpdate | Decision | RecordedContent):
                return row
    raise Http404
