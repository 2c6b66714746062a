"""Django's error handlers. Under `/api/` they answer with problem details instead of HTML."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TypedDict

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import defaults

from commitments.access.rate_limits import client_address
from commitments.accounts import visits
from commitments.api.problem_types import ProblemType
from commitments.api.problems import is_for_page, problem_response
from commitments.db import has_no_room, is_busy, outage_reason
from commitments.exceptions import CacheUnavailable, StorageUnavailable
from commitments.roles import is_staff

_logger = logging.getLogger(__name__)
# Seconds after which a busy database has probably caught up.
SECONDS_UNTIL_FREE = 5


class KeptForm(TypedDict):
    """The fields of a submitted form as (name, value), without secrets, with the names of its files
    as `LOST_FILES`; and whether it had any, which no page can keep."""

    sent: list[tuple[str, str]]
    had_files: bool


# The prefix of the fields with which a person signs in on the way of another form, which may have a
# user name or a code of its own. A page never repeats them, nor any password.
SIGN_IN_PREFIX = "sign_in"
# The names of files that a form had when it was sent first, and that it has no longer.
LOST_FILES = "lost_files"
SECRET_PREFIXES = ("csrfmiddlewaretoken", f"{SIGN_IN_PREFIX}-")


def kept_form(request: HttpRequest) -> KeptForm:
    """Return the submitted form, for a page from which it can be sent again."""
    sent = [
        (name, str(value))
        for name, values in request.POST.lists()
        if not (name.startswith(SECRET_PREFIXES) or "password" in name)
        for value in values
    ]
    files = [file for _name, several in request.FILES.lists() for file in several]
    sent += [(LOST_FILES, file.name or "") for file in files]
    return {"sent": sent, "had_files": any(name == LOST_FILES for name, _value in sent)}


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") and not is_for_page(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _bad_api_request(request, exception)
    return defaults.bad_request(request, exception)


def _bad_api_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        sentence = _(
            "The request is too large: at most %(most)s MB is allowed, not counting files."
        )
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20
        return problem_response(request, ProblemType.TOO_LARGE, sentence % {"most": f"{most:g}"})
    too_many = isinstance(exception, (TooManyFieldsSent, TooManyFilesSent))
    sentence = _("The form has too many fields or files.") if too_many else ""
    return problem_response(request, ProblemType.MALFORMED_REQUEST, sentence)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, ProblemType.NOT_PERMITTED)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        has_slash = request.path.endswith("/") or not is_valid_path(f"{request.path}/")
        found = ProblemType.NOT_FOUND if has_slash else ProblemType.MISSING_SLASH
        return problem_response(request, found)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    # An outage can also occur in middleware; `OutageMiddleware` sees only the errors of views.
    answer = outage_response(request, sys.exception())
    if answer is not None:
        return answer
    if _is_api(request):
        return problem_response(request, ProblemType.SERVER_ERROR)
    return defaults.server_error(request)


def outage_response(
    request: HttpRequest, error: BaseException | None, form: KeptForm | None = None
) -> HttpResponse | None:
    """Return the response to an outage: the database is busy, the file store or the cache cannot be
    reached, or a disk is full. None for any other error. A page keeps the form that was sent."""
    if has_no_room(error):
        return no_room(request, form)
    is_away = isinstance(error, StorageUnavailable | CacheUnavailable)
    return busy(request, error, form) if is_busy(error) or is_away else None


def no_room(request: HttpRequest, form: KeptForm | None = None) -> HttpResponse:
    """Return 507: a disk is full, and nothing was saved."""
    _logger.critical("A disk is full: %s %s", request.method, request.path)
    if _is_api(request):
        return problem_response(request, ProblemType.DISK_FULL)
    return HttpResponse(render_to_string("507.html", form, request), status=507)


def busy(
    request: HttpRequest, error: BaseException | None, form: KeptForm | None = None
) -> HttpResponse:
    """Return 503: nothing was saved, and the request can be repeated in a few seconds. The log says
    why, and the response whether it is about files: all else can be saved meanwhile."""
    _logger.warning(
        "Database, files or cache were busy: %s %s: %s",
        request.method,
        request.path,
        outage_reason(error),
    )
    headers = {"Retry-After": str(SECONDS_UNTIL_FREE)}
    of_files = isinstance(error, StorageUnavailable)
    if _is_api(request):
        sentence = _("Files cannot be stored or read at the moment, and nothing was saved.")
        detail = sentence if of_files else ""
        return problem_response(request, ProblemType.BUSY, detail, headers)
    page = render_to_string("503.html", {**(form or {}), "of_files": of_files}, request)
    return HttpResponse(page, status=503, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if _is_api(request):
        sentence = _("The CSRF token is missing or wrong: %(reason)s") % {"reason": reason}
        return problem_response(request, ProblemType.NOT_PERMITTED, sentence)
    form = kept_form(request) if _may_be_sent_again(request) else None
    return HttpResponse(render_to_string("403_csrf.html", form, request), status=403)


def _may_be_sent_again(request: HttpRequest) -> bool:
    """Return whether a form with an outdated CSRF token comes from this site, sent by somebody who
    has signed in again in another tab. Another site cannot make a browser send these headers."""
    is_own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    has_secret = any("password" in name for name in request.POST)
    return is_own and is_staff(request.user) and not has_secret


def too_many_failures(
    request: HttpRequest, response: HttpResponse | None, credentials: Mapping[str, str] | None
) -> HttpResponse:
    """Refuse a sign-in attempt after too many failed ones, with the seconds until the next one is
    accepted."""
    name = (credentials or {}).get("username", "")
    seconds = visits.seconds_locked_out(name, client_address(request), timezone.now())
    headers = {"Retry-After": str(seconds)}
    if _is_api(request):
        return problem_response(request, ProblemType.TOO_MANY_FAILURES, headers=headers)
    page = render_to_string("429.html", request=request)
    return HttpResponse(page, status=429, headers=headers)
