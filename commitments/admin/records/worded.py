"""Admin pages of objects whose wording only an amendment of the plan changes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from commitments import ledger
from commitments.access import policies
from commitments.admin.base.typed import ModelAdmin
from commitments.admin.workbench.wording import wording_address


class WordedMixin(ModelAdmin):
    """Leads curators from a part of the plan's text to the page on which its words are amended."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row: Any = kwargs.get("obj")
        if row is not None and policies.may_curate(request.user):
            subject, plan = ledger.subject_of(row), ledger.plan_of(row)
            number = getattr(row, "number", "")
            context["wording_address"] = plan and wording_address(plan, subject.type, number)
        return super().render_change_form(request, context, *args, **kwargs)
