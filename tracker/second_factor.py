"""Whoever must have a second factor sets one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from commitments.access.second_factor import SET_ONE_UP, lacks_second_factor
from commitments.api.problems import problem_response
from commitments.roles import signed_in

# Where a session is looked at: the public pages show everybody the same.
AREAS = ("admin", "api")
ALWAYS_OPEN = ("admin:logout", "admin:jsi18n")


class SecondFactorMiddleware:
    """Keep a session out of the staff side and the API until its person has set up the second
    factor that a role of theirs asks for. Access tokens were made by somebody who had; for whoever
    came by single sign-on, it is the provider that asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if not settings.SECOND_FACTOR_ROLES or match is None or match.view_name in ALWAYS_OPEN:
            return None
        area = next(iter(match.namespaces), "")
        if area not in AREAS or not request.user.is_authenticated:
            return None
        user = signed_in(request.user)
        if _came_by_single_sign_on(request, user) or not lacks_second_factor(user):
            return None
        if area == "api":
            return problem_response(403, str(SET_ONE_UP))
        messages.warning(request, SET_ONE_UP)
        return HttpResponseRedirect(reverse("mfa_index"))


def _came_by_single_sign_on(request: HttpRequest, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record["method"] == "socialaccount" for record in records)
