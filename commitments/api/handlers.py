"""Django's error handlers. Under `/api/` they answer with problem details instead of HTML."""

from __future__ import annotations

import logging
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.translation import gettext as _
from django.views import csrf, defaults

from commitments.api.problems import problem_response
from commitments.db import has_no_room, is_busy

_logger = logging.getLogger(__name__)
# After which a busy database has probably finished what others asked of it.
SECONDS_UNTIL_FREE = 5


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _bad_api_request(exception)
    return defaults.bad_request(request, exception)


def _bad_api_request(exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        sentence = _(
            "The request is too large: at most %(most)s MB is allowed, not counting files."
        )
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20
        return problem_response(413, sentence % {"most": f"{most:g}"})
    if isinstance(exception, (TooManyFieldsSent, TooManyFilesSent)):
        return problem_response(400, _("The form has too many fields or files."))
    return problem_response(400, _("The request is malformed."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(403, _("You do not have permission to do this."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        if not request.path.endswith("/") and is_valid_path(f"{request.path}/"):
            sentence = _("This address does not exist: the slash at its end is missing.")
            return problem_response(404, sentence)
        return problem_response(404, _("This address does not exist."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    # Of middleware, such as that of sessions: `OutageMiddleware` sees only the errors of views.
    answer = outage_response(request, sys.exception())
    if answer is not None:
        return answer
    if _is_api(request):
        return problem_response(500, _("Something went wrong on our side; it has been logged."))
    return defaults.server_error(request)


def outage_response(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the answer to an error that is nobody's mistake: the database is busy, or a disk is
    full. None for another error."""
    if has_no_room(error):
        return no_room(request)
    return database_busy(request) if is_busy(error) else None


def no_room(request: HttpRequest) -> HttpResponse:
    """Say that nothing was saved, because a disk is full."""
    _logger.critical("A disk is full: %s %s", request.method, request.path)
    if _is_api(request):
        sentence = _("The tracker has no room left and nothing was saved. Its operator must act.")
        return problem_response(507, sentence)
    return HttpResponse(render_to_string("507.html", request=request), status=507)


def database_busy(request: HttpRequest) -> HttpResponse:
    """Say that nothing was saved and that the request can be made again in a few seconds."""
    _logger.warning("The database was busy: %s %s", request.method, request.path)
    headers = {"Retry-After": str(SECONDS_UNTIL_FREE)}
    if _is_api(request):
        sentence = _("The database is busy and nothing was saved. Try again in a few seconds.")
        return problem_response(503, sentence, headers=headers)
    page = render_to_string("503.html", request=request)
    return HttpResponse(page, status=503, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if _is_api(request):
        return problem_response(
            403, _("The CSRF token is missing or wrong: %(reason)s") % {"reason": reason}
        )
    return csrf.csrf_failure(request, reason)


def too_many_failures(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answer a sign-in attempt after too many failed ones; see `AXES_COOLOFF_TIME`."""
    headers = {"Retry-After": "900"}
    if _is_api(request):
        sentence = _("Too many failed sign-in attempts. Try again in 15 minutes.")
        return problem_response(429, sentence, headers=headers)
    page = render_to_string("429.html", request=request)
    return HttpResponse(page, status=429, headers=headers)
