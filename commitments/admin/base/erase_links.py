"""Links to the form with which an administrator requests an erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from commitments import workflow
from commitments.access import policies
from commitments.admin.base.pages import ReadOnlyAdmin
from commitments.models import Decision, ProgressUpdate, RecordedContent

if TYPE_CHECKING:
    from commitments.roles import Person

# The query parameter that selects a row of each model on the page *Erase*.
TARGETS: dict[type[Model], str] = {
    ProgressUpdate: "update",
    Decision: "note_of",
    RecordedContent: "content",
}


def erase_url(user: Person, row: Model | None) -> str:
    """Return the address of the form for a row; "" if this person may not request an erasure, or
    nothing of the row can be erased."""
    if not isinstance(row, ProgressUpdate | Decision | RecordedContent):
        return ""
    if not policies.may_request_erasure(user) or not workflow.erasable_parts(row):
        return ""
    query = urlencode({TARGETS[type(row)]: row.pk})
    return f"{reverse('admin:commitments_erasurerequest_add')}?{query}"


class ErasableAdmin(ReadOnlyAdmin):
    """Read-only pages of rows whose content can be erased in part."""

    change_form_template = "admin/commitments/erasable_change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        context = {"erase_url": erase_url(request.user, row), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)
