"""The base of cards and pictures that others build into their own pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.functional import cached_property
from django.utils.translation import pgettext

from commitments.api import etags
from commitments.models import Plan
from commitments.pages.base import PlanPage
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import on_day, time_in

# For so long others need not ask again.
MAX_AGE_SECONDS = 300


class ReusedPage(PlanPage):
    """An address that others build into their own pages: the same for everybody, so that a draft
    is not found."""

    # Browsers apply the headers of a 304 too.
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    @cached_property
    def plan(self) -> Plan:
        plans = Plan.objects.visible_to(ANONYMOUS).with_parts()
        return get_object_or_404(plans, code=self.kwargs["plan"])

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = self.policy
        return response

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Before any data is read.
        tag = etags.collection_etag(request, self.now)
        response: HttpResponse = get_conditional_response(request, etag=tag) or self.answer()
        if response.status_code in (200, 304):
            response.headers["ETag"] = tag
            patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        return response

    def dated(self) -> str:
        """Return the day of what is shown, in words that stay true where they are copied to."""
        values = {"day": on_day(self.day)}
        if self.clock.known_at is None:
            return pgettext("on a card or picture", "As of %(day)s") % values
        values["time"] = time_in(self.clock.known_at, self.plan.time_zone)
        sentence = pgettext("on a card or picture", "As of %(day)s, as published at %(time)s")
        return sentence % values

    def answer(self) -> HttpResponse:
        """Return the response to a caller who has none, or an outdated one."""
        return super().get(self.request, *self.args, **self.kwargs)
