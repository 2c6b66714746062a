"""Errors as RFC 9457 problem details, and the HTTP status of each kind of refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import set_rollback

from commitments.api.problem_types import ProblemType, problem_address
from commitments.api.refusals import (
    EncodedBody,
    InvalidQuery,
    KeyInUse,
    KeyReused,
    LengthRequired,
    NotModified,
    PreconditionRequired,
    RangeNotSatisfiable,
    TokenRefused,
    TooManyFailures,
    UnknownPosition,
    UnknownScheme,
    Withdrawn,
)
from commitments.choices import ErrorCode, error_code
from commitments.exceptions import (
    ActionRefused,
    BeyondToken,
    DuplicateReference,
    FileTooLarge,
    InvalidInput,
    NoteRequired,
    NotPermitted,
    Problem,
    ProblemPath,
    StaleRevision,
    TimeRefused,
    TrackerError,
    UnknownUpdate,
)
from commitments.models import ProgressUpdate
from commitments.texts.lists import ITEMS, join_list

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NO_STORE = {"Cache-Control": "no-store"}

MEDIA_TYPE = "application/problem+json"
# What readers open by links of pages.
LINKED_FROM_PAGES = ("api:evidence-file",)
# In seconds: a person has to look at the clock.
SECONDS_TO_RETRY = "600"


# The first entry that matches counts, so subclasses come first.
TYPE_OF: tuple[tuple[type[Exception], ProblemType], ...] = (
    (BeyondToken, ProblemType.BEYOND_TOKEN),
    (NotPermitted, ProblemType.NOT_PERMITTED),
    (StaleRevision, ProblemType.STALE_REVISION),
    (NoteRequired, ProblemType.INVALID_DATA),
    (ActionRefused, ProblemType.NOT_POSSIBLE),
    (UnknownUpdate, ProblemType.NOT_FOUND),
    (DuplicateReference, ProblemType.DUPLICATE_REFERENCE),
    (InvalidInput, ProblemType.INVALID_DATA),
    (FileTooLarge, ProblemType.TOO_LARGE),
    (TimeRefused, ProblemType.WRONG_TIME),
    (InvalidQuery, ProblemType.INVALID_QUERY),
    (Withdrawn, ProblemType.WITHDRAWN),
    (UnknownPosition, ProblemType.UNKNOWN_POSITION),
    (LengthRequired, ProblemType.LENGTH_REQUIRED),
    (EncodedBody, ProblemType.UNSUPPORTED_MEDIA_TYPE),
    (RangeNotSatisfiable, ProblemType.RANGE_NOT_SATISFIABLE),
    (PreconditionRequired, ProblemType.PRECONDITION_REQUIRED),
    (KeyReused, ProblemType.KEY_REUSED),
    (KeyInUse, ProblemType.KEY_IN_USE),
    (TokenRefused, ProblemType.INVALID_TOKEN),
    (UnknownScheme, ProblemType.UNKNOWN_SCHEME),
    (exceptions.AuthenticationFailed, ProblemType.WRONG_PASSWORD),
    (exceptions.NotAuthenticated, ProblemType.SIGN_IN_REQUIRED),
    (exceptions.PermissionDenied, ProblemType.NOT_PERMITTED),
    (exceptions.NotFound, ProblemType.NOT_FOUND),
    (exceptions.MethodNotAllowed, ProblemType.METHOD_NOT_ALLOWED),
    (exceptions.UnsupportedMediaType, ProblemType.UNSUPPORTED_MEDIA_TYPE),
    (exceptions.ValidationError, ProblemType.INVALID_DATA),
    (exceptions.ParseError, ProblemType.MALFORMED_REQUEST),
    (TooManyFailures, ProblemType.TOO_MANY_FAILURES),
    (exceptions.Throttled, ProblemType.TOO_MANY_REQUESTS),
)
# The error code for a refusal of a whole update of a list, and the path of the key that it
# concerns.
CODE_OF: tuple[tuple[type[Exception], ErrorCode, ProblemPath], ...] = (
    (UnknownUpdate, ErrorCode.NOT_FOUND, ("id",)),
    (NotPermitted, ErrorCode.NOT_PERMITTED, ()),
    (StaleRevision, ErrorCode.STALE, ("revision",)),
    (ActionRefused, ErrorCode.NOT_POSSIBLE, ()),
)
# Errors for which the message of Django REST framework adds nothing to the type.
WORDED_BY_LIBRARY = (
    exceptions.AuthenticationFailed,
    exceptions.MethodNotAllowed,
    exceptions.Throttled,
    exceptions.ValidationError,
)
# Replacements for the messages of Django REST framework, by its error codes.
PLAIN_SENTENCES: dict[str, StrOrPromise] = {
    "required": gettext_lazy("A value is required here."),
    "null": gettext_lazy("Null is not allowed here."),
    "blank": gettext_lazy("This must not be empty."),
    "empty": gettext_lazy("The list must not be empty."),
    "not_a_list": gettext_lazy("Must be a list."),
    "not_a_dict": gettext_lazy("Must be an object."),
    "incorrect_type": gettext_lazy("Must be an ID, a whole number."),
    "does_not_exist": gettext_lazy("Nothing that you may see has this ID."),
}


def problem_body(
    request: HttpRequest,
    problem_type: ProblemType,
    detail: StrOrPromise = "",
    errors: Iterable[Mapping[str, object]] = (),
) -> dict[str, object]:
    """Return the members of a problem detail; without a `detail` of its own it says what the type
    means. Each error has a `code`, a `detail` and either a `pointer` or a `parameter`."""
    listed = list(errors)
    members: dict[str, Any] = {
        "type": problem_address(request, problem_type),
        "title": str(problem_type.label),
        "status": problem_type.status,
        "detail": str(detail or problem_type.definition),
    }
    return members | ({"errors": listed} if listed else {})


def problem_response(
    request: HttpRequest,
    problem_type: ProblemType,
    detail: StrOrPromise = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem detail as a Django response, for errors outside the API's views."""
    return JsonResponse(
        problem_body(request, problem_type, detail),
        status=problem_type.status,
        content_type=MEDIA_TYPE,
        headers={**NO_STORE, **(headers or {})},
        json_dumps_params={"ensure_ascii": False},
    )


