"""The reasons for which views refuse requests, apart from the errors of the domain; `problems`
turns both into responses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions

from commitments.api.problem_types import ProblemType
from commitments.choices import ErrorCode

# Raises InvalidQuery if a part of the query is invalid.
QueryCheck = Callable[[], object]


class InvalidQuery(exceptions.APIException):
    """The query contains unknown parameters or invalid values. The errors are those that
    `parameter_error` returns."""

    status_code = 400

    def __init__(self, errors: Iterable[Mapping[str, object]]) -> None:
        super().__init__(ProblemType.INVALID_QUERY.definition)
        self.errors = list(errors)


class NotModified(exceptions.APIException):
    """The caller's copy is current. Not an error, but raised to end the view early."""

    status_code = 304


class Withdrawn(exceptions.APIException):
    """What was at the address is gone for good; the detail says why."""

    status_code = 410


class UnknownPosition(exceptions.APIException):
    """The ledger does not have the link that the cursor names."""

    status_code = 410


class LengthRequired(exceptions.APIException):
    """The request body has no `Content-Length`."""

    status_code = 411


class EncodedBody(exceptions.APIException):
    """The request body is compressed or encoded in another way."""

    status_code = 415


class RangeNotSatisfiable(exceptions.APIException):
    """The file does not have the bytes that were asked for; `size` is its size."""

    status_code = 416

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class PreconditionRequired(exceptions.APIException):
    """The request has no `If-Match`."""

    status_code = 428


class KeyReused(exceptions.APIException):
    """The `Idempotency-Key` was used for another request."""

    status_code = 422


class KeyInUse(exceptions.APIException):
    """The first request with this `Idempotency-Key` is still running."""

    status_code = 409
    wait = 1


class TokenRefused(exceptions.AuthenticationFailed):
    """The access token is unknown, has expired or was revoked."""


class UnknownScheme(exceptions.AuthenticationFailed):
    """The header `Authorization` has a scheme that the view does not accept."""


class TooManyFailures(exceptions.Throttled):
    """Too many attempts to sign in have failed."""


def errors_of(checks: Iterable[QueryCheck]) -> list[Mapping[str, object]]:
    """Return the errors of all checks; for each parameter, only those of the first check that
    reports it."""
    errors: list[Mapping[str, object]] = []
    for check in checks:
        named = {error["parameter"] for error in errors}
        try:
            check()
        except InvalidQuery as refusal:
            errors += [error for error in refusal.errors if error["parameter"] not in named]
        except (exceptions.APIException, Http404):
            # The query is refused anyway.
            continue
    return errors


def parameter_error(
    name: str, detail: str, code: ErrorCode, allowed: Collection[object] | None = None
) -> dict[str, object]:
    """Return an error of a query parameter, with what is allowed if that is a closed list."""
    error: dict[str, object] = {"parameter": name, "code": code.value, "detail": detail}
    return error if allowed is None else {**error, "allowed": list(allowed)}


def repeated_parameter(name: str) -> dict[str, object]:
    """Return the error of a parameter that is given more than once and accepts one value."""
    return parameter_error(name, _("This parameter accepts only one value."), ErrorCode.REPEATED)


def empty_parameter(name: str) -> dict[str, object]:
    return parameter_error(name, _("This parameter is empty."), ErrorCode.BLANK)
