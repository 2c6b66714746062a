"""Errors as RFC 9457 problem details: the one place where refusals get an HTTP status."""

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
    TrackerError,
    TransitionRefused,
)
from commitments.models import ProgressUpdate

MEDIA_TYPE = "application/problem+json"
# As RFC 9110 names them; Python before 3.13 has older names.
TITLES = {413: "Content Too Large"}

# The first that fits: a subclass stands before its base.
STATUS_OF: tuple[tuple[type[TrackerError], int], ...] = (
    (NotPermitted, 403),
    (StaleRevision, 412),
    (TransitionRefused, 409),
    (DuplicateReference, 409),
    (InvalidUpdate, 400),
    (InvalidToken, 400),
    (FileTooLarge, 413),
)


class InvalidQuery(exceptions.APIException):
    """The query string has something unknown; each error names the parameter, and what is
    allowed."""

    status_code = 400

    def __init__(self, errors: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(_("The query has an unknown parameter or value."))
        self.errors = list(errors)


class NotModified(exceptions.APIException):
    """What the caller has is what there is: no error, but it ends the view as one does."""

    status_code = 304


class LengthRequired(exceptions.APIException):
    """A body that comes in pieces, without saying how long it is."""

    status_code = 411


class PreconditionRequired(exceptions.APIException):
    """A change without saying which revision it is meant for."""

    status_code = 428


def body(status: int, detail: str, errors: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The members of a problem detail; `errors` has a `pointer` or `parameter` and a `detail`."""
    found = list(errors)
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return members | ({"errors": found} if found else {})


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """For errors outside the API's views."""
    return JsonResponse(
        body(status, detail), status=status, content_type=MEDIA_TYPE, headers=headers
    )


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler."""
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
        detail = _("What was sent breaks a rule.")
    return _response(body(exc.status_code, detail, errors), exc.status_code, _headers(exc))


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    challenge, wait = getattr(exc, "auth_header", None), getattr(exc, "wait", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return headers | ({"Retry-After": str(ceil(wait))} if wait else {})


def _refusal(exc: TrackerError, context: dict[str, Any]) -> Response:
    set_rollback()
    status = next(status for kind, status in STATUS_OF if isinstance(exc, kind))
    members = body(status, str(exc), [_error(problem) for problem in exc.problems])
    headers = {}
    if isinstance(exc, DuplicateReference):
        request = context["request"]
        if ProgressUpdate.objects.visible_to(request.user).filter(pk=exc.existing.pk).exists():
            address = reverse("api:update-detail", args=[exc.existing.pk], request=request)
            members["existing"] = headers["Location"] = address
    return _response(members, status, headers)


def _response(members: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    return Response(members, status=status, headers=headers, content_type=MEDIA_TYPE)


def _error(problem: Problem) -> dict[str, str]:
    return {"pointer": problem.pointer, "detail": problem.message}


def flattened(detail: Any, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """A serializer's nested errors, each with its path."""
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
