"""The base of cards and pictures that other sites embed in their pages."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import pgettext

from commitments.models import Plan
from commitments.pages.base import PlanPage
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import on_day, time_in


class ReusedPage(PlanPage):
    """A view that other sites embed in their pages. Everybody gets the same response, so a draft
    plan is never found."""

    # How long clients may reuse a response without asking again.
    cache_control = "public, max-age=300"
    is_for_everybody = True
    # Set on every response: browsers apply the headers of a 304 as well.
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    @cached_property
    def plan(self) -> Plan:
        plans = Plan.objects.visible_to(ANONYMOUS).with_parts()
        return get_object_or_404(plans, code=self.kwargs["plan"])

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = self.policy
        return response

    def dated(self) -> str:
        """Return the day of what is shown, worded so that it stays true where it is copied."""
        values = {"day": on_day(self.day)}
        if self.clock.known_at is None:
            return pgettext("on a card or picture", "As of %(day)s") % values
        values["time"] = time_in(self.clock.known_at, self.plan.time_zone)
        sentence = pgettext("on a card or picture", "As of %(day)s, as published at %(time)s")
        return sentence % values
