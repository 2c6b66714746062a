"""A sentence on the lists of accounts and of requests that says who confirms changes, or why nobody
does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from commitments.accounts.words import confirmation_words
from commitments.admin.base.pages import AdministratorsAdmin
from commitments.roles import signed_in


class SaysWhoConfirms(AdministratorsAdmin):
    """A list with a sentence above it that says which changes a second administrator confirms."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        who_confirms = confirmation_words(signed_in(request.user))
        return super().changelist_view(
            request, {"who_confirms": who_confirms, **(extra_context or {})}
        )
