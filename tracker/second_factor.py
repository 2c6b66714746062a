"""Middleware by which people whose role requires a second factor set one up before anything
else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from commitments.access.second_factor import SET_ONE_UP, must_set_one_up
from commitments.roles import ANONYMOUS, signed_in

ALWAYS_OPEN = ("admin:logout", "admin:jsi18n")


class SecondFactorMiddleware:
    """Keep a session out of the staff side until its person has set up the second factor that one
    of their roles requires; until then, pages and the API treat the session as not signed in.
    Access tokens are not affected."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        # Only the pages on which a factor is set up have no namespace.
        if not settings.SECOND_FACTOR_ROLES or match is None or not match.namespaces:
            return None
        if match.view_name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        if not must_set_one_up(request, signed_in(request.user)):
            return None
        if match.namespaces[0] == "admin":
            messages.warning(request, SET_ONE_UP)
            return HttpResponseRedirect(reverse("mfa_index"))
        request.user = ANONYMOUS
        return None