def is_for_page(request: HttpRequest) -> bool:
    """Return whether a browser has followed a link of a page to the API: a refusal is then a page
    too."""
    found = request.resolver_match
    is_linked = found is not None and found.view_name in LINKED_FROM_PAGES
    return is_linked and "text/html" in request.headers.get("Accept", "")


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | Response | None:
    """Return the response to an exception, or None for one that is not a refusal. This is REST
    framework's exception handler."""
    if isinstance(exc, NotModified):
        return Response(status=exc.status_code)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    problem_type = _type_of(exc)
    if problem_type is None:
        return None
    set_rollback()
    request = context["request"]._request
    sentence = _sentence(exc, context["request"])
    members = problem_body(request, problem_type, sentence, _errors(exc))
    headers = _headers(exc)
    if isinstance(exc, BeyondToken):
        members |= {"scopes": list(exc.scopes), "plans": list(exc.plans)}
    if isinstance(exc, DuplicateReference):
        address = _existing(exc, context["request"])
        if address:
            members["existing"] = headers["Location"] = address
    if is_for_page(request):
        page = render_to_string("problem.html", {"problem": members}, request)
        return HttpResponse(page, status=problem_type.status, headers=headers)
    return Response(members, problem_type.status, headers=headers, content_type=MEDIA_TYPE)


def refusal_errors(
    refusal: TrackerError, path: ProblemPath, request: Request
) -> list[dict[str, str]]:
    """Return why the update at this path of a posted list was refused: an error for each problem,
    with the type of problem as which it would be answered alone."""
    problem_type = _type_of(refusal) or ProblemType.NOT_POSSIBLE
    address = problem_address(request._request, problem_type)
    problems = (
        refusal.problems
        or [
            Problem(where, str(refusal), code)
            for kind, code, where in CODE_OF
            if isinstance(refusal, kind)
        ][:1]
    )
    return [{**_error(problem.at((*path, *problem.path))), "type": address} for problem in problems]


def _type_of(exc: Exception) -> ProblemType | None:
    return next((found for kind, found in TYPE_OF if isinstance(exc, kind)), None)


def _sentence(exc: Exception, request: Request) -> str:
    """Return the message of an exception; "" if it adds nothing to its type."""
    if isinstance(exc, TrackerError):
        return str(exc)
    if type(exc) in WORDED_BY_LIBRARY:
        return ""
    if isinstance(exc, exceptions.UnsupportedMediaType):
        accepted = [parser.media_type for parser in request.parsers or ()]
        return gettext("Send the body as %(types)s.") % {"types": join_list(accepted, ITEMS)}
    detail = str(getattr(exc, "detail", ""))
    return "" if detail == str(getattr(exc, "default_detail", "")) else detail


def _errors(exc: Exception) -> Iterable[Mapping[str, object]]:
    if isinstance(exc, InvalidQuery):
        return exc.errors
    if isinstance(exc, exceptions.ValidationError):
        return [_error(problem) for problem in flattened(exc.detail)]
    return [_error(problem) for problem in getattr(exc, "problems", ())]


def _headers(exc: Exception) -> dict[str, str]:
    if isinstance(exc, TimeRefused):
        return {**NO_STORE, "Retry-After": SECONDS_TO_RETRY}
    if isinstance(exc, BeyondToken):
        needed = f', scope="{exc.needed}"' if exc.needed else ""
        return {**NO_STORE, "WWW-Authenticate": f'Bearer error="insufficient_scope"{needed}'}
    challenge, wait = getattr(exc, "auth_header", None), getattr(exc, "wait", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    if isinstance(exc, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{exc.size}"
    return NO_STORE | headers | ({"Retry-After": str(ceil(wait))} if wait else {})


def _existing(exc: DuplicateReference, request: Request) -> str | None:
    """Return the address of the update that has the reference, if the caller may see it."""
    if not ProgressUpdate.objects.visible_to(request.user).filter(pk=exc.existing or 0).exists():
        return None
    return reverse("api:update-detail", args=[exc.existing], request=request)


def _error(problem: Problem) -> dict[str, str]:
    code = problem.code or ErrorCode.MALFORMED
    return {"pointer": problem.pointer, "code": code.value, "detail": problem.message_with_codes}


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
        name = getattr(detail, "code", "")
        yield Problem(path, str(PLAIN_SENTENCES.get(name, detail)), error_code(name))
