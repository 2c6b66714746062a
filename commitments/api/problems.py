"""Errors as RFC 9457 problem details, and the HTTP status of each kind of refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import set_rollback

from commitments.exceptions import (
    DuplicateReference,
    FileTooLarge,
    InvalidToken,
    InvalidUpdate,
    NotPermitted,
    Problem,
    StaleRevision,
    TimeRefused,
    TrackerError,
    TransitionRefused,
)
from commitments.models import ProgressUpdate

MEDIA_TYPE = "application/problem+json"
# Names in RFC 9110 that Python has only since 3.13.
TITLES = {413: "Content Too Large"}

# The first entry that matches counts, so subclasses come first.
STATUS_OF: tuple[tuple[type[TrackerError], int], ...] = (
    (NotPermitted, 403),
    (StaleRevision, 412),
    (TransitionRefused, 409),
    (DuplicateReference, 409),
    (InvalidUpdate, 400),
    (InvalidToken, 400),
    (FileTooLarge, 413),
    (TimeRefused, 503),
)
# In seconds: a person has to look at the clock.
SECONDS_TO_RETRY = "600"


class InvalidQuery(exceptions.APIException):
    """The query contains unknown parameters or invalid values. Each error has `parameter`, `detail`
    and, for a closed list, `allowed`."""

    status_code = 400

    def __init__(self, errors: Iterable[Mapping[str, object]]) -> None:
        super().__init__(_("The query contains an unknown parameter or an invalid value."))
        self.errors = list(errors)


class NotModified(exceptions.APIException):
    """The caller's copy is current. Not an error, but raised to end the view early."""

    status_code = 304


class Withdrawn(exceptions.APIException):
    """What was at the address is gone for good; the detail says why."""

    status_code = 410


class LengthRequired(exceptions.APIException):
    """The request body has no `Content-Length`."""

    status_code = 411


class PreconditionRequired(exceptions.APIException):
    """The request has no `If-Match`."""

    status_code = 428


def problem_body(
    status: int, detail: str, errors: Iterable[Mapping[str, object]] = ()
) -> dict[str, object]:
    """Return the members of a problem detail. Each error has a `detail` and either a `pointer` or a
    `parameter`."""
    listed = list(errors)
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return members | ({"errors": listed} if listed else {})


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a problem detail as a Django response, for errors outside the API's views."""
    return JsonResponse(
        problem_body(status, detail), status=status, content_type=MEDIA_TYPE, headers=headers
    )


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response to an exception, or None for one that is not a refusal. This is REST
    framework's exception handler."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, TrackerError):
        return _refusal(exc, context)
    if isinstance(exc, NotModified):
        return Response(status=exc.status_code)
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    errors: Iterable[Mapping[str, Any]] = ()
    detail = str(exc.detail)
    if isinstance(exc, InvalidQuery):
        errors = exc.errors
    elif isinstance(exc, exceptions.ValidationError):
        errors = [_error(problem) for problem in flattened(exc.detail)]
        detail = _("The data sent is not valid.")
    return _response(problem_body(exc.status_code, detail, errors), exc.status_code, _headers(exc))


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    challenge, wait = getattr(exc, "auth_header", None), getattr(exc, "wait", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return headers | ({"Retry-After": str(ceil(wait))} if wait else {})


def _refusal(exc: TrackerError, context: Mapping[str, Any]) -> Response:
    set_rollback()
    status = next(status for kind, status in STATUS_OF if isinstance(exc, kind))
    members = problem_body(status, str(exc), [_error(problem) for problem in exc.problems])
    headers = {"Retry-After": SECONDS_TO_RETRY} if isinstance(exc, TimeRefused) else {}
    if isinstance(exc, DuplicateReference):
        request = context["request"]
        if ProgressUpdate.objects.visible_to(request.user).filter(pk=exc.existing).exists():
            address = reverse("api:update-detail", args=[exc.existing], request=request)
            members["existing"] = headers["Location"] = address
    return _response(members, status, headers)


def _response(members: dict[str, object], status: int, headers: dict[str, str]) -> Response:
    return Response(members, status=status, headers=headers, content_type=MEDIA_TYPE)


def _error(problem: Problem) -> dict[str, str]:
    return {"pointer": problem.pointer, "detail": problem.message}


def flattened(detail: object, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Yield the nested errors of a serializer, each with its path."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            step = () if key == "non_field_errors" else (key,)
            yield from flattened(value, (*path, *step))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, (dict, list))
            yield from flattened(value, (*path, index) if nested else path)
    else:
        yield Problem(path, str(detail))
