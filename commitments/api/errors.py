"""Errors outside the API's views: under `/api/` they too are problem details, never HTML."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import csrf, defaults

from commitments.api.problems import problem_response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(400, _("The request cannot be understood."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(403, _("You may not do this."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(404, _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return problem_response(500, _("The tracker failed; the failure is logged."))
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if _is_api(request):
        return problem_response(
            403, _("The CSRF token is missing or wrong: %(reason)s") % {"reason": reason}
        )
    return csrf.csrf_failure(request, reason)


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """After too many wrong passwords; the pair of name and address opens again by itself."""
    sentence = _("Too many failed attempts to sign in. Wait a quarter of an hour.")
    if _is_api(request):
        return problem_response(429, sentence, headers={"Retry-After": "900"})
    return HttpResponse(sentence, status=429, headers={"Retry-After": "900"})
